"""Random programs in a straight line: integers, floating point, loads, stores
and atomics in M-mode, with nothing in them that traps or jumps.

The generator of tests/isa does far more; its programs compare what is left in
the end, and are made for that.  Here every step is looked at.
"""

import random
import struct

import elf

DATA = elf.RAM + 0x8000     # a page of it; x31 points to its middle
BASE = 31
FFLAGS, FRM = 1, 2
# Opcode, and the (funct3, funct7) that it has.
INTEGER = {
    0x33: [(f3, f7) for f7 in (0, 1) for f3 in range(8)]
    + [(0, 0x20), (5, 0x20)],
    0x3b: [(0, 0), (1, 0), (5, 0), (0, 0x20), (5, 0x20), (0, 1), (4, 1),
           (5, 1), (6, 1), (7, 1)],
}
IMMEDIATE = [0, 2, 3, 4, 6, 7]          # funct3 of 0x13
# funct7 without its low bit, which says double, and a rounding mode.
FP_ROUNDED = [0x00, 0x04, 0x08, 0x0c]
FP_PLAIN = [(0x10, 0), (0x10, 1), (0x10, 2), (0x14, 0), (0x14, 1)]
FP_COMPARE = [0, 1, 2]                  # funct3 of 0x50
FP_FUSED = [0x43, 0x47, 0x4b, 0x4f]
ROUNDING = [0, 1, 2, 3, 4, 7]
AMOS = [0x00, 0x04, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70]


def r_type(opcode, rd, f3, rs1, rs2, f7):
    return f7 << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | rd << 7 | opcode


def i_type(opcode, rd, f3, rs1, imm):
    return (imm & 0xfff) << 20 | rs1 << 15 | f3 << 12 | rd << 7 | opcode


def s_type(opcode, f3, rs1, rs2, imm):
    return ((imm & 0xfe0) << 20 | rs2 << 20 | rs1 << 15 | f3 << 12
            | (imm & 0x1f) << 7 | opcode)


class Source:
    def __init__(self, seed):
        self.random = random.Random("straight %d" % seed)

    def x(self):
        """A register that may be written."""
        return self.random.randrange(31)

    def f(self):
        return self.random.randrange(32)

    def integer(self):
        opcode = self.random.choice(sorted(INTEGER))
        f3, f7 = self.random.choice(INTEGER[opcode])
        return r_type(opcode, self.x(), f3, self.x(), self.x(), f7)

    def immediate(self):
        return i_type(0x13, self.x(), self.random.choice(IMMEDIATE), self.x(),
                      self.random.getrandbits(12))

    def floating(self):
        pick, double = self.random.choice, self.random.getrandbits(1)
        rm = pick(ROUNDING)
        kind = self.random.randrange(8)
        if kind < 2:
            return r_type(0x53, self.f(), rm, self.f(), self.f(),
                          pick(FP_ROUNDED) | double)
        if kind == 2:
            f7, f3 = pick(FP_PLAIN)
            return r_type(0x53, self.f(), f3, self.f(), self.f(), f7 | double)
        if kind == 3:   # compare, class
            if self.random.getrandbits(1):
                return r_type(0x53, self.x(), 1, self.f(), 0, 0x70 | double)
            return r_type(0x53, self.x(), pick(FP_COMPARE), self.f(),
                          self.f(), 0x50 | double)
        if kind == 4:   # to integers and from them
            if self.random.getrandbits(1):
                return r_type(0x53, self.x(), rm, self.f(), pick(range(4)),
                              0x60 | double)
            return r_type(0x53, self.f(), rm, self.x(), pick(range(4)),
                          0x68 | double)
        if kind == 5:   # bits, and between the formats
            return pick([
                r_type(0x53, self.x(), 0, self.f(), 0, 0x70 | double),
                r_type(0x53, self.f(), 0, self.x(), 0, 0x78 | double),
                r_type(0x53, self.f(), rm, self.f(), 1 - double,
                       0x20 | double),
                r_type(0x53, self.f(), rm, self.f(), 0, 0x2c | double)])
        return r_type(pick(FP_FUSED), self.f(), rm, self.f(), self.f(),
                      self.f() << 2 | double)

    def memory(self):
        offset = self.random.randrange(-1024, 1024)
        kind = self.random.randrange(5)
        if kind == 0:
            return i_type(0x03, self.x(), self.random.randrange(7), BASE,
                          offset)
        if kind == 1:
            return s_type(0x23, self.random.randrange(4), BASE, self.x(),
                          offset)
        if kind == 2:
            return i_type(0x07, self.f(), 2 + self.random.getrandbits(1),
                          BASE, offset)
        if kind == 3:
            return s_type(0x27, 2 + self.random.getrandbits(1), BASE,
                          self.f(), offset)
        return r_type(0x2f, self.x(), 2 + self.random.getrandbits(1), BASE,
                      self.x(), self.random.choice(AMOS))

    def csr(self):
        """The flags and the rounding mode, so that they are seen."""
        if self.random.getrandbits(1):
            return i_type(0x73, self.x(), 1, self.x(), FFLAGS)
        return i_type(0x73, self.x(), 5, self.random.randrange(5), FRM)

    def instruction(self):
        return self.random.choices(
            [self.integer, self.immediate, self.floating, self.memory,
             self.csr], [25, 15, 35, 20, 5])[0]()


def program(seed, length):
    """An ELF file: registers get values, then so many instructions."""
    source = Source(seed)
    code = [DATA - elf.RAM | BASE << 7 | 0x17,
            i_type(0x13, BASE, 0, BASE, 0x7ff),
            i_type(0x13, BASE, 0, BASE, 1),
            0x00006137,         # lui x2, 6: FS
            0x30012073]         # csrs mstatus, x2
    code += [i_type(0x07, n, 3, BASE, 8 * n - 1024) for n in range(32)]
    code += [i_type(0x03, n, 3, BASE, 8 * n - 512) for n in range(31)]
    code += [source.instruction() for _ in range(length - len(code))]
    code = elf.words(code + elf.exit_pass())
    data = b"".join(value(source.random) for _ in range(512))
    return elf.elf(code.ljust(DATA - elf.RAM, b"\0") + data)


def value(source):
    """Eight bytes: anything, a double or two singles of a size to meet."""
    kind = source.randrange(4)
    if kind == 0:
        return source.getrandbits(64).to_bytes(8, "little")
    if kind == 1:
        return struct.pack("<d", source.uniform(-1, 1) * 10.0
                           ** source.randrange(-20, 20))
    if kind == 2:
        return struct.pack("<fI", source.uniform(-1000, 1000), 0xffffffff)
    return source.choice([0, 1, 1 << 63, 0x7ff0 << 48, 0x7ff8 << 48,
                          (1 << 64) - 1, 0x7f800000 | 0xffffffff << 32]
                         ).to_bytes(8, "little")
