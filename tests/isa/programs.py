"""Random programs of RV64GC instructions, compared between emu and QEMU.

A program is a list of chunks (see runtime.S).  A chunk is a list of atoms:
one instruction, or a few that must stay together, such as an LR with its SC.
Jumps and branches go forward, to the start of an atom, so that every chunk
ends; it is run a few times with whatever it left.  A chunk's atoms depend on
its seed alone, and a shorter chunk is the beginning of a longer one: a
difference is hunted down to the atom that makes it.

By itself, `programs.py --emu build/emu --count N --seed S` compares N programs
and prints the first difference of each.
"""

import random
import re
import subprocess
import sys
from pathlib import Path

import judges

CC = "riscv64-unknown-elf-gcc"
QEMU = "qemu-system-riscv64"
ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / "tests" / "isa" / "runtime.S"

# Registers with a meaning, as in runtime.S; the others are free.
SP, BASE, POINTER, MIDDLE = 2, 8, 9, 31
BASES = (SP, BASE, MIDDLE)
FREE = [n for n in range(32) if n not in (SP, BASE, POINTER, MIDDLE)]

# What a chunk never contains: what QEMU 7.2 is not the judge of.
EXCLUDED = judges.not_in_random_programs(ROOT)
QEMU_CPU = "rv64,Zfhmin=on,svinval=on"
CSRS = (0x001, 0x002, 0x003, 0x140)  # fflags frm fcsr sscratch
ILLEGAL = ((0x0000, 2), (0x8000, 2), (0x2001, 2), (0x8002, 2), (0x9c41, 2),
           (0x00007003, 4), (0x00002063, 4), (0x101525af, 4), (0x0000707b, 4),
           (0xffffffff, 4), (0xc0001073, 4), (0x02b55553, 4))
ODDS_ILLEGAL = 0.01
ODDS_RESERVED_RM = 0.01
ODDS_FRESH = 0.05  # a new FP value: NaNs and infinities only ever spread
ODDS_EQUAL = 0.1  # both sources are one register
FARTHEST = 6  # atoms that a branch may jump over

SV39 = 8 << 60
WINDOW_MIDDLE = "0xc0001000"
ODDS_WRONG_WINDOW = 0.05
PTE_V, PTE_R, PTE_W, PTE_X, PTE_U, PTE_A = 1, 2, 4, 8, 0x10, 0x40
PTE_USUAL = 0xc7  # D A W R V

NAMES = (["x%d" % n for n in range(1, 32)] + ["f%d" % n for n in range(32)] +
         ["fcsr", "sscratch", "traps", "memory", "pte0", "pte1"])

INTEGERS = [0, 1, 2, 3, 7, 8, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7fff,
            0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
            0xffffffff7fffffff, 0xffffffff80000000, 0x7fffffffffffffff,
            0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe]
SINGLES = [0x00000000, 0x00000001, 0x007fffff, 0x00800000, 0x3f7fffff,
           0x3f800000, 0x3f800001, 0x40000000, 0x4effffff, 0x4f000000,
           0x5f000000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000,
           0x7fffffff]
DOUBLES = [0x0000000000000000, 0x0000000000000001, 0x000fffffffffffff,
           0x0010000000000000, 0x36a0000000000000, 0x380fffffc0000000,
           0x3fefffffffffffff, 0x3ff0000000000000, 0x3ff0000000000001,
           0x41dfffffffc00000, 0x41e0000000000000, 0x43e0000000000000,
           0x47efffffe0000000, 0x47efffffefffffff, 0x7fefffffffffffff,
           0x7ff0000000000000, 0x7ff0000000000001, 0x7ff8000000000000]


class Row:
    """An encoding of rv64.def."""

    def __init__(self, name, pattern, format, ext):
        bits = pattern.replace(" ", "")
        self.name, self.format, self.ext = name, format, ext
        self.size = len(bits) // 8
        self.match = int(bits.replace(".", "0"), 2)
        self.free = int(re.sub("[^.]", "0", bits).replace(".", "1"), 2)

    def fill(self, source):
        return self.match | source.getrandbits(8 * self.size) & self.free


def read_rows(root):
    text = (root / "emu" / "isa" / "rv64.def").read_text()
    found = re.findall(r'^(?:INSN|RVC)\((\w+),\s*"[^"]+",\s*"([01. ]+)",\s*'
                       r'(\w+),\s*(\w+),', text, re.M)
    return [Row(*fields) for fields in found if fields[0] not in EXCLUDED]


def put(raw, low, width, value):
    mask = (1 << width) - 1
    return raw & ~(mask << low) | (value & mask) << low


