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


# A chunk's CSRs, in the order in which they are written, and the bits that
# are compared: those that the hart may choose are left out (known.py, "VS
# interrupts"), and one that QEMU keeps (known.py, "xepc").
ALL = (1 << 64) - 1
PMPADDR = (1 << 54) - 1
STATUS_BITS = 0x80000000007e79aa
SETUP = (
    ["menvcfg", "senvcfg", "medeleg", "mideleg", "mtvec", "stvec",
     "mcounteren", "scounteren", "sscratch", "sepc", "scause", "stval"] +
    ["pmpaddr%d" % n for n in range(16)] + ["pmpcfg0", "pmpcfg2", "mie"])
DUMPED = dict(
    mstatus=STATUS_BITS, medeleg=0xb3ff, mideleg=0x222, mie=0xaaa, mip=0xaaa,
    stvec=ALL, sepc=ALL - 1, scause=ALL, stval=ALL, sscratch=ALL, satp=ALL,
    scounteren=7, mcounteren=7, senvcfg=1, menvcfg=1 << 63 | 1,
    pmpcfg0=ALL, pmpcfg2=ALL,
    **{"pmpaddr%d" % n: PMPADDR for n in range(16)})

COMPARED = dict(DUMPED, mepc=ALL - 1, misa=ALL - 2)  # of what an instruction reads

DUMP_NAMES = (["x%d" % n for n in range(1, 31)] + list(DUMPED) +
              ["f%d" % n for n in range(32)] +
              ["fcsr", "traps", "memory", "tables"])
FIELDS = (["CODE", "ENTRY", "PASSES", "FLAGS", "POKES", "STATUS", "SATP",
           "MIDDLE", "BASE_AT", "FCSR"] + [name.upper() for name in SETUP] +
          ["X"] + [None] * 30 + ["F"] + [None] * 31)
DESCRIPTOR = 8 * len(FIELDS)
VERBOSE = 1


def constants():
    """The part of the runtime that is made from this file."""
    lines = ["        .equ    %s, 0x%x" % pair for pair in (
        ("LOG", LOG), ("LOG_END", LOG_END), ("PROGRAM", PROGRAM),
        ("CODE_START", PROGRAM), ("CODE_END", LANDING), ("DATA", DATA),
        ("DATA_END", DATA_END), ("TRAPS_MAX", TRAPS_MAX),
        ("STATUS_LOGGED", STATUS_BITS), ("DESCRIPTOR", DESCRIPTOR),
        ("U_ALIAS_BIT", U_ALIAS.bit_length() - 1),
        ("DUMP_WORDS", len(DUMP_NAMES)))]
    lines += ["        .equ    %s, %d" % (name, 8 * i)
              for i, name in enumerate(FIELDS) if name]
    lines += ["        .macro  write_csrs from, temporary"]
    for name in SETUP:
        lines += ["        ld      \\temporary, %s(\\from)" % name.upper(),
                  "        csrw    %s, \\temporary" % number(name)]
    lines += ["        .endm", "        .macro  dump_csrs to, value, mask"]
    for name, mask in DUMPED.items():
        lines += ["        csrr    \\value, %s" % number(name),
                  "        li      \\mask, 0x%x" % mask,
                  "        and     \\value, \\value, \\mask",
                  "        sd      \\value, 0(\\to)",
                  "        addi    \\to, \\to, 8"]
    return "\n".join(lines + ["        .endm", ""])


def number(name):
    from .rows import CSR
    return "0x%x" % CSR[name]
