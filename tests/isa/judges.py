"""Who judges each extension: its decoding, and its execution.

Judges of decoding (decoding.py): `binutils` 2.40 and `llvm` 19.  Of execution:

    qemu       QEMU 7.2: random programs contain all its rows (generator)
    qemu10     QEMU 10, for what is too young for 7.2, or wrong there: its
               random programs contain all rows, or, where one is named, the
               program of tests/baremetal does
    baremetal  the same, on both QEMUs
    mpfr       tests/unit/test_fp.c, which tries all that round; what remains
               of an extension has another judge
    unit       the specification's pseudo-code, written anew in the unit test
               that is named

The suite holds the table against emu: each extension of ext.def and each name
in `riscv,isa` has its row, each judge speaks of every row that it is given.
"""

import re

BINUTILS, LLVM = "binutils", "llvm"
BOTH = (BINUTILS, LLVM)
ROW = re.compile(r'^INSN\((\w+),\s*"([^"]+)",\s*"([01. ]+)",\s*(\w+),\s*(\w+),',
                 re.M)
EXTENSION = re.compile(r"^EXTENSION\((\w+)", re.M)
FORMAT = re.compile(r'^FORMAT\((\w+),.*"(.*)"\)', re.M)


class Judged:
    """A row of the tables below. execution: "judge" or "judge:test" words;
    spelled: what assemblers call it, if that is not its name."""

    def __init__(self, execution, spelled=None, decoding=BOTH):
        self.decoding, self.spelled = decoding, spelled
        self.execution = [tuple((word + ":").split(":")[:2])
                          for word in execution.split()]


def rowless(execution):
    """An extension without instructions."""
    return Judged(execution, decoding=())


EXTENSIONS = {
    "I": Judged("qemu"),
    "M": Judged("qemu"),
    "A": Judged("qemu"),
    "F": Judged("mpfr qemu"),
    "D": Judged("mpfr qemu"),
    "C": Judged("qemu"),
    "B": rowless("qemu unit:cpu_model"),
    "S": Judged("qemu", spelled=""),
    "U": rowless("qemu baremetal:privilege"),
    "ZIC64B": rowless("qemu10:cbo"),
    "ZICBOM": Judged("qemu10 qemu10:cbo"),
    "ZICBOP": Judged("qemu qemu10:cbo"),
    "ZICBOZ": Judged("qemu10 qemu10:cbo"),
    "ZICCAMOA": rowless("qemu"),
    "ZICCIF": rowless("unit:block"),
    "ZICCLSM": rowless("qemu"),
    "ZICCRSE": rowless("baremetal:reservation"),
    "ZICNTR": rowless("baremetal:counters"),
    "ZICSR": Judged("qemu"),
    "ZIFENCEI": Judged("qemu"),
    "ZIHINTPAUSE": Judged("qemu"),
    "ZIHPM": rowless("qemu10:hpm"),
    "ZMMUL": Judged("qemu", spelled="m"),
    "ZA64RS": rowless("baremetal:reservation"),
    "ZAAMO": Judged("qemu", spelled="a"),
    "ZALRSC": Judged("qemu", spelled="a"),
    "ZFHMIN": Judged("mpfr qemu"),
    "ZFHMIN_D": Judged("mpfr qemu", spelled="zfhmin"),
    "ZCA": Judged("qemu", spelled="c"),
    "ZCD": Judged("qemu", spelled="c"),
    "ZBA": Judged("qemu"),
    "ZBB": Judged("qemu"),
    "ZBC": Judged("qemu"),
    "ZBS": Judged("qemu"),
    # It promises that no time depends on data: a step is a nanosecond.
    "ZKT": rowless("unit:run"),
    "SSCCPTR": rowless("baremetal:sv39"),
    "SSCOFPMF": rowless("qemu10:hpm"),
    "SSCOUNTERENW": rowless("qemu10:csrs"),
    "SSTC": rowless("baremetal:sstc"),
    "SSTVALA": rowless("baremetal:stval qemu10:stval"),
    "SSTVECD": rowless("qemu10:csrs"),
    "SSU64XL": rowless("qemu unit:csr"),
    "SV39": rowless("qemu baremetal:sv39"),
    "SV48": rowless("unit:mmu baremetal:sv48"),
    "SV57": rowless("unit:mmu baremetal:sv57"),
    "SVADE": rowless("qemu10 qemu10:sv39-svade"),
    "SVADU": rowless("qemu baremetal:sv39 qemu10:svadu"),
    "SVINVAL": Judged("qemu baremetal:svinval"),
    "SVNAPOT": rowless("qemu10 baremetal:svnapot qemu10:svnapot"),
    "SVPBMT": rowless("qemu10 qemu10:svpbmt unit:mmu"),
    "SVVPTC": rowless("baremetal:svvptc"),
    "PMP": rowless("baremetal:pmp unit:pmp"),
}

# Instructions whose judge is not their extension's.
INSTRUCTIONS = {
    # QEMU 7.2 counts into the upper word when the lower one is zero.
    "ctzw": Judged("qemu unit:exec_bit qemu10:bits"),
}

NOBODY = rowless("")


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


def extensions(root):
    """The names of all: groups of rows, and what has no rows."""
    return EXTENSION.findall((root / "emu" / "isa" / "ext.def").read_text())


def insn_rows(root):
    """The INSN rows of rv64.def."""
    rows = [Row(*fields) for fields in ROW.findall(definitions(root))]
    assert len(rows) > 100 and {len(row.pattern) for row in rows} == {32}
    return rows


def rounding_formats(root):
    """Of rows with a rounding mode that matters."""
    return {name for name, text in FORMAT.findall(definitions(root))
            if text.endswith("m")}


def not_in_random_programs(root, young):
    """The ops that QEMU 7.2 does not judge; young: nor QEMU 10."""
    wanted = {("qemu", ""), ("qemu10", "")} if young else {("qemu", "")}
    return {row.op for row in insn_rows(root)
            if not wanted.intersection(row.judged.execution)}


def names_known_to(judge):
    """Extensions as assemblers spell them, letters first."""
    names = {name.lower() if row.spelled is None else row.spelled
             for name, row in EXTENSIONS.items() if judge in row.decoding}
    return sorted(names - {""}, key=lambda name: (
        "imafdc".find(name) if len(name) == 1 else 9, name))


def binutils_architecture():
    names = names_known_to(BINUTILS)
    return "rv64" + "".join(name for name in names if len(name) == 1) + "".join(
        "_" + name for name in names if len(name) > 1)


def llvm_attributes():
    return ",".join("+" + name for name in names_known_to(LLVM)
                    if name not in ("i", "zicsr", "zifencei"))
