"""The decoder and the disassembler against GNU objdump, the interpreter
against QEMU.

objdump and emu print every 16-bit encoding and a sweep of the 32-bit ones,
and must agree on the text and on what is no instruction at all.  Where they
differ, the difference stands in TASTE with its reason, and nowhere else; a
reason that excuses nothing fails, too.

Random programs (programs.py), in each mode, with and without translation,
must leave the same state on emu and on QEMU.  What QEMU 7.2 does wrong is not
in them, or masked by runtime.S, which says so; the alignment of AMOs has a
test of its own: a misaligned AMO is a load to QEMU, and a misaligned SC
without a reservation just fails, both against "A Extension".
"""

import random
import re
import shutil
import sys
from pathlib import Path

from harness import ENGINES, Fail, Skip, Test, describe

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import programs  # noqa

AS = "riscv64-unknown-elf-as"
OBJDUMP = "riscv64-unknown-elf-objdump"
ARCHITECTURE = ("rv64gc_zicbom_zicbop_zicboz_zihintpause_zfhmin"
                "_zba_zbb_zbc_zbs_svinval")
LINE = re.compile(r"^\s*([0-9a-f]+):\t[0-9a-f]+\s*\t(.*)$")
SHOWN = 20  # differences that a failure lists
SEED = 64
RANDOM_WORDS = 4000  # of each major opcode
RANDOM_FILLINGS = 64  # of each row's operands

# Operands that like to go wrong: none, ra, one of x8 to x15, the top one; as
# rs2 also the small numbers that pick an operation.
PAIRS = ((0, 0), (0, 9), (9, 0), (9, 31))
SELECTORS = (0, 1, 2, 3, 4, 5, 21, 31)

MISC_MEM, AMO, OP_FP, SYSTEM = 0x0f, 0x2f, 0x53, 0x73
# Those of 32-bit encodings; bits 4 to 2 all ones begin longer ones.
MAJOR_OPCODES = [op << 2 | 3 for op in range(32) if op & 7 != 7]

# CSRs that binutils 2.40 is too old to name.
YOUNG_CSRS = {"scountinhibit", "mcyclecfg", "minstretcfg", "mnscratch",
              "mnepc", "mncause", "mnstatus"}
# CSRs it names and csr.def does not: RV32's upper halves, vectors, the
# advanced interrupt architecture, entropy, a name that debug 1.0 dropped.
FOREIGN_CSR = re.compile(
    r"(?!.*scratch).*h|pmpcfg\d*[13579]|v(start|xsat|xrm|csr|l|type|lenb)"
    r"|(vs|[ms])(iselect|ireg|topei|topi)|[mh]vien|mvip|hvictl|hviprio[12]"
    r"|seed|mscontext")


def rows(definitions, kind):
    """The patterns of the INSN or RVC rows of rv64.def, without blanks."""
    found = re.findall(r'^%s\(\w+,\s*"[^"]+",\s*"([01. ]+)"' % kind,
                       definitions, re.M)
    return [pattern.replace(" ", "") for pattern in found]


def csr_of(text):
    match = re.match(r"csrr\w+ \w+,(\w+),\w+$", text)
    return match and match.group(1)


def csr_name_differs(word, ours, theirs):
    a, b = csr_of(ours), csr_of(theirs)
    if not a or not b or ours.replace(a, b, 1) != theirs:
        return False
    number = "0x%x" % (word >> 20)
    return (a in YOUNG_CSRS and b == number or
            a == number and bool(FOREIGN_CSR.fullmatch(b)))


def hint_shift(word, ours, theirs):
    match = re.fullmatch(r"c\.(slli|srli|srai)64 (\w+)", theirs)
    return match and ours == "c.%s %s,0x0" % match.groups()


