"""Where things lie in a program's memory, and what a chunk's descriptor holds.

    0x8000_0000  runtime.S
    0x8004_0000  the log of a verbose chunk's traps
    0x8008_0000  page tables, cleared after each chunk
    0x8010_0000  the descriptors; behind them the chunks' pokes and code
    0x801f_d000  landing: code that returns to x9
    0x801f_f000  data: two pages around a 2 MiB border

Around that border lies what a chunk can reach: the window, four pages from
landing to data, wherever a chunk's page tables put it.
"""

BASE = 0x80000000
LOG, LOG_END = 0x80040000, 0x80080000
TABLES, TABLE_PAGES = 0x80080000, 64
PROGRAM = 0x80100000
LANDING = 0x801fd000
DATA = 0x801ff000
MIDDLE = 0x80200000  # of the data, physical
DATA_END = 0x80201000
RAM_END = 0x88000000
PAGE = 4096

U_ALIAS = 1 << 32  # what U-mode's code addresses have more, if translated
TRAPS_MAX = 600  # then a pass is over

# Registers with a meaning; the others are free.
SP, BASE_REG, POINTER, COUNTER, WINDOW = 2, 8, 9, 27, 31
BASES = (SP, BASE_REG, WINDOW)
FREE = [n for n in range(32) if n not in BASES + (POINTER, COUNTER)]

C_JR_X9 = 0x8482
JALR_X9 = 0x00048067


def landing():
    """Two pages that return to x9 wherever they are entered; an instruction
    lies across their border."""
    first = C_JR_X9.to_bytes(2, "little") * (PAGE // 2 - 1)
    rest = C_JR_X9.to_bytes(2, "little") * (PAGE // 2 - 1)
    return first + JALR_X9.to_bytes(4, "little") + rest


ALL = (1 << 64) - 1
PMPADDR = (1 << 54) - 1
STATUS_BITS = 0x80000000007e79aa
# A chunk's CSRs, in the order in which they are written.
SETUP = (
    ["menvcfg", "senvcfg", "medeleg", "mideleg", "mtvec", "stvec",
     "mcounteren", "scounteren", "mcountinhibit", "mhpmevent3", "mhpmevent4",
     "sscratch", "sepc", "scause", "stval"] +
    ["pmpaddr%d" % n for n in range(16)] + ["pmpcfg0", "pmpcfg2", "mie"])
DUMPED = (["mstatus", "medeleg", "mideleg", "mie", "mip", "stvec", "sepc",
           "scause", "stval", "sscratch", "satp", "scounteren", "mcounteren",
           "senvcfg", "menvcfg", "pmpcfg0", "pmpcfg2"] +
          ["pmpaddr%d" % n for n in range(16)])
LCOFI, H_INTERRUPTS = 1 << 13, 0x1444
COUNTERS = (1 << 19) - 1  # that emu has


def compared(judge):
    """CSR -> the bits that are compared, where not all are: bits that the hart
    may choose are left out, and bits of extensions that the judge has not."""
    lcofi = LCOFI if judge.has_lcofi() else 0
    delegable = LCOFI if judge.young else 0
    h = H_INTERRUPTS if judge.differs("VS interrupts") else 0
    epc = ALL - 1 if judge.differs("xepc") else ALL
    bits = dict(
        mstatus=STATUS_BITS, medeleg=0xb3ff, misa=ALL - 2, mepc=epc, sepc=epc,
        mideleg=0x1666 & ~h | delegable, mie=0x1eee & ~h | lcofi,
        mip=0x1eee & ~h | lcofi)
    bits.update(("pmpaddr%d" % n, PMPADDR) for n in range(16))
    if judge.differs("LCOFI"):
        bits.update(sip=ALL & ~LCOFI, sie=ALL & ~LCOFI)
    if judge.young:
        bits.update(mcounteren=COUNTERS, scounteren=COUNTERS)
    else:
        bits.update(mcounteren=7, scounteren=7, menvcfg=1 << 63 | 1, senvcfg=1)
    return bits


DUMP_NAMES = (["x%d" % n for n in range(1, 31)] + DUMPED +
              ["f%d" % n for n in range(32)] +
              ["fcsr", "traps", "memory", "tables"])
FIELDS = (["CODE", "ENTRY", "PASSES", "FLAGS", "POKES", "STATUS", "SATP",
           "MIDDLE", "BASE_AT", "FCSR"] + [name.upper() for name in SETUP] +
          ["X"] + [None] * 30 + ["F"] + [None] * 31)
DESCRIPTOR = 8 * len(FIELDS)
VERBOSE = 1

# What the runtime asks of the judge; handler.S names the entries.
DIFFERS = {
    "DIFFERS_SPLIT": "misaligned, no RAM",
    "DIFFERS_AMO": "AMO causes",
    "DIFFERS_MPRV": "MPRV",
    "DIFFERS_BLOCK": "blocks",
    "DIFFERS_WFI": "illegal WFI",
    "DIFFERS_EBREAK": "value of EBREAK",
    "DIFFERS_ILLEGAL": "value of illegal instructions",
}


def constants(judge):
    """The part of the runtime that is made from this file, for a judge."""
    lines = ["        .equ    %s, 0x%x" % pair for pair in (
        ("LOG", LOG), ("LOG_END", LOG_END), ("PROGRAM", PROGRAM),
        ("CODE_START", PROGRAM), ("CODE_END", LANDING), ("DATA", DATA),
        ("DATA_END", DATA_END), ("TRAPS_MAX", TRAPS_MAX),
        ("STATUS_LOGGED", STATUS_BITS), ("DESCRIPTOR", DESCRIPTOR),
        ("U_ALIAS_BIT", U_ALIAS.bit_length() - 1),
        ("DUMP_WORDS", len(DUMP_NAMES)))]
    lines += ["        .equ    %s, %d" % (name, judge.differs(entry))
              for name, entry in DIFFERS.items()]
    lines += ["        .equ    %s, %d" % (name, 8 * i)
              for i, name in enumerate(FIELDS) if name]
    lines += ["        .macro  write_csrs from, temporary"]
    for name in SETUP:
        lines += ["        ld      \\temporary, %s(\\from)" % name.upper(),
                  "        csrw    %s, \\temporary" % number(name)]
    lines += ["        .endm", "        .macro  dump_csrs to, value, mask"]
    masks = compared(judge)
    for name in DUMPED:
        lines += ["        csrr    \\value, %s" % number(name),
                  "        li      \\mask, 0x%x" % masks.get(name, ALL),
                  "        and     \\value, \\value, \\mask",
                  "        sd      \\value, 0(\\to)",
                  "        addi    \\to, \\to, 8"]
    return "\n".join(lines + ["        .endm", ""])


def number(name):
    from .rows import CSR
    return "0x%x" % CSR[name]