def scatter(raw, value, places):
    """Puts bits of value where `places` says: (raw bit, value bit)s."""
    for to, bit in places:
        raw = put(raw, to, 1, value >> bit)
    return raw


def spread(text):
    """'31=20:20 30=10:1': value bits hi to lo, from a raw bit downwards."""
    places = []
    for at, hi, lo in re.findall(r"(\d+)=(\d+):(\d+)", text):
        places += [(int(at) - i, int(hi) - i)
                   for i in range(int(hi) - int(lo) + 1)]
    return places


# Where formats have integer registers that may be any, and FP registers.
X_FIELDS = {
    "R": (7, 15, 20), "I": (7, 15), "LOAD": (7,), "U": (7,),
    "SHIFT": (7, 15), "UNARY": (7, 15), "CSR": (7, 15), "CSRI": (7,),
    "SFENCE": (15, 20), "PREFETCH": (15,),
    "FX": (15,), "FX_RM": (15,), "FX_EXACT": (15,), "XF": (7,),
    "XF_RM": (7,), "XFF": (7,),
}
F_FIELDS = {
    "FLOAD": (7,), "FSTORE": (20,), "FFF": (7, 15, 20),
    "FFF_RM": (7, 15, 20), "FFFF_RM": (7, 15, 20, 27), "FF_RM": (7, 15),
    "FF_EXACT": (7, 15), "FX": (7,), "FX_RM": (7,), "FX_EXACT": (7,),
    "XF": (15,), "XF_RM": (15,), "XFF": (15, 20),
}

OFFSETS = {
    "B": spread("31=12:12 30=10:5 11=4:1 7=11:11"),
    "J": spread("31=20:20 30=10:1 20=11:11 19=19:12"),
    "CB": spread("12=8:8 11=4:3 6=7:6 4=2:1 2=5:5"),
    "CJ": spread("12=11:11 11=4:4 10=9:8 8=10:10 7=6:6 6=7:7 5=3:1 2=5:5"),
    "CI_16SP": spread("12=9:9 6=4:4 5=6:6 4=8:7 2=5:5"),
    "I": spread("31=11:0"),
}


def addi(rd, rs1, value):
    return put(0x13 | rd << 7 | rs1 << 15, 20, 12, value)


class Atom:
    """Instructions that stay together: (encoding, bytes)s.  The one with
    index `jump` gets the distance to a later atom, counted from the atom's
    own instruction `origin`."""

    def __init__(self, name, *code, jump=None, origin=0, places=None, over=0):
        self.name, self.code = name, list(code)
        self.jump, self.origin = jump, origin
        self.places, self.over = places, over
        self.size = sum(size for raw, size in code)

    def encoded(self, distance):
        """The instructions, jumping `distance` from the start of the atom."""
        code = list(self.code)
        if self.jump is not None:
            raw, size = code[self.jump]
            distance -= sum(size for _, size in code[:self.origin])
            code[self.jump] = scatter(raw, distance, self.places), size
        return code


