"""The decoder and the disassembler, judged by GNU objdump and by LLVM's.

Each prints every 16-bit encoding and a sweep of the 32-bit ones, and must
agree with emu on the text and on what is no instruction at all, but for what
tastes.py excuses. And each must have been seen to agree on every row of
rv64.def that judges.py gives it to judge.
"""

import random
import re

from harness import Fail, describe

import judges
from tastes import Tastes, illegal

AS = "riscv64-unknown-elf-as"
OBJDUMP = "riscv64-unknown-elf-objdump"
LLVM_OBJDUMP = "llvm-objdump-19"
OBJDUMP_LINE = re.compile(r"^\s*([0-9a-f]+):\t[0-9a-f]+\s*\t(.*)$", re.M)
LLVM_LINE = re.compile(r"^\s*([0-9a-f]+): [0-9a-f]+\s*\t(.*)$", re.M)
SHOWN = 20  # differences that a failure lists
SEED = 64
RANDOM_WORDS = 4000  # of each major opcode
RANDOM_FILLINGS = 64  # of each row's operands

# Operands that like to go wrong: none, ra, one of x8 to x15, the top one; as
# rs2 also the small numbers that pick an operation.
PAIRS = ((0, 0), (0, 9), (9, 0), (9, 31))
SELECTORS = (0, 1, 2, 3, 4, 5, 21, 31)

MISC_MEM, OP_IMM, OP_IMM_32, AMO = 0x0f, 0x13, 0x1b, 0x2f
OP, OP_32, OP_FP, SYSTEM = 0x33, 0x3b, 0x53, 0x73
# Opcodes where rs2, or the bits it stands in, pick the operation.
PICKING = (MISC_MEM, OP_IMM, OP_IMM_32, AMO, OP, OP_32, OP_FP, SYSTEM)
# Opcodes of 32-bit encodings; bits 4 to 2 all ones begin longer ones.
MAJOR_OPCODES = [op << 2 | 3 for op in range(32) if op & 7 != 7]

HEX = re.compile(r"-?0x[0-9a-f]+")


def plain(text):
    """Without comments, symbols and tabs, numbers in decimal."""
    text = re.sub(r"\b([0-9a-f]+) <.*", r"0x\1", text)  # objdump's targets
    text = re.sub(r"\s*(#|<\.).*", "", text).replace(", ", ",")
    text = HEX.sub(lambda number: str(int(number.group(), 16)), text)
    return " ".join(text.split())


def object_of(ctx, words, size, architecture):
    """The words, one behind the other, in an object file: there an attribute
    says which extensions objdump is to read them with."""
    image = ctx.tmp / "words.bin"
    image.write_bytes(b"".join(word.to_bytes(size, "little")
                               for word in words))
    source, thing = ctx.tmp / "words.s", ctx.tmp / "words.o"
    source.write_text('.attribute arch, "%s"\n.text\n.incbin "%s"\n'
                      % (architecture, image))
    run(ctx, [AS, source, "-o", thing])
    return thing


def run(ctx, command, stdin=""):
    result = ctx.run(command, stdin)
    if result.status != 0:
        raise Fail(describe(result))
    return result.out


def texts_of(listing, line, size):
    texts = []
    for match in line.finditer(listing):
        if int(match.group(1), 16) != len(texts) * size:
            raise Fail("fell out of step at " + match.group(0))
        texts.append(plain(match.group(2)))
    return texts


def binutils(ctx, words, size):
    thing = object_of(ctx, words, size, judges.binutils_architecture())
    return texts_of(run(ctx, [OBJDUMP, "-D", "-j", ".text", "-M",
                              "no-aliases", thing]), OBJDUMP_LINE, size)


def llvm(ctx, words, size):
    thing = object_of(ctx, words, size, "rv64i")
    out = run(ctx, [LLVM_OBJDUMP, "-D", "-j", ".text", "-M", "no-aliases",
                    "--mattr=" + judges.llvm_attributes(), thing])
    return [".%dbyte %d" % (size, word) if text == "<unknown>" else text
            for word, text in zip(words, texts_of(out, LLVM_LINE, size))]


# Judge -> the command it takes, its version, what it says of words.
JUDGES = {
    "binutils": (OBJDUMP, "2.40", binutils),
    "llvm": (LLVM_OBJDUMP, "19", llvm),
}


