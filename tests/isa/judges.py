"""Who judges each extension: its decoding, and its execution.

It is the one list of what each judge knows: from it come the QEMUs' command
lines, the names that assemblers are told, and what their texts may differ in.

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
QEMUS = OLD, NEW = "7.2", "10.0"
ROW = re.compile(r'^INSN\((\w+),\s*"([^"]+)",\s*"([01. ]+)",\s*(\w+),\s*(\w+),',
                 re.M)
EXTENSION = re.compile(r"^EXTENSION\((\w+)", re.M)
FORMAT = re.compile(r'^FORMAT\((\w+),.*"(.*)"\)', re.M)


class Judged:
    """A row of the tables below.

    execution  "judge" or "judge:test" words
    qemus      its switch in -cpu of QEMU 7.2 and of QEMU 10: how it stands in
               their rv64, `-` where there is none, `~` where it is not what
               turns ours on or off
    spelled    what assemblers call it, if that is not its name
    decoding   the assemblers that know it; tastes.py excuses the other
    csrs       the names that an assembler has for its CSRs
    """

    def __init__(self, execution, qemus="- -", spelled=None, decoding=BOTH,
                 csrs=""):
        self.decoding, self.spelled = decoding, spelled
        self.switch = dict(zip(QEMUS, qemus.split()))
        self.csrs = set(csrs.split())
        self.execution = [tuple((word + ":").split(":")[:2])
                          for word in execution.split()]


def rowless(execution, qemus="- -"):
    """An extension without instructions."""
    return Judged(execution, qemus, decoding=())


def foreign(qemus="- -", decoding=BOTH, csrs=""):
    """One that emu's hart has not."""
    return Judged("", qemus, decoding=decoding, csrs=csrs)


EXTENSIONS = {
    "I": Judged("qemu", "on on"),
    "M": Judged("qemu", "on on"),
    "A": Judged("qemu", "on on"),
    "F": Judged("mpfr qemu", "on on"),
    "D": Judged("mpfr qemu", "on on"),
    "C": Judged("qemu", "on on"),
    "B": rowless("qemu unit:cpu_model", "- ~"),
    "S": Judged("qemu", "on ~", spelled=""),
    "U": rowless("qemu baremetal:privilege", "on ~"),
    "ZIC64B": rowless("qemu10:cbo", "- ~"),
    "ZICBOM": Judged("qemu10 qemu10:cbo", "- on"),
    "ZICBOP": Judged("qemu qemu10:cbo", "- on"),
    "ZICBOZ": Judged("qemu10 qemu10:cbo", "- on"),
    "ZICCAMOA": rowless("qemu"),
    "ZICCIF": rowless("unit:blocks"),
    "ZICCLSM": rowless("qemu"),
    "ZICCRSE": rowless("baremetal:reservation", "- ~"),
    "ZICNTR": rowless("baremetal:counters", "- on"),
    "ZICSR": Judged("qemu", "on on"),
    "ZIFENCEI": Judged("qemu", "on on"),
    "ZIHINTPAUSE": Judged("qemu", "on on"),
    "ZIHPM": rowless("qemu10:hpm", "- on"),
    "ZMMUL": Judged("qemu", "off off", spelled="m"),
    "ZA64RS": rowless("baremetal:reservation"),
    "ZAAMO": Judged("qemu", "- off", spelled="a"),
    "ZALRSC": Judged("qemu", "- off", spelled="a"),
    "ZFHMIN": Judged("mpfr qemu", "off off"),
    "ZFHMIN_D": Judged("mpfr qemu", spelled="zfhmin"),
    "ZCA": Judged("qemu", "- on", spelled="c"),
    "ZCD": Judged("qemu", "- ~", spelled="c"),
    "ZBA": Judged("qemu", "on on"),
    "ZBB": Judged("qemu", "on on"),
    "ZBC": Judged("qemu", "on on"),
    "ZBS": Judged("qemu", "on on"),
    # It promises that no time depends on data: a step is a nanosecond.
    "ZKT": rowless("unit:run", "~ ~"),
    "SSCCPTR": rowless("baremetal:sv39"),
    "SSCOFPMF": rowless("qemu10:hpm", "off off"),
    "SSCOUNTERENW": rowless("qemu10:csrs"),
    "SSTC": rowless("baremetal:sstc", "on on"),
    "SSTVALA": rowless("baremetal:stval qemu10:stval"),
    "SSTVECD": rowless("qemu10:csrs"),
    "SSU64XL": rowless("qemu unit:csr"),
    "SV39": rowless("qemu baremetal:sv39", "- ~"),
    "SV48": rowless("unit:mmu baremetal:sv48", "- ~"),
    "SV57": rowless("unit:mmu baremetal:sv57", "- ~"),
    "SVADE": rowless("qemu10 qemu10:sv39-svade", "- off"),
    "SVADU": rowless("qemu baremetal:sv39 qemu10:svadu", "- on"),
    "SVINVAL": Judged("qemu baremetal:svinval", "off off"),
    "SVNAPOT": rowless("qemu10 baremetal:svnapot qemu10:svnapot", "off off"),
    "SVPBMT": rowless("qemu10 qemu10:svpbmt unit:mmu", "off off"),
    "SVVPTC": rowless("baremetal:svvptc", "- on"),
    "PMP": rowless("baremetal:pmp unit:pmp", "~ ~"),
}

