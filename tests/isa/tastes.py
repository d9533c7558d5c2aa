"""Where emu's disassembly and another's differ, and why that is right.

A row of TASTES is (encoding size, judges, reason, whether it explains a
difference). What no row explains is a failure; so is a row that explains
nothing of what a judge that it names says. The texts come as decoding.py
compares them: numbers are decimal.
"""

import re

import judges

MISC_MEM = 0x0f

# CSRs they name and csr.def does not: RV32's upper halves, vectors, the
# advanced interrupt architecture, entropy, shadow stacks, jump tables,
# quality of service, a name that debug 1.0 dropped.
FOREIGN_CSR = re.compile(
    r"(?!.*scratch).*h|pmpcfg\d*[13579]|v(start|xsat|xrm|csr|l|type|lenb)"
    r"|(vs|[ms])(iselect|ireg[2-6]?|topei|topi)|[mh]vien|mvip|hvictl"
    r"|hviprio[12]|seed|ssp|jvt|srmcfg|mscontext")


def csr_of(text):
    match = re.match(r"csrr\w+ \w+,(\w+),\w+$", text)
    return match and match.group(1)


def csr_name_differs(judge):
    def explains(word, ours, theirs):
        a, b = csr_of(ours), csr_of(theirs)
        if not a or not b or ours.replace(a, b, 1) != theirs:
            return False
        number = str(word >> 20)
        return (a in judges.young_csrs(judge) and b == number or
                a == number and bool(FOREIGN_CSR.fullmatch(b)))
    return explains


def hint_shift(word, ours, theirs):
    match = re.fullmatch(r"c\.(slli|srli|srai)64 (\w+)", theirs)
    return match and ours == "c.%s %s,0" % match.groups()


def illegal(text):
    return text.startswith((".2byte", ".4byte"))


TASTES = [
    (2, "binutils llvm", "0x0000 is the defined illegal instruction",
     lambda word, ours, theirs:
         word == 0 and illegal(ours) and theirs == "c.unimp"),
    (2, "binutils", "C.NOP is its name in the specification",
     lambda word, ours, theirs:
         word == 1 and (ours, theirs) == ("c.nop", "c.addi zero,0")),
    (2, "llvm", "C.NOP with an immediate is a HINT; here it is C.ADDI",
     lambda word, ours, theirs:
         word & 0xef83 == 1 and word != 1 and
         ours.replace("c.addi zero,", "c.nop ") == theirs),
    (2, "binutils llvm",
     "shifts by 0 are HINTs on RV64, their names belong to RV128",
     hint_shift),
    (2, "binutils", "C.ADDI16SP: 'the code point with nzimm=0 is reserved'",
     lambda word, ours, theirs:
         word == 0x6101 and illegal(ours)),
    (2, "llvm", "C.LUI: 'the code points with imm=0 are reserved'",
     lambda word, ours, theirs:
         word & 0xf07f == 0x6001 and illegal(ours) and
         re.fullmatch(r"c\.lui \w+,0", theirs)),
    (2, "llvm", "C.LUI's immediate is 20 bits, and has no sign",
     lambda word, ours, theirs:
         word & 0xf003 == 0x7001 and
         re.match(r"c\.lui \w+,-", theirs) and
         int(ours.split(",")[1]) == int(theirs.split(",")[1]) + (1 << 20)),
    (4, "binutils llvm",
     "FENCE: 'implementations shall ignore' rd, rs1 and unknown fm",
     lambda word, ours, theirs:
         word & 0x707f == MISC_MEM and word & 0xf00f8f80 and
         ours.startswith("fence ") and illegal(theirs)),
    (4, "llvm", "an empty set of FENCE has no name",
     lambda word, ours, theirs:
         word & 0x707f == MISC_MEM and
         ours.replace("unknown", "0") == theirs),
    (4, "llvm", "PAUSE has a name, which llvm takes for an alias",
     lambda word, ours, theirs:
         (ours, theirs) == ("pause", "fence w,0")),
    (4, "binutils llvm", "FENCE.TSO is FENCE RW,RW with fm=8",
     lambda word, ours, theirs:
         (ours, theirs) == ("fence rw,rw", "fence.tso")),
    (4, "binutils llvm",
     "FENCE.I: 'implementations shall ignore' imm, rs1 and rd",
     lambda word, ours, theirs:
         word & 0x707f == MISC_MEM | 1 << 12 and word >> 15 | word & 0xf80 and
         ours == "fence.i" and illegal(theirs)),
    (4, "binutils llvm",
     "Svinval's instructions for hypervisors, which there are none of",
     lambda word, ours, theirs:
         illegal(ours) and theirs.startswith("hinval.")),
    (4, "binutils", "rounding modes 5 and 6 are reserved",
     lambda word, ours, theirs:
         word >> 12 & 7 in (5, 6) and theirs.endswith(",unknown") and
         illegal(ours)),
    (4, "binutils",
     "exact conversions have a rounding mode, which binutils wants to be 0",
     lambda word, ours, theirs:
         word >> 12 & 7 in (1, 2, 3, 4, 7) and illegal(theirs) and
         re.match(r"fcvt\.(d\.(s|w|wu|h)|s\.h) ", ours)),
    (4, "llvm", "the usual rounding mode, dyn, is left out",
     lambda word, ours, theirs:
         word >> 12 & 7 == 7 and ours + ",dyn" == theirs),
    (4, "binutils", "instructions of withdrawn drafts",
     lambda word, ours, theirs:
         illegal(ours) and theirs.split()[0] in ("uret", "hret", "sfence.vm")),
    (4, "binutils llvm", "DRET is for debug mode, which there is none of",
     lambda word, ours, theirs:
         illegal(ours) and theirs == "dret"),
    (4, "binutils llvm",
     "unimp is a CSRRW to a read-only CSR; run time finds it illegal",
     lambda word, ours, theirs:
         (ours, theirs) == ("csrrw zero,cycle,zero", "unimp")),
    (4, "binutils", "CSR names younger than it, or not an RV64GC hart's",
     csr_name_differs("binutils")),
    (4, "llvm", "CSR names younger than it, or not an RV64GC hart's",
     csr_name_differs("llvm")),
]


class Tastes:
    """The rows that apply to a judge and a size, and which were used."""

    def __init__(self, judge, size):
        self.rows = [(reason, explains)
                     for row_size, whose, reason, explains in TASTES
                     if row_size == size and judge in whose.split()]
        self.used = set()

    def explain(self, word, ours, theirs):
        found = [reason for reason, explains in self.rows
                 if explains(word, ours, theirs)]
        self.used.update(found)
        return bool(found)

    def unused(self):
        return [reason for reason, _ in self.rows if reason not in self.used]