# (encoding size, reason, whether it explains this difference)
TASTE = [
    (2, "0x0000 is the defined illegal instruction; binutils names it",
     lambda word, ours, theirs:
         word == 0 and theirs == "c.unimp"),
    (2, "C.NOP is its name in the specification",
     lambda word, ours, theirs:
         word == 1 and (ours, theirs) == ("c.nop", "c.addi zero,0")),
    (2, "shifts by 0 are HINTs on RV64, their names belong to RV128",
     hint_shift),
    (2, "C.ADDI16SP: 'the code point with nzimm=0 is reserved'",
     lambda word, ours, theirs:
         word == 0x6101 and ours == ".2byte 0x6101"),
    (4, "FENCE: 'implementations shall ignore' rd, rs1 and unknown fm",
     lambda word, ours, theirs:
         word & 0x707f == MISC_MEM and word & 0xf00f8f80 and
         ours.startswith("fence ") and theirs.startswith(".4byte")),
    (4, "FENCE.TSO is FENCE RW,RW with fm=8",
     lambda word, ours, theirs:
         (ours, theirs) == ("fence rw,rw", "fence.tso")),
    (4, "FENCE.I: 'implementations shall ignore' imm, rs1 and rd",
     lambda word, ours, theirs:
         word & 0x707f == MISC_MEM | 1 << 12 and word >> 15 | word & 0xf80 and
         ours == "fence.i" and theirs.startswith(".4byte")),
    (4, "Svinval's instructions for hypervisors, which there are none of",
     lambda word, ours, theirs:
         ours.startswith(".4byte") and theirs.startswith("hinval.")),
    (4, "rounding modes 5 and 6 are reserved",
     lambda word, ours, theirs:
         word >> 12 & 7 in (5, 6) and theirs.endswith(",unknown") and
         ours.startswith(".4byte")),
    (4, "exact conversions have a rounding mode, which binutils wants to be 0",
     lambda word, ours, theirs:
         word >> 12 & 7 in (1, 2, 3, 4, 7) and theirs.startswith(".4byte") and
         re.match(r"fcvt\.(d\.(s|w|wu|h)|s\.h) ", ours)),
    (4, "instructions of withdrawn drafts and of debug mode",
     lambda word, ours, theirs:
         ours.startswith(".4byte") and
         theirs.split()[0] in ("uret", "hret", "dret", "sfence.vm")),
    (4, "unimp is a CSRRW to a read-only CSR; run time finds it illegal",
     lambda word, ours, theirs:
         (ours, theirs) == ("csrrw zero,cycle,zero", "unimp")),
    (4, "CSR names younger than binutils 2.40, or not an RV64GC hart's",
     csr_name_differs),
]


def plain(text):
    """objdump's text without its comments, symbols and tabs."""
    text = re.sub(r"\b([0-9a-f]+) <.*", r"0x\1", text)  # a jump's target
    text = re.sub(r"\s+(#|<).*", "", text)
    return re.sub(r"\s+", " ", text).strip()


def objdump(ctx, words, size):
    """What binutils says of the words, which lie one behind the other."""
    image = ctx.tmp / "words.bin"
    image.write_bytes(b"".join(word.to_bytes(size, "little")
                               for word in words))
    # In an object file, since only there an attribute says which extensions
    # the words are to be read with.
    source, thing = ctx.tmp / "words.s", ctx.tmp / "words.o"
    source.write_text('.attribute arch, "%s"\n.text\n.incbin "%s"\n'
                      % (ARCHITECTURE, image))
    result = ctx.run([AS, source, "-o", thing])
    if result.status == 0:
        result = ctx.run([OBJDUMP, "-D", "-j", ".text", "-M", "no-aliases",
                          thing])
    if result.status != 0:
        raise Fail(describe(result))
    texts = []
    for match in filter(None, map(LINE.match, result.out.splitlines())):
        if int(match.group(1), 16) != len(texts) * size:
            raise Fail("objdump fell out of step at " + match.group(0))
        texts.append(plain(match.group(2)))
    return texts


def emu(ctx, words, size):
    lines = "".join("%x %x\n" % (i * size, word)
                    for i, word in enumerate(words))
    result = ctx.run([ctx.build / "tests" / "isa" / "words"], lines)
    if result.status != 0:
        raise Fail(describe(result))
    return result.out.splitlines()


def compare(ctx, words, size):
    """Fail where the two differ without reason; returns the reasons used."""
    ours, theirs = emu(ctx, words, size), objdump(ctx, words, size)
    if not len(words) == len(ours) == len(theirs):
        raise Fail("%d words, %d lines from emu, %d from objdump"
                   % (len(words), len(ours), len(theirs)))
    wrong, used = [], set()
    for word, a, b in zip(words, ours, theirs):
        if a != b:
            reasons = [reason for taste_size, reason, explains in TASTE
                       if taste_size == size and explains(word, a, b)]
            used.update(reasons)
            if not reasons:
                wrong.append("    %0*x  emu %-34s objdump %s"
                             % (2 * size, word, a, b))
    if wrong:
        raise Fail("%d of %d differ\n%s" % (len(wrong), len(words),
                                            "\n".join(wrong[:SHOWN])))
    return used


def expect_all_used(used, size):
    unused = [reason for taste_size, reason, explains in TASTE
              if taste_size == size and reason not in used]
    if unused:
        raise Fail("nothing to excuse with: " + "; ".join(unused))


def compressed(ctx):
    """All 16-bit encodings."""
    words = [word for word in range(0x10000) if word & 3 != 3]
    expect_all_used(compare(ctx, words, 2), 2)