# What a judge has and emu has not: to be turned off in a QEMU, on where its
# CSRs are compared, or its CSRs have names that not every assembler knows.
FOREIGN = {
    "H": foreign("on on"),
    "ZAWRS": foreign("- on"),
    "ZFA": foreign("- on"),
    "ZICOND": foreign("- off"),
    "ZIHINTNTL": foreign("- on"),
    "SMAIA": foreign("- off"),
    "SSAIA": foreign("- off"),
    "SMCDELEG": foreign("- off", (LLVM,), "scountinhibit"),
    "SMCNTRPMF": foreign("- off", (), "mcyclecfg minstretcfg"),
    "SMRNMI": foreign("- off", (LLVM,), "mnscratch mnepc mncause mnstatus"),
    "SDTRIG": foreign("- -", (BINUTILS,), "tinfo tcontrol"),
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
    """The names of all extensions: groups of rows, and some without rows."""
    return EXTENSION.findall((root / "emu" / "isa" / "ext.def").read_text())


def insn_rows(root):
    """The INSN rows of rv64.def."""
    rows = [Row(*fields) for fields in ROW.findall(definitions(root))]
    assert len(rows) > 100 and {len(row.pattern) for row in rows} == {32}
    return rows


def rounding_formats(root):
    """Names of the formats with a rounding mode that matters."""
    return {name for name, text in FORMAT.findall(definitions(root))
            if text.endswith("m")}


def not_in_random_programs(root, young):
    """The ops that QEMU 7.2 does not judge; young: nor QEMU 10."""
    wanted = {("qemu", ""), ("qemu10", "")} if young else {("qemu", "")}
    return {row.op for row in insn_rows(root)
            if not wanted.intersection(row.judged.execution)}


def canonical(name):
    """Sorts names as ISA strings do ("ISA Extension Naming Conventions"):
    letters in their order, then z by its second letter's place among them,
    then s; each by the alphabet."""
    def place(letter):
        return ("imafdqcbvphsu" + letter).index(letter)

    if len(name) == 1:
        return 0, place(name), name
    return (1, place(name[1]), name) if name[0] == "z" else (2, 0, name)


def off_in_random_programs(root, qemu):
    """The extensions of rows that this QEMU judges and does not have unless it
    is told to."""
    others = not_in_random_programs(root, qemu != OLD)
    there = {row.extension for row in insn_rows(root) if row.op not in others}
    return " ".join(sorted(name.lower() for name in there
                           if EXTENSIONS[name].switch[qemu] == "off"))


def names_known_to(judge):
    """Extensions as assemblers spell them, in canonical order."""
    names = {name.lower() if row.spelled is None else row.spelled
             for name, row in EXTENSIONS.items() if judge in row.decoding}
    return sorted(names - {""}, key=canonical)


def young_csrs(judge):
    """Names of CSRs that this assembler does not know."""
    return set().union(*(row.csrs for row in FOREIGN.values()
                         if judge not in row.decoding))


def switch(qemu, name):
    """How a QEMU's switch of this name stands: "on", "off"; None: it has none
    that turns on or off what the table calls so."""
    row = EXTENSIONS.get(name.upper()) or FOREIGN[name.upper()]
    return {"on": "on", "off": "off"}.get(row.switch[qemu])


def turned(qemu, names, way):
    """Words of a -cpu that turn these on or off, where they are not already."""
    for name in names.split():
        if switch(qemu, name) is None:
            raise ValueError("QEMU %s has no switch %s" % (qemu, name))
    return ["%s=%s" % (spelling(qemu, name), way) for name in names.split()
            if switch(qemu, name) != way]


def spelling(qemu, name):
    """QEMU 7.2 has capitals where ISA strings had them once."""
    capital = qemu == OLD and name.startswith(("zf", "zi"))
    return name.capitalize() if capital else name


def without_foreign(qemu):
    """Words of a -cpu that turn off the extensions that only a QEMU has."""
    return [word for name, row in FOREIGN.items() if row.switch[qemu] == "on"
            for word in turned(qemu, name.lower(), "off")]


def qemu_cpu(qemu, on="", off="", ours=False):
    """The -cpu of a QEMU with these on and off, and, where it is to be one
    like `ours`, with nothing that emu has not."""
    return ",".join(["rv64"] + (without_foreign(qemu) if ours else [])
                    + turned(qemu, off, "off") + turned(qemu, on, "on"))


def absent_names(root):
    """Extensions that emu knows by name only: absent[] of cpu_model.c."""
    text = (root / "emu" / "isa" / "cpu_model.c").read_text()
    listed = re.search(r"\babsent\[\] =\n(.*?);", text, re.S).group(1)
    return " ".join(re.findall(r'"(.*?)"', listed)).split()


def binutils_architecture():
    names = names_known_to(BINUTILS)
    return "rv64" + "".join(name for name in names if len(name) == 1) + "".join(
        "_" + name for name in names if len(name) > 1)


def llvm_attributes():
    return ",".join("+" + name for name in names_known_to(LLVM)
                    if name not in ("i", "zicsr", "zifencei"))