class Chunk:
    def __init__(self, rows, seed, length):
        self.source = random.Random(seed)
        self.loops = self.source.randint(1, 3)
        self.fcsr = self.source.choice((0, 0, 1, 2, 3, 4)) << 5
        self.status, self.satp_mode, self.flags = self.mode()
        # Whether an SC that would fail anyhow may trap is the hart's choice.
        # And what QEMU 7.2 lets U-mode do, it may not.
        self.rows = [row for row in rows
                     if (self.usual or not row.name.startswith("sc_")) and
                     (self.status >> 11 & 3 or row.ext != "SVINVAL")]
        self.x = [self.integer() for _ in range(31)]
        self.f = [self.floating() for _ in range(32)]
        # Few registers, so that results meet again.
        self.pool = self.source.sample(FREE, 10) + [0]
        self.f_pool = self.source.sample(range(32), 8)
        self.atoms = [self.atom() for _ in range(length)]

    def mode(self):
        """mstatus.MPP, SUM and MXR; satp's MODE; flags of two data pages."""
        s = self.source
        mpp = s.choice((0, 1, 3))
        usual = PTE_USUAL | (PTE_U if mpp == 0 else 0)
        flags = [s.choice((usual, usual, usual ^ 1 << s.randrange(8),
                           usual ^ (PTE_R | PTE_W | PTE_X),
                           s.getrandbits(8) | PTE_V,
                           usual | 1 << s.randrange(54, 64)))
                 for page in range(2)]
        # QEMU 7.2 sets A for an AMO that may read and not write.
        flags = [f if f & PTE_A else f | PTE_R | PTE_W for f in flags]
        satp_mode = s.choice((0, SV39))
        # Where it is not mapped, an access fault; in S and U-mode and Sv39
        # the data area's own address lies in the gigapage.
        translated = satp_mode == SV39 and mpp != 3
        self.window = translated ^ (s.random() < ODDS_WRONG_WINDOW)
        self.usual = self.window == translated and (
            not translated or flags == [usual, usual])
        return mpp << 11 | s.getrandbits(2) << 18, satp_mode, flags

    def integer(self):
        s = self.source
        return s.choice((s.choice(INTEGERS), s.getrandbits(64),
                         s.getrandbits(s.randint(1, 64))))

    def floating(self):
        s = self.source
        sign = s.getrandbits(1)
        boxed = 0xffffffff << 32
        return s.choice((
            s.choice(DOUBLES) | sign << 63,
            boxed | s.choice(SINGLES) | sign << 31,
            boxed | s.getrandbits(32),
            s.getrandbits(64),
            # Near one another in size, so that sums do not drown.
            sign << 63 | s.randint(1020, 1030) << 52 | s.getrandbits(52),
            boxed | sign << 31 | s.randint(124, 134) << 23 |
            s.getrandbits(23)))

    def atom(self):
        s = self.source
        if s.random() < ODDS_ILLEGAL:
            return Atom("illegal", s.choice(ILLEGAL))
        if s.random() < ODDS_FRESH:
            return self.fresh()
        row = s.choice(self.rows)
        make = getattr(self, "make_" + row.format.lower(), None)
        raw = row.fill(s)
        if make:
            return make(row, raw)
        return Atom(row.name, (self.operands(row, raw), row.size))

    def fresh(self):
        """A float or a double near 1, by way of x9."""
        s = self.source
        rd = s.choice(self.f_pool)
        sign = s.getrandbits(1) << 31
        if s.getrandbits(1):
            bits = sign | s.randint(124, 130) << 23 | s.getrandbits(23)
            return Atom("fresh", (0x37 | POINTER << 7 | bits & ~0xfff, 4),
                        (0xf0000053 | POINTER << 15 | rd << 7, 4))
        bits = sign | s.randint(1020, 1026) << 20 | s.getrandbits(20)
        return Atom("fresh", (0x37 | POINTER << 7 | bits & ~0xfff, 4),
                    (0x1013 | 32 << 20 | POINTER << 15 | POINTER << 7, 4),
                    (0xf2000053 | POINTER << 15 | rd << 7, 4))

    def rd(self):
        return self.source.choice(self.pool)

    def rs(self):
        return self.source.choice(self.pool + list(BASES))

    def over(self):
        return self.source.randint(1, FARTHEST)

    def operands(self, row, raw):
        """Registers and rounding mode of an instruction like most."""
        if row.size == 2:
            return self.compressed_operands(row, raw)
        format = row.format
        for low in X_FIELDS.get(format, ()):
            raw = put(raw, low, 5, self.rs() if low > 7 else self.rd())
        for low in F_FIELDS.get(format, ()):
            raw = put(raw, low, 5, self.source.choice(self.f_pool))
        fields = X_FIELDS.get(format, ()) + F_FIELDS.get(format, ())
        if 20 in fields and self.source.random() < ODDS_EQUAL:
            raw = put(raw, 20, 5, raw >> 15)
        if format in ("LOAD", "FLOAD"):
            raw = put(raw, 15, 5, self.source.choice(BASES))
        if format.endswith(("_RM", "_EXACT")):
            raw = put(raw, 12, 3, self.rounding_mode())
        if format in ("CSR", "CSRI"):
            raw = put(raw, 20, 12, self.source.choice(CSRS))
        return raw

    def rounding_mode(self):
        s = self.source
        if s.random() < ODDS_RESERVED_RM:
            return s.choice((5, 6))
        return s.choice((0, 1, 2, 3, 4, 7, 7, 7))

    def compressed_operands(self, row, raw):
        s, format = self.source, row.format
        if format.startswith(("CL", "CS_")):
            raw = put(raw, 7, 3, BASE - 8)
        if format in ("CIW", "CL_W", "CL_D"):
            raw = put(raw, 2, 3, s.randint(2, 7))
        if format in ("CB_SHIFT", "CB_ANDI", "CA"):
            raw = put(raw, 7, 3, s.randint(2, 7))
        if format in ("CI", "CI_LI", "CI_LUI", "CI_SLLI", "CI_LWSP",
                      "CI_LDSP", "CR_MV", "CR_ADD"):
            raw = put(raw, 7, 5, self.rd())
        if format in ("CR_MV", "CR_ADD"):
            raw = put(raw, 2, 5, s.choice([n for n in self.pool if n]))
        return raw

    def make_store(self, row, raw):
        source = self.rs() if row.format == "STORE" else (
            self.source.choice(self.f_pool))
        raw = put(put(raw, 15, 5, self.source.choice(BASES)), 20, 5, source)
        return Atom(row.name, (raw, 4))

    make_fstore = make_store

    def make_b(self, row, raw):
        raw = put(put(raw, 15, 5, self.rs()), 20, 5, self.rs())
        return Atom(row.name, (raw, 4), jump=0, places=OFFSETS["B"],
                    over=self.over())

    def make_j(self, row, raw):
        raw = put(raw, 7, 5, self.rd())
        return Atom(row.name, (raw, 4), jump=0, places=OFFSETS["J"],
                    over=self.over())

    def make_cb(self, row, raw):
        return Atom(row.name, (raw, 2), jump=0, places=OFFSETS["CB"],
                    over=self.over())

    def make_cj(self, row, raw):
        return Atom(row.name, (raw, 2), jump=0, places=OFFSETS["CJ"],
                    over=self.over())

    def make_jalr(self, row, raw):
        """auipc x9, 0; jalr rd, distance(x9)"""
        raw = put(put(raw, 7, 5, self.rd()), 15, 5, POINTER)
        return Atom(row.name, (0x17 | POINTER << 7, 4), (raw, 4), jump=1,
                    places=OFFSETS["I"], over=self.over())

    def make_cr_jr(self, row, raw):
        """auipc x9, 0; addi x9, x9, distance; c.jr x9"""
        return Atom(row.name, (0x17 | POINTER << 7, 4),
                    (addi(POINTER, POINTER, 0), 4),
                    (put(raw, 7, 5, POINTER), 2), jump=1,
                    places=OFFSETS["I"], over=self.over())

    make_cr_jalr = make_cr_jr

    def make_ci_16sp(self, row, raw):
        """There and back."""
        step = self.source.randint(1, 31) * self.source.choice((-16, 16))
        code = [(scatter(raw, value, OFFSETS["CI_16SP"]), 2)
                for value in (step, -step)]
        load = next(r for r in self.rows if r.name == "c_ldsp")
        between = self.compressed_operands(load, load.fill(self.source))
        return Atom(row.name, code[0], (between, 2), code[1])

    def point(self, row):
        """addi x9, x31, somewhere aligned: QEMU 7.2 says load misaligned for
        an AMO and nothing for an SC without reservation (suite.py)."""
        align = 8 if row.name.endswith("_d") else 4
        value = self.source.randint(-2048 // align, 2040 // align) * align
        return addi(POINTER, MIDDLE, value), 4

    def make_amo(self, row, raw):
        raw = put(put(raw, 7, 5, self.rd()), 15, 5, POINTER)
        return Atom(row.name, self.point(row), (put(raw, 20, 5, self.rs()), 4))

    def make_lr(self, row, raw):
        """A reservation is used at once: what else ends it is the hart's."""
        raw = put(put(raw, 7, 5, self.rd()), 15, 5, POINTER)
        store = next((r for r in self.rows
                      if r.name == row.name.replace("lr", "sc")), None)
        if not store:
            return Atom(row.name, self.point(row), (raw, 4))
        sc = put(store.fill(self.source), 7, 5, self.rd())
        sc = put(put(sc, 15, 5, POINTER), 20, 5, self.rs())
        return Atom(row.name, self.point(row), (raw, 4), (sc, 4))

    def encoded(self):
        """The whole code: (encoding, bytes)s."""
        code = []
        for i, atom in enumerate(self.atoms):
            over = self.atoms[i:i + 1 + atom.over]
            code += atom.encoded(sum(a.size for a in over))
        return code


def assembler(chunks):
    """The program's text, to go behind runtime.S."""
    lines = ["        .text"]
    for i, chunk in enumerate(chunks):
        lines += ["        .balign 2", "chunk%d:" % i]
        lines += ["        .%dbyte 0x%x" % (size, raw)
                  for raw, size in chunk.encoded()]
        lines += ["        .option push", "        .option norvc",
                  "        j       end_chunk", "        .option pop"]
    lines += ["        .data", "        .balign 8", "chunks:"]
    for i, chunk in enumerate(chunks):
        words = ["0x%x" % value for value in
                 [chunk.loops, chunk.fcsr, chunk.status, chunk.satp_mode] +
                 chunk.flags + chunk.x + chunk.f]
        words.insert(4, WINDOW_MIDDLE if chunk.window else "data_middle")
        words.insert(0, "chunk%d" % i)
        lines += ["        .dword " + ", ".join(words)]
    return "\n".join(lines + ["        .dword 0", ""])


def link(source, image):
    """An M-mode image at the start of RAM."""
    subprocess.run([CC, "-march=rv64gc", "-mabi=lp64d", "-mcmodel=medany",
                    "-nostdlib", "-static", "-Wl,-N,--build-id=none",
                    "-Wl,--no-warn-rwx-segments", "-Wl,-Ttext=0x80000000",
                    "-o", str(image), str(source)], check=True)


class Comparison:
    """Builds programs in a folder and runs them on both machines.  run is
    called with a command and returns (exit status, standard output)."""

    def __init__(self, root, folder, emu, run):
        self.rows = read_rows(root)
        self.folder, self.run = folder, run
        self.commands = [list(emu) + ["-bios", "none", "-kernel"],
                         [QEMU, "-M", "virt", "-nographic", "-no-reboot",
                          "-cpu", QEMU_CPU, "-bios", "none", "-kernel"]]

    def build(self, chunks):
        source = self.folder / "program.S"
        image = self.folder / "program.elf"
        source.write_text(RUNTIME.read_text() + assembler(chunks))
        link(source, image)
        return image

    def outputs(self, chunks):
        """Per machine: exit status, and a list of words for each chunk."""
        image = self.build(chunks)
        results = []
        for command in self.commands:
            status, out = self.run([str(c) for c in command] + [str(image)])
            results.append((status, [line.split() for line in
                                     out.replace("\r", "").splitlines()]))
        return results

    def same(self, chunk):
        ours, theirs = self.outputs([chunk])
        return ours == theirs

    def compare(self, seed, chunks, length):
        """None, or what differs in the program of this seed."""
        seeds = ["%s.%d" % (seed, i) for i in range(chunks)]
        ours, theirs = self.outputs([Chunk(self.rows, s, length)
                                     for s in seeds])
        if theirs[0] != 0 or len(theirs[1]) != chunks:
            return "QEMU: status %s after %d chunks" % (theirs[0],
                                                        len(theirs[1]))
        for i, words in enumerate(theirs[1]):
            if ours[1][i:i + 1] != [words]:
                return self.hunt(seeds[i], length)
        if ours[0] != 0:
            return "emu: status %s" % ours[0]
        return None

    def hunt(self, seed, length):
        """The shortest beginning of a chunk that differs, and how."""
        same, differs = -1, length
        while differs - same > 1:
            middle = (same + differs) // 2
            if self.same(Chunk(self.rows, seed, middle)):
                same = middle
            else:
                differs = middle
        chunk = Chunk(self.rows, seed, differs)
        ours, theirs = self.outputs([chunk])
        text = "chunk %s, %d atoms, %d loops" % (seed, differs, chunk.loops)
        text += ", mode %d, %s, pages %x %x" % (
            chunk.status >> 11 & 3, "Sv39" if chunk.satp_mode else "bare",
            *chunk.flags)
        if chunk.atoms:
            last = chunk.encoded()[-len(chunk.atoms[-1].code):]
            text += ", the last: %s %s" % (
                chunk.atoms[-1].name,
                " ".join("%0*x" % (2 * size, raw) for raw, size in last))
        if ours[0] != theirs[0] or len(ours[1]) != 1:
            return text + "\n    status %s, QEMU %s, %d lines" % (
                ours[0], theirs[0], len(ours[1]))
        for name, a, b in zip(NAMES, ours[1][0], theirs[1][0]):
            if a != b:
                text += "\n    %-8s %s, QEMU %s" % (name, a, b)
        return text

    def coverage(self, seed, chunks, length):
        """How often each row stands in the program."""
        count = dict.fromkeys((row.name for row in self.rows), 0)
        count.update(illegal=0, fresh=0)
        for i in range(chunks):
            for atom in Chunk(self.rows, "%s.%d" % (seed, i), length).atoms:
                count[atom.name] += 1
        return count


def main():
    import argparse
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--emu", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--chunks", type=int, default=64)
    parser.add_argument("--length", type=int, default=200)
    options = parser.parse_args()

    def run(command):
        result = subprocess.run(command, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, timeout=60)
        return result.returncode, result.stdout.decode("latin-1")

    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(RUNTIME.parents[2], Path(folder),
                                [options.emu], run)
        for seed in range(options.seed, options.seed + options.count):
            difference = comparison.compare(seed, options.chunks,
                                            options.length)
            if difference:
                print(difference, flush=True)
                failed += 1
    print("%d programs, %d differ" % (options.count, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