def emu(ctx, words, size):
    lines = "".join("%x %x\n" % (i * size, word)
                    for i, word in enumerate(words))
    out = run(ctx, [ctx.build / "tests" / "isa" / "words"], lines)
    return [plain(line) for line in out.splitlines()]


def mnemonic(text):
    return re.sub(r"(\.aq|\.rl|\.aqrl)$", "", text.split()[0])


def compare(ctx, judge, words, size):
    """Fail where emu and a judge differ without reason, or a reason is never
    needed; the mnemonics that they agreed on."""
    ours = emu(ctx, words, size)
    theirs = JUDGES[judge][2](ctx, words, size)
    if not len(words) == len(ours) == len(theirs):
        raise Fail("%d words, %d lines from emu, %d from %s"
                   % (len(words), len(ours), len(theirs), judge))
    tastes, wrong, agreed = Tastes(judge, size), [], set()
    for word, a, b in zip(words, ours, theirs):
        if a == b or tastes.explain(word, a, b):
            if not illegal(b):
                agreed.add(mnemonic(a))
        else:
            wrong.append("    %0*x  emu %-34s %s %s"
                         % (2 * size, word, a, judge, b))
    if wrong:
        raise Fail("%d of %d differ\n%s" % (len(wrong), len(words),
                                            "\n".join(wrong[:SHOWN])))
    if tastes.unused():
        raise Fail("nothing to excuse with: " + "; ".join(tastes.unused()))
    return agreed


def compressed(judge):
    def check(ctx):
        """All 16-bit encodings."""
        compare(ctx, judge, [word for word in range(0x10000)
                             if word & 3 != 3], 2)
    return check


def encode(opcode, funct3, funct7, rd, rs1, rs2):
    return (funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 |
            opcode)


def neighbours():
    """Every opcode x funct3 x funct7, with operands at their corners, and
    all of rs2 where it picks the operation."""
    for opcode in MAJOR_OPCODES:
        picks = opcode in PICKING
        for funct3 in range(8):
            for funct7 in range(128):
                for rd, rs1 in PAIRS if picks else PAIRS[:1] + PAIRS[-1:]:
                    for rs2 in range(32) if picks else SELECTORS:
                        yield encode(opcode, funct3, funct7, rd, rs1, rs2)


def fillings(pattern, source):
    """The pattern with its operand bits all 0, all 1, one 1, one 0, random."""
    free = [i for i, c in enumerate(reversed(pattern)) if c == "."]
    mask = sum(1 << i for i in free)
    fixed = int(pattern.replace(".", "0"), 2)
    yield from (fixed, fixed | mask)
    for i in free:
        yield from (fixed | 1 << i, fixed | mask & ~(1 << i))
    for _ in range(RANDOM_FILLINGS):
        yield fixed | source.getrandbits(32) & mask


def sweep(rows):
    """Neighbours, every row's operands, every CSR, and random words."""
    source = random.Random(SEED)
    words = list(neighbours())
    for row in rows:
        words += fillings(row.pattern, source)
    words += [csr << 20 | 9 << 15 | funct3 << 12 | 10 << 7 | SYSTEM
              for csr in range(4096) for funct3 in (1, 6)]
    words += [source.getrandbits(25) << 7 | opcode
              for opcode in MAJOR_OPCODES for _ in range(RANDOM_WORDS)]
    return words


def words32(judge):
    def check(ctx):
        """The sweep, and that it made the judge speak of all it is to."""
        rows = judges.insn_rows(ctx.root)
        agreed = compare(ctx, judge, sweep(rows), 4)
        silent = [row.mnemonic for row in rows
                  if judge in row.judged.decoding
                  and row.mnemonic not in agreed]
        if silent:
            raise Fail("%s never agreed on %s" % (judge, ", ".join(silent)))
    return check


def longer(ctx):
    """Encodings of more than 32 bits are illegal, whatever follows."""
    source = random.Random(SEED)
    words = [source.getrandbits(25) << 7 | op << 2 | 3
             for op in (7, 15, 23, 31) for _ in range(RANDOM_WORDS)]
    legal = [text for text in emu(ctx, words, 4)
             if not text.startswith(".4byte")]
    if legal:
        raise Fail("legal: " + ", ".join(legal[:SHOWN]))


def exhaustive(ctx):
    """All 2^30 encodings of 32 bits: as many for each op as its row says."""
    ctx.expect(ctx.run([ctx.build / "tests" / "isa" / "words", "--all"]),
               out=r"^\d+ legal$")
