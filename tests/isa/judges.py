"""Who judges each extension: its decoding, and its execution.

Judges of decoding (decoding.py): `binutils` 2.40 and `llvm` 19.  Of execution:

    qemu    QEMU 7.2: random programs contain all its rows (programs.py)
    qemu10  QEMU 10, for what is too young for 7.2, or wrong there: the
            program of tests/baremetal that is named contains all its rows
    mpfr    tests/unit/test_fp.c, which tries all that round; what remains of
            an extension has another judge
    unit    the specification's pseudo-code, written anew in the unit test
            that is named

and `baremetal`, programs there that both QEMUs run.  The suite holds the table against
emu: each extension with rows in rv64.def and each name in `riscv,isa` has its row, each
judge speaks of every row that it is given.
"""

import re

BINUTILS, LLVM = "binutils", "llvm"
BOTH = (BINUTILS, LLVM)
ROW = re.compile(r'^INSN\((\w+),\s*"([^"]+)",\s*"([01. ]+)",\s*(\w+),\s*(\w+),',
                 re.M)
RVC = re.compile(r'^RVC\(\w+,\s*"[^"]+",\s*"[01. ]+",\s*\w+,\s*(\w+),',
                 re.M)
FORMAT = re.compile(r'^FORMAT\((\w+),.*"(.*)"\)', re.M)


class Judged:
    """A row of the tables below. execution: "judge" or "judge:test" words."""

    def __init__(self, execution, decoding=BOTH):
        self.decoding = decoding
        self.execution = [tuple((word + ":").split(":")[:2])
                          for word in execution.split()]


# The groups of rows of rv64.def.
EXTENSIONS = {
    "I": Judged("qemu"),
    "M": Judged("qemu"),
    "ZMMUL": Judged("qemu"),
    "ZAAMO": Judged("qemu"),
    "ZALRSC": Judged("qemu"),
    "F": Judged("mpfr qemu"),
    "D": Judged("mpfr qemu"),
    "ZCA": Judged("qemu"),
    "ZCD": Judged("qemu"),
    "ZICSR": Judged("qemu"),
    "ZIFENCEI": Judged("qemu"),
    "S": Judged("qemu"),
    "ZBA": Judged("qemu"),
    "ZBB": Judged("qemu"),
    "ZBC": Judged("qemu"),
    "ZBS": Judged("qemu"),
    "ZIHINTPAUSE": Judged("qemu"),
    "ZICBOM": Judged("qemu10:cbo"),
    "ZICBOP": Judged("qemu"),
    "ZICBOZ": Judged("qemu10:cbo"),
    "ZFHMIN": Judged("mpfr qemu"),
    "ZFHMIN_D": Judged("mpfr qemu"),
    "SVINVAL": Judged("qemu qemu10:svinval"),
}

# Instructions whose judge is not their extension's.
INSTRUCTIONS = {
    # It counts into the upper word when the lower one is zero.
    "ctzw": Judged("unit:exec_bit qemu10:bits"),
    # Random programs stay in a mode, and do not wait.
    "mret": Judged("baremetal:privilege"),
    "sret": Judged("baremetal:privilege"),
    "wfi": Judged("baremetal:interrupts"),
}

# What `riscv,isa` says beyond groups of rows.
FEATURES = {
    "a": Judged("qemu"),
    "c": Judged("qemu"),
    "b": Judged("unit:cpu_model"),
    "zic64b": Judged("qemu10:cbo"),
    "ziccamoa": Judged("qemu"),
    "ziccif": Judged("unit:block"),
    "zicclsm": Judged("qemu"),
    "ziccrse": Judged("baremetal:reservation"),
    "zihpm": Judged("unit:csr"),
    "za64rs": Judged("baremetal:reservation"),
    "zkt": Judged("unit:run"),
    "ssccptr": Judged("baremetal:sv39"),
    "sscounterenw": Judged("unit:csr"),
    "sstvala": Judged("baremetal:traps"),
    "sstvecd": Judged("unit:csr"),
    "ssu64xl": Judged("unit:csr"),
    "svpbmt": Judged("unit:mmu"),
    "svvptc": Judged("unit:mmu"),
    "sstc": Judged("baremetal:sstc"),
    "svade": Judged("qemu10:sv39-svade"),
    "svadu": Judged("baremetal:sv39 qemu10:svadu"),
    "zicntr": Judged("baremetal:counters"),
}

NOBODY = Judged("", decoding=())


class Row:
    def __init__(self, op, mnemonic, pattern, format, extension):
        self.op, self.mnemonic, self.format = op, mnemonic, format
        self.pattern = pattern.replace(" ", "")
        self.extension = extension
        self.match = int(self.pattern.replace(".", "0"), 2)
        self.mask = int(re.sub("[01]", "1", self.pattern).replace(".", "0"), 2)
        self.judged = (INSTRUCTIONS.get(op) or EXTENSIONS.get(extension) or
                       NOBODY)


def definitions(root):
    return (root / "emu" / "isa" / "rv64.def").read_text()


def groups(root):
    """The extensions that have rows."""
    text = definitions(root)
    return {row[4] for row in ROW.findall(text)} | set(RVC.findall(text))


def insn_rows(root):
    """The INSN rows of rv64.def."""
    rows = [Row(*fields) for fields in ROW.findall(definitions(root))]
    assert len(rows) > 100 and {len(row.pattern) for row in rows} == {32}
    return rows


def rounding_formats(root):
    """Of rows with a rounding mode that matters."""
    return {name for name, text in FORMAT.findall(definitions(root))
            if text.endswith("m")}


def judged_by(judge, rows):
    """(row, test) of those that this judge executes."""
    return [(row, test) for row in rows
            for name, test in row.judged.execution if name == judge]


def not_in_random_programs(root):
    """The ops that QEMU 7.2 does not judge."""
    rows = insn_rows(root)
    judged = {row.op for row, _ in judged_by("qemu", rows)}
    return {row.op for row in rows} - judged


# Groups that assemblers know by another name, or by none.
SPELLED = {"ZMMUL": "m", "ZAAMO": "a", "ZALRSC": "a", "ZCA": "c", "ZCD": "c",
           "ZFHMIN_D": "zfhmin", "S": None}


def names_known_to(judge):
    """Extensions as assemblers spell them, single letters first."""
    names = {SPELLED.get(name, name.lower())
             for name, row in EXTENSIONS.items() if judge in row.decoding}
    return sorted(names - {None},
                  key=lambda name: ("imafdc".find(name[:2]) % 9, name))


def binutils_architecture():
    names = names_known_to(BINUTILS)
    return "rv64" + "".join(name for name in names if len(name) == 1) + "".join(
        "_" + name for name in names if len(name) > 1)


def llvm_attributes():
    return ",".join("+" + name for name in names_known_to(LLVM)
                    if name not in ("i", "zicsr", "zifencei"))
