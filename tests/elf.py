"""Small RISC-V programs as ELF files, without a compiler.

    elf(code, base=RAM)        an executable of one segment, entered at base;
                               symbols={"name": value} for its symbol table
    words(hello("hi"), exit_pass())   instructions, joined

For the suites that test how emu treats its input: what they need is a byte
that is wrong in a known place, not a compiler.
"""

import struct

RAM = 0x80000000
UART, FINISHER = 0x10000000, 0x100000
X86_64, RISCV = 62, 243
ZERO, RA, SP, T0, T1, A0, A1, A2 = 0, 1, 2, 5, 6, 10, 11, 12


def lui(rd, upper):
    return (upper & 0xfffff) << 12 | rd << 7 | 0x37


def addi(rd, rs1, imm):
    return (imm & 0xfff) << 20 | rs1 << 15 | rd << 7 | 0x13


def slli(rd, rs1, shamt):
    return shamt << 20 | rs1 << 15 | 1 << 12 | rd << 7 | 0x13


def store(width, rs2, rs1, imm=0):
    funct3 = {1: 0, 2: 1, 4: 2, 8: 3}[width]
    return ((imm & 0xfe0) << 20 | rs2 << 20 | rs1 << 15 | funct3 << 12
            | (imm & 0x1f) << 7 | 0x23)


def load(width, rd, rs1, imm=0):
    funct3 = {1: 4, 2: 5, 4: 2, 8: 3}[width]
    return (imm & 0xfff) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x03


def jalr(rd, rs1, imm=0):
    return (imm & 0xfff) << 20 | rs1 << 15 | rd << 7 | 0x67


def csrw(csr, rs1):
    return csr << 20 | rs1 << 15 | 1 << 12 | 0x73


def andi(rd, rs1, imm):
    return (imm & 0xfff) << 20 | rs1 << 15 | 7 << 12 | rd << 7 | 0x13


def beqz(rs1, offset):
    return ((offset >> 12 & 1) << 31 | (offset >> 5 & 0x3f) << 25 | rs1 << 15
            | (offset >> 1 & 0xf) << 8 | (offset >> 11 & 1) << 7 | 0x63)


def jump(offset):
    return ((offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21
            | (offset >> 11 & 1) << 20 | (offset >> 12 & 0xff) << 12 | 0x6f)


SPIN = 0x0000006f       # j .
BACK = 0xffdff06f       # j .-4
WFI = 0x10500073
MTVEC = 0x305
MIP = 0x344


def li(rd, value):
    """A 31-bit constant."""
    low = (value & 0xfff) - (0x1000 if value & 0x800 else 0)
    return [lui(rd, (value - low) >> 12), addi(rd, rd, low)]


def hello(text):
    """Write text to the UART."""
    code = li(T0, UART)
    for byte in text.encode():
        code += [addi(T1, ZERO, byte), store(1, T1, T0)]
    return code


def wait(rounds):
    """Takes three steps a round."""
    return li(T1, rounds) + [addi(T1, T1, -1), beqz(T1, 8), jump(-8)]


def exit_pass():
    return li(T0, FINISHER) + li(T1, 0x5555) + [store(4, T1, T0), SPIN]


def exit_fail(status):
    return (li(T0, FINISHER) + li(T1, status << 16 | 0x3333)
            + [store(4, T1, T0), SPIN])


def reset():
    return li(T0, FINISHER) + li(T1, 0x7777) + [store(4, T1, T0), SPIN]


def echo_until(byte, then=None):
    """Copy the UART's input to its output; after `byte`, pass or do `then`."""
    return (li(T0, UART) + [load(1, T1, T0, 5), andi(T1, T1, 1),
                            beqz(T1, -8), load(1, A0, T0),
                            store(1, A0, T0), addi(T1, A0, -byte),
                            beqz(T1, 8), 0xfe5ff06f]     # j .-28
            + (then or exit_pass()))


def words(*parts):
    code = []
    for part in parts:
        code += [part] if isinstance(part, int) else part
    return struct.pack("<%dI" % len(code), *code)


def symbol_table(symbols, at):
    """What stands behind byte `at` of a 64-bit file, its sections: none, the
    symbols {name: value} and their names.  And where their headers are."""
    names, entries = b"\0", bytes(24)
    for name, value in symbols.items():
        entries += struct.pack("<IBBHQQ", len(names), 0x10, 0, 0xfff1, value,
                               8)
        names += name.encode() + b"\0"
    headers = bytes(64)
    headers += struct.pack("<IIQQQQIIQQ", 0, 2, 0, 0, at, len(entries), 2, 1,
                           8, 24)
    headers += struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, at + len(entries),
                           len(names), 0, 0, 1, 0)
    return entries + names + headers, at + len(entries) + len(names)


def elf(code, base=RAM, machine=RISCV, bits=64, memsz=None, entry=None,
        symbols=None, more=()):
    """An executable with a segment at physical and virtual `base`, and in 64
    bits `more` of them: (virtual, physical, bytes)."""
    memsz = len(code) if memsz is None else memsz
    entry = base if entry is None else entry
    ident = b"\x7fELF" + bytes([bits // 32, 1, 1]) + bytes(9)
    if bits == 32:
        head = struct.pack("<HHIIIIIHHHHHH", 2, machine, 1, entry, 52, 0, 0,
                           52, 32, 1, 0, 0, 0)
        segment = struct.pack("<IIIIIIII", 1, 84, base, base, len(code),
                              memsz, 7, 4)
        return ident + head + segment + code
    at, body, segments = 64 + 56 * (1 + len(more)), b"", b""
    for va, pa, data, size in ([(base, base, code, memsz)]
                               + [(*part, len(part[2])) for part in more]):
        segments += struct.pack("<IIQQQQQQ", 1, 7, at + len(body), va, pa,
                                len(data), size, 8)
        body += data
    rest, sections = b"", 0
    if symbols:
        rest, sections = symbol_table(symbols, at + len(body))
    head = struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, entry, 64, sections, 0,
                       64, 56, 1 + len(more), 64, 3 if symbols else 0, 0)
    return ident + head + segments + body + rest
