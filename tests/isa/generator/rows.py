"""The rows of rv64.def, and how a field of an encoding is written."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class Row:
    """An encoding of rv64.def."""

    def __init__(self, name, mnemonic, pattern, format, ext):
        bits = pattern.replace(" ", "")
        self.name, self.format, self.ext = name, format, ext
        self.mnemonic = mnemonic
        self.size = len(bits) // 8
        self.match = int(bits.replace(".", "0"), 2)
        self.free = int(re.sub("[^.]", "0", bits).replace(".", "1"), 2)

    def fill(self, source):
        return self.match | source.getrandbits(8 * self.size) & self.free


def read_rows():
    text = (ROOT / "emu" / "isa" / "rv64.def").read_text()
    found = re.findall(r'^(?:INSN|RVC)\((\w+),\s*"([^"]+)",\s*"([01. ]+)",\s*'
                       r'(\w+),\s*(\w+),', text, re.M)
    return [Row(*fields) for fields in found]


def read_csrs():
    """Name -> number of every CSR that has a name."""
    text = (ROOT / "emu" / "isa" / "csr.def").read_text()
    return {name: int(number, 16) for number, name in
            re.findall(r"\bCSR\((0x\w+), (\w+)\)", text)}


CSR = read_csrs()


def put(raw, low, width, value):
    mask = (1 << width) - 1
    return raw & ~(mask << low) | (value & mask) << low


def scatter(raw, value, places):
    """Puts bits of value where `places` says: (raw bit, value bit)s."""
    for to, bit in places:
        raw = raw & ~(1 << to) | (value >> bit & 1) << to
    return raw


def spread(text):
    """'31=20:20 30=10:1': value bits hi to lo, from a raw bit downwards."""
    places = []
    for at, hi, lo in re.findall(r"(\d+)=(\d+):(\d+)", text):
        places += [(int(at) - i, int(hi) - i)
                   for i in range(int(hi) - int(lo) + 1)]
    return places


# Format -> where it has integer registers that may be any, and FP registers.
X_FIELDS = {
    "R": (7, 15, 20), "I": (7, 15), "LOAD": (7,), "U": (7,),
    "SHIFT": (7, 15), "UNARY": (7, 15), "SFENCE": (15, 20),
    "PREFETCH": (15,),
    "FX": (15,), "FX_RM": (15,), "FX_EXACT": (15,), "XF": (7,),
    "XF_RM": (7,), "XFF": (7,), "STORE": (20,),
}
F_FIELDS = {
    "FLOAD": (7,), "FSTORE": (20,), "FFF": (7, 15, 20),
    "FFF_RM": (7, 15, 20), "FFFF_RM": (7, 15, 20, 27), "FF_RM": (7, 15),
    "FF_EXACT": (7, 15), "FX": (7,), "FX_RM": (7,), "FX_EXACT": (7,),
    "XF": (15,), "XF_RM": (15,), "XFF": (15, 20),
}
# Format -> its offset: (where the bits stand, how far forward it reaches).
OFFSETS = {
    "B": (spread("31=12:12 30=10:5 11=4:1 7=11:11"), 4094),
    "J": (spread("31=20:20 30=10:1 20=11:11 19=19:12"), 1 << 19),
    "CB": (spread("12=8:8 11=4:3 6=7:6 4=2:1 2=5:5"), 254),
    "CJ": (spread("12=11:11 11=4:4 10=9:8 8=10:10 7=6:6 6=7:7 5=3:1 2=5:5"),
           2046),
    "I": (spread("31=11:0"), 2047),
}
C_ADDI16SP = spread("12=9:9 6=4:4 5=6:6 4=8:7 2=5:5")


# Encodings that atoms are made of.

def lui(rd, value):
    """value: the whole register's, its low 12 bits 0."""
    return 0x37 | rd << 7 | value & 0xfffff000


def auipc(rd, value=0):
    return 0x17 | rd << 7 | value & 0xfffff000


def addi(rd, rs1, value):
    return 0x13 | rd << 7 | rs1 << 15 | (value & 0xfff) << 20


def slli(rd, rs1, by):
    return 0x1013 | rd << 7 | rs1 << 15 | by << 20


def srli(rd, rs1, by):
    return slli(rd, rs1, by) | 4 << 12


def op(rd, rs1, rs2, funct3=0, funct7=0):
    return 0x33 | rd << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | funct7 << 25


def load(rd, rs1, value=0, funct3=3):
    return 0x03 | rd << 7 | funct3 << 12 | rs1 << 15 | (value & 0xfff) << 20


def store(rs2, rs1, value=0, funct3=3):
    return (0x23 | (value & 0x1f) << 7 | funct3 << 12 | rs1 << 15 |
            rs2 << 20 | (value >> 5 & 0x7f) << 25)


def jalr(rd, rs1, value=0):
    return 0x67 | rd << 7 | rs1 << 15 | (value & 0xfff) << 20


def branch(rs1, rs2, funct3):
    return 0x63 | funct3 << 12 | rs1 << 15 | rs2 << 20


CSRRW, CSRRS, CSRRC, CSRRWI, CSRRSI, CSRRCI = 1, 2, 3, 5, 6, 7


def csr(action, rd, number, source):
    if isinstance(number, str):
        number = CSR[number]
    return 0x73 | rd << 7 | action << 12 | source << 15 | number << 20


def sfence(rs1, rs2):
    return 0x12000073 | rs1 << 15 | rs2 << 20


ECALL, WFI, FENCE_I = 0x73, 0x10500073, 0x100f
MRET, SRET = 0x30200073, 0x10200073