def encode(opcode, funct3, funct7, rd, rs1, rs2):
    return (funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 |
            opcode)


def neighbours():
    """Every opcode x funct3 x funct7, with operands at their corners, and
    all of rs2 where it picks the operation."""
    for opcode in MAJOR_OPCODES:
        picks = opcode in (OP_FP, SYSTEM, AMO, MISC_MEM)
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


def words32(ctx):
    """Neighbours, every row's operands, every CSR, and random words."""
    source = random.Random(SEED)
    definitions = (ctx.root / "emu" / "isa" / "rv64.def").read_text()
    patterns = rows(definitions, "INSN")
    if len(patterns) < 100 or set(map(len, patterns)) != {32}:
        raise Fail("rv64.def is not what this test can read")
    words = list(neighbours())
    for pattern in patterns:
        words += fillings(pattern, source)
    words += [csr << 20 | 9 << 15 | funct3 << 12 | 10 << 7 | SYSTEM
              for csr in range(4096) for funct3 in (1, 6)]
    words += [source.getrandbits(25) << 7 | opcode
              for opcode in MAJOR_OPCODES for _ in range(RANDOM_WORDS)]
    expect_all_used(compare(ctx, words, 4), 4)


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


PROGRAMS, CHUNKS, CHUNK_LENGTH = 12, 64, 200
ROW_AT_LEAST = 200  # times that the programs contain each row


def comparison(ctx, emu):
    def run_guest(command):
        result = ctx.run(command, timeout=30)
        return result.status, result.out
    return programs.Comparison(ctx.root, ctx.tmp, emu, run_guest)


def same_as_qemu(ctx):
    """Random programs leave the same state on both."""
    both = comparison(ctx, [ctx.build / "emu"] + ENGINES[ctx.engine])
    found = [both.compare(seed, CHUNKS, CHUNK_LENGTH)
             for seed in range(PROGRAMS)]
    found = [difference for difference in found if difference]
    if found:
        raise Fail("%d of %d programs differ\n%s"
                   % (len(found), PROGRAMS, "\n".join(found)))


def every_row_is_in(ctx):
    """The programs contain each row of rv64.def, often."""
    total = {}
    both = comparison(ctx, [])
    for seed in range(PROGRAMS):
        for name, n in both.coverage(seed, CHUNKS, CHUNK_LENGTH).items():
            total[name] = total.get(name, 0) + n
    rare = {name: n for name, n in total.items() if n < ROW_AT_LEAST}
    if rare or len(total) < 100:
        raise Fail("%d rows; seldom: %s" % (len(total), rare))


def difference_is_found(ctx):
    """A machine without A is told from one with it, and by what."""
    both = comparison(ctx, [programs.QEMU, "-M", "virt", "-nographic",
                            "-no-reboot", "-cpu", programs.QEMU_CPU + ",g=off,a=off"])
    found = both.compare(0, 2, CHUNK_LENGTH)
    if not found or not re.search(r"the last: (amo|lr_|sc_)\w+ ", found):
        raise Fail("found: %s" % found)


def misaligned(ctx):
    """LR, SC and AMOs trap with the cause the specification says."""
    image = ctx.tmp / "misaligned.elf"
    programs.link(HERE / "misaligned.S", image)
    ctx.expect(ctx.emu(["-bios", "none", "-kernel", image]), status=0)


def needs(*tools):
    """Skip the test where a tool is missing."""
    def wrap(check):
        def run(ctx):
            missing = [tool for tool in tools if not shutil.which(tool)]
            if missing:
                raise Skip("no " + ", ".join(missing))
            check(ctx)
        return run
    return wrap


def measured_by(tool, version):
    """Skip the test where the tool it compares with is another version: it
    knows other instructions, or spells them differently."""
    def wrap(check):
        def run(ctx):
            first = ctx.run([tool, "--version"]).out.split("\n")[0]
            if not re.search(r"\b%s\b" % re.escape(version), first):
                raise Skip("not version %s: %s" % (version, first))
            check(ctx)
        return needs(tool)(run)
    return wrap


def tests(ctx):
    cc = needs(programs.CC)
    by_objdump = measured_by(OBJDUMP, "2.40")
    by_qemu = measured_by(programs.QEMU, "7.2")
    yield Test("compressed", by_objdump(compressed))
    yield Test("words", by_objdump(words32), timeout=180)
    yield Test("longer", longer)
    yield Test("exhaustive", exhaustive, timeout=300)
    yield Test("random", cc(by_qemu(same_as_qemu)), timeout=300)
    yield Test("random-coverage", every_row_is_in)
    yield Test("random-finds", cc(by_qemu(difference_is_found)))
    yield Test("misaligned", cc(misaligned))
