"""What the programs made emu do (counts.c), and what they have to.

A bar is a least number of times.  What cannot happen, or is not compared,
stands below with its reason.
"""

from .judge import judged_rows
from .rows import CSR

INSTRUCTIONS, ROW, TAKEN, TRAP, WALK, ACCESS = 10000000, 1000, 1000, 100, 100, 20

BRANCHES = ["beq", "bne", "blt", "bge", "bltu", "bgeu", "c.beqz", "c.bnez"]
EXCEPTIONS = {
    "U": ["fetch_access", "illegal_insn", "breakpoint", "load_access",
          "store_access", "ecall_u", "fetch_page_fault", "load_page_fault",
          "store_page_fault"],
    "M": ["fetch_access", "illegal_insn", "breakpoint", "load_access",
          "store_access", "ecall_m",
          # by MPRV; a fetch in M-mode has no translation
          "load_page_fault", "store_page_fault"],
}
EXCEPTIONS["S"] = [name.replace("ecall_u", "ecall_s")
                   for name in EXCEPTIONS["U"]]
# fetch_misaligned cannot be with C. load_misaligned and store_misaligned are
# those of atomics only, which misaligned.S tests (known.py).
INTERRUPTS = ["s_software", "m_software", "s_timer", "m_timer", "s_external",
              "m_external"]

POINTER_FAULTS = ["invalid", "reserved"]
LEAF_FAULTS = ["not_user", "user", "not_readable", "not_writable",
               "not_executable"]
SVADE_FAULTS = ["a_clear", "d_clear"]  # which QEMU 7.2 has not (judges.py)


NEVER_RETIRE = ("ecall", "ebreak", "c_ebreak")  # traps count them


class Coverage:
    """How often the programs for a judge made emu do what."""

    def __init__(self, judge):
        self.judge, self.count = judge, {}

    def add(self, lines):
        for line in lines:
            name, _, n = line.rpartition(" ")
            self.count[name] = self.count.get(name, 0) + int(n)

    def of(self, name):
        return self.count.get(name, 0)

    def instructions(self):
        return sum(n for name, n in self.count.items()
                   if name.startswith("row "))

    def interrupts(self):
        return INTERRUPTS + ["counter_overflow"] * self.judge.has_lcofi()

    def refusals(self):
        """Cache operations that menvcfg and senvcfg do not permit."""
        return ["refused %s %s" % (row.mnemonic, mode)
                for row in judged_rows(self.judge.version)
                if row.format == "CBO" for mode in "US"]

    def bars(self):
        """Group -> (what, how often, how often at least)s."""
        def bar(least, names):
            return [(name, self.of(name), least) for name in names]
        branches = bar(TAKEN, ["taken " + name for name in BRANCHES])
        branches += [("not " + name, self.of("row " + name[6:]) - taken, TAKEN)
                     for name, taken, _ in branches]
        rows = judged_rows(self.judge.version)
        return {
            "instructions": [("all", self.instructions(), INSTRUCTIONS)],
            "rows": bar(ROW, ["row " + row.mnemonic for row in rows
                              if row.name not in NEVER_RETIRE]),
            "branches": branches,
            "traps": bar(TRAP, ["trap %s %s" % (name, mode)
                                for mode, names in sorted(EXCEPTIONS.items())
                                for name in names] +
                         ["trap %s %s" % (name, mode) for mode in "USM"
                          for name in self.interrupts()] + self.refusals()),
            "walks": bar(WALK, walks(self.judge.young)),
            "csrs": bar(ACCESS, ["csr " + name for name in compared_csrs()]),
        }

    def failures(self, share=1):
        """Group -> text of what is below its bar. share: of the whole."""
        return {group: "; ".join("%s: %d of %d" % row for row in rows
                                 if row[1] < row[2] * share)
                for group, rows in self.bars().items()}

    def table(self):
        """A line a group: how many things, and the rarest."""
        lines = []
        for group, rows in self.bars().items():
            rarest = min(rows, key=lambda row: row[1] / row[2])
            lines.append("%-12s %4d, the rarest: %s, %d times (%d wanted)"
                         % ((group, len(rows)) + rarest))
        return "\n".join(lines)


def walks(young):
    names = ["fault non_canonical 0", "fault no_leaf 0"]
    leaf_faults = LEAF_FAULTS + (SVADE_FAULTS if young else [])
    if young:
        names += ["napot " + access
                  for access in ("fetch", "load", "store", "cache")]
    for level in range(5):
        names += ["fault %s %d" % (reason, level)
                  for reason in POINTER_FAULTS + leaf_faults]
        names += ["fill %s %d" % (access, level)
                  for access in ("fetch", "load", "store")]
        if level:
            names.append("fault misaligned %d" % level)
    return names


def compared_csrs():
    """The CSRs that emu and its judges both have."""
    return [name for name in CSR if not name.startswith(ABSENT) and
            name not in YOUNG]


# Of extensions that neither machine is asked for: H, Smstateen, Smcntrpmf,
# Smrnmi, Smepmp, Sdext; PMP entries beyond 16 (known.py, "PMP entries").
ABSENT = ("vs", "hs", "hi", "he", "htim", "hg", "hcounter", "hv", "ht",
          "hcontext", "mstateen", "sstateen", "mn", "dcsr", "dpc", "dscratch",
          "mseccfg", "mcyclecfg", "minstretcfg") + tuple(
              "pmpaddr%d" % n for n in range(16, 64)) + tuple(
                  "pmpcfg%d" % n for n in range(4, 16, 2))
YOUNG = {"scountinhibit", "scontext", "mcontext", "tinfo", "tcontrol",
         "mtinst", "mtval2", "scountovf", "tdata2", "tdata3"}
