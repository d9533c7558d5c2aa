"""What QEMU 7.2 does otherwise than the specification, or than emu where the
specification leaves the choice; and what keeps it out of the comparison.

Each is kept out as narrowly as was found: places that do so name the entry,
as in `known.py, "ctzw"`, and a test holds this list against them.
"""


class Known:
    def __init__(self, name, qemu, specification, instead):
        self.name, self.qemu = name, qemu
        self.specification, self.instead = specification, instead


UNPRIVILEGED = "Unprivileged ISA, "
PRIVILEGED = "Privileged ISA, "

# QEMU is wrong.
WRONG = [
    Known("ctzw", "counts on into the upper word where the lower one is 0",
          UNPRIVILEGED + "Zbb: the count is of the low word, 32 at the most",
          "its source has bit 31 set; exec_bit and bits judge the rest"),
    Known("AMO causes", "an AMO that may not read, or whose page or PMP entry "
          "refuses reading, is a load fault; what refuses it as a store comes "
          "second",
          PRIVILEGED + "mcause: AMOs never raise load faults",
          "the handler adds 2 to the cause, in scause and mcause too; load "
          "and store causes are delegated alike; where PMP is set, leaves "
          "may be read and written and have D"),
    Known("A of an AMO", "sets A for an AMO that may read and not write",
          PRIVILEGED + "Virtual Address Translation Process: permissions are "
          "checked before A and D are set",
          "leaves without A may be read and written"),
    Known("misaligned atomics", "a misaligned AMO is a load misaligned; an SC "
          "without reservation fails before its alignment is looked at",
          UNPRIVILEGED + "A: addresses are naturally aligned, or an exception "
          "is raised; it is the store's for SC and AMOs",
          "addresses of atomics are aligned; misaligned.S judges them"),
    Known("interrupt priority", "of what is pending for one mode, takes the "
          "lowest number",
          PRIVILEGED + "mip and mie: MEI, MSI, MTI, SEI, SSI, STI",
          "a chunk enables those together whose order is the same by number; "
          "baremetal/interrupts.c judges the order"),
    Known("xepc", "keeps bit 0 of mepc and sepc",
          PRIVILEGED + "mepc: the low bit is always zero",
          "bit 0 is masked"),
    Known("read-only CSRs", "csrrs and csrrc of a read-only CSR are legal "
          "while the register they name holds 0",
          UNPRIVILEGED + "Zicsr: whether they write depends on the register's "
          "number, not on its value",
          "the register is x0, or one that is never 0"),
    Known("STCE", "stimecmp acts on STIP though menvcfg.STCE is 0",
          PRIVILEGED + "Sstc: with STCE=0, STIP is as without Sstc",
          "stimecmp is written where STCE is set"),
    Known("MPRV", "does not flush its TLB when MPRV changes, and leaves it set "
          "on an sret",
          PRIVILEGED + "Memory Privilege in mstatus: MPRV acts at once; xRET "
          "to a less privileged mode clears it",
          "a fence behind what changes MPRV, and MPRV ends with its atom; "
          "baremetal/privilege.c judges the rest"),
    Known("PMP and A/D", "sets A and D where PMP permits no writing",
          PRIVILEGED + "Virtual Address Translation Process: the implicit "
          "write is checked, and is an access fault",
          "PMP entries on page tables permit both, or not even reading"),
    Known("PMP, TOR", "a write of pmpaddr n does not reach entry n+1, whose "
          "bottom it is",
          PRIVILEGED + "PMP, Address Matching: the preceding register is the "
          "bottom of a TOR entry",
          "pmpaddr n+1 is written anew"),
    Known("Svinval", "U-mode may execute it, TVM does not forbid it, mtval is "
          "0 where it is illegal",
          PRIVILEGED + "Svinval: SINVAL.VMA is permitted as SFENCE.VMA is",
          "only where it is legal; baremetal/svinval.c judges the rest"),
    Known("inhibited counters", "mcycle goes back when mcountinhibit changes",
          PRIVILEGED + "mcountinhibit: an inhibited counter does not increment",
          "mcountinhibit is read only; tests/unit/test_csr.c judges it"),
    Known("triggers", "aborts when tdata1 is written what it does not know",
          "Debug, tdata1: writing an unsupported value leaves a supported one",
          "tselect and tdata1 are read only"),
    Known("end of RAM", "aborts where an instruction lies across it",
          PRIVILEGED + "mcause: an instruction access fault",
          "jumps that are to fault lead behind the end of RAM"),
    Known("PMA of page tables", "an entry that is not in memory is a page "
          "fault",
          PRIVILEGED + "Virtual Address Translation Process: an access fault",
          "tables are in memory; baremetal/sv39.c judges the rest"),
    Known("reserved bits", "knows bits 54 to 60 of an entry as reserved only "
          "while Svpbmt and Svnapot are off",
          PRIVILEGED + "Sv39: a reserved bit that is set is a page fault",
          "both are off, or on and the reserved bits 0; PBMT is never 3, "
          "which it permits, too"),
]

# Both may.
CHOICES = [
    Known("misaligned, no RAM", "splits a misaligned access where there is no "
          "RAM, and names its first part",
          PRIVILEGED + "mtval: the address of the part that faulted",
          "the low three bits of mtval are masked for load and store access "
          "faults; stores do not lie across the end of RAM"),
    Known("PMP and misaligned accesses", "splits them where an entry ends in "
          "the page, and at times not even at the end of a page",
          PRIVILEGED + "PMP, Priority and Matching: an access may be several",
          "accesses are aligned where PMP is set"),
    Known("SC that fails", "an SC without reservation looks at no memory",
          UNPRIVILEGED + "Zalrsc: it may trap or not",
          "SC stands where it cannot trap"),
    Known("VS interrupts", "mie and mideleg have bits of H, though it is off",
          "none: QEMU's own", "their bits are masked"),
    Known("PMP entries", "has 16, and no CSRs for 64",
          PRIVILEGED + "PMP: 0, 16 or 64 entries, the CSRs may be read-only 0",
          "pmpaddr16 to 63 are in no program"),
    Known("unassigned addresses", "reads ones where its PCIe windows are",
          "none: the platform's own",
          "no address of a program lies there"),
]
