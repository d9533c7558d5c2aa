"""What the QEMUs do otherwise than the specification, or than emu where the
specification leaves the choice; and what keeps it out of the comparison.

Each entry is kept out as narrowly as was found, and only of the programs for
the QEMUs that do so: places that do name the entry, as in `differs("ctzw")`
or `known.py, "ctzw"`, and a test holds this list against them.  Programs that
an entry is let into (generate.py --lift) must find a difference, or it does
not belong here.
"""

from judges import NEW, OLD, QEMUS as BOTH  # noqa

# NEW behind FIRST_NEW, which is what Debian 12's backports have.
FIRST_NEW, LATER = "10.0.2", "10.0, later"


class Known:
    def __init__(self, name, of, qemu, specification, instead):
        """of: the QEMUs of which the entry is known."""
        self.name, self.qemu = name, qemu
        self.of = (of,) if isinstance(of, str) else of
        self.specification, self.instead = specification, instead


UNPRIVILEGED = "Unprivileged ISA, "
PRIVILEGED = "Privileged ISA, "

# QEMU is wrong in these.
WRONG = [
    Known("ctzw", OLD, "counts on into the upper word where the lower one is 0",
          UNPRIVILEGED + "Zbb: the count is of the low word, 32 at the most",
          "its source has bit 31 set; exec_bit and bits judge the rest"),
    Known("AMO causes", OLD, "an AMO that may not read, or whose page or PMP "
          "entry refuses reading, is a load fault",
          PRIVILEGED + "mcause: AMOs never raise load faults",
          "the handler adds 2 to the cause, in scause and mcause too; load "
          "and store causes are delegated alike"),
    Known("order of an AMO's faults", BOTH, "what refuses an AMO as a store "
          "comes second, behind a PMP entry that refuses reading",
          PRIVILEGED + "mcause, priorities: page faults of an address come "
          "before its access faults",
          "where PMP is set, leaves may be read and written and have D; no "
          "AMO is beyond RAM through a superpage"),
    Known("A of an AMO", BOTH, "sets A for an AMO that may read and not write",
          PRIVILEGED + "Virtual Address Translation Process: permissions are "
          "checked before A and D are set",
          "leaves without A may be read and written, if the hart sets A"),
    Known("misaligned atomics", BOTH, "a misaligned AMO is a load misaligned; "
          "an SC without reservation fails before its alignment is looked at",
          UNPRIVILEGED + "A: addresses are naturally aligned, or an exception "
          "is raised; it is the store's for SC and AMOs",
          "addresses of atomics are aligned; misaligned.S judges them"),
    Known("SC that fails", BOTH, "an SC without reservation looks at no memory",
          UNPRIVILEGED + "Zalrsc: no SC retires unless it passes the checks of "
          "memory permissions",
          "SC stands where it cannot trap; baremetal/reservation.c and mmio.c "
          "judge the rest"),
    Known("interrupt priority", OLD, "of what is pending for one mode, takes "
          "the lowest number (so does QEMU 10, but not with Smaia)",
          PRIVILEGED + "mip and mie: MEI, MSI, MTI, SEI, SSI, STI",
          "a chunk enables those together whose order is the same by number; "
          "baremetal/interrupts.c judges the order"),
    Known("xepc", BOTH, "keeps bit 0 of mepc and sepc",
          PRIVILEGED + "mepc: the low bit is always zero",
          "bit 0 is masked"),
    Known("read-only CSRs", OLD, "csrrs and csrrc of a read-only CSR are legal "
          "while the register they name holds 0",
          UNPRIVILEGED + "Zicsr: whether they write depends on the register's "
          "number, not on its value",
          "the register is x0, or one that is never 0"),
    Known("STCE", BOTH, "stimecmp acts on STIP though menvcfg.STCE is 0",
          PRIVILEGED + "Sstc: with STCE=0, STIP is as without Sstc",
          "stimecmp is written where STCE is set"),
    Known("STIP in sip", NEW, "M-mode reads sip.STIP as 0 while STCE is 1",
          PRIVILEGED + "sip: a delegated interrupt's bit is that of mip",
          "the bit is masked in what is read of sip"),
    Known("MPRV", OLD, "does not flush its TLB when MPRV changes, and leaves "
          "it set on an sret",
          PRIVILEGED + "Memory Privilege in mstatus: MPRV acts at once; xRET "
          "to a less privileged mode clears it",
          "a fence behind what changes MPRV, and MPRV ends with its atom; "
          "baremetal/privilege.c judges the rest"),
    Known("PMP and A/D", OLD, "sets A and D where PMP permits no writing",
          PRIVILEGED + "Virtual Address Translation Process: the implicit "
          "write is checked, and is an access fault",
          "PMP entries on page tables permit both, or not even reading"),
    Known("PMP, TOR", OLD, "a write of pmpaddr n does not reach entry n+1, "
          "whose bottom it is",
          PRIVILEGED + "PMP, Address Matching: the preceding register is the "
          "bottom of a TOR entry",
          "pmpaddr n+1 is written anew"),
    Known("PMP inside an access", NEW, "does not see an entry that holds "
          "neither the first nor the last byte of an access or a cache block",
          PRIVILEGED + "PMP, Priority and Matching: the lowest entry that "
          "matches any byte of an access decides, and has to match all",
          "entries are of whole cache blocks, or accesses are aligned and "
          "there are no cache operations"),
    Known("Svinval", OLD, "U-mode may execute it, TVM does not forbid it, "
          "mtval is 0 where it is illegal",
          PRIVILEGED + "Svinval: SINVAL.VMA is permitted as SFENCE.VMA is",
          "only where it is legal; baremetal/svinval.c judges the rest"),
    Known("Svinval in U-mode", NEW, "U-mode may execute SFENCE.W.INVAL and "
          "SFENCE.INVAL.IR",
          PRIVILEGED + "Svinval: they are illegal in U-mode",
          "only where they are legal; baremetal/svinval.c judges the rest"),
    Known("inhibited counters", OLD, "mcycle goes back when mcountinhibit "
          "changes",
          PRIVILEGED + "mcountinhibit: an inhibited counter does not increment",
          "mcountinhibit is read only; tests/unit/test_csr.c judges it"),
    Known("triggers", BOTH, "aborts when tdata1 is written what it does not "
          "know",
          "Debug, tdata1: writing an unsupported value leaves a supported one",
          "tselect and tdata1 are read only"),
    Known("end of RAM", OLD, "aborts where an instruction lies across it",
          PRIVILEGED + "mcause: an instruction access fault",
          "jumps that are to fault lead behind the end of RAM"),
    Known("PMA of page tables", BOTH, "an entry that is not in memory is a "
          "page fault",
          PRIVILEGED + "Virtual Address Translation Process: an access fault",
          "tables are in memory; baremetal/sv39.c judges the rest"),
    Known("reserved bits", OLD, "knows bits 54 to 60 of an entry as reserved "
          "only while Svpbmt and Svnapot are off",
          PRIVILEGED + "Sv39: a reserved bit that is set is a page fault",
          "both are off, or on and the reserved bits 0"),
    Known("PBMT=3", BOTH, "permits it",
          PRIVILEGED + "Svpbmt: 3 is reserved, and a page fault",
          "one bit of PBMT is set at the most"),
    Known("value of illegal instructions", NEW, "mtval of an MRET is an "
          "earlier instruction, so is that of a cache operation",
          PRIVILEGED + "mtval: the instruction that is illegal",
          "mtval is masked where MRET or a cache operation is illegal; "
          "baremetal/stval.c and cbo.c judge it"),
    Known("illegal WFI", NEW, "xepc is a page behind a WFI that is illegal "
          "and ends a page, or lies across two",
          PRIVILEGED + "mepc: the address of the instruction",
          "the handler takes the page away"),
    Known("blocks", NEW, "mtval is where the cache block of a cache operation "
          "begins",
          UNPRIVILEGED + "CMO: the address is rs1",
          "its low six bits are masked; baremetal/cbo.c judges them"),
    Known("blocks of nothing", NEW, "lets a cache be managed where there is "
          "neither memory nor a device",
          UNPRIVILEGED + "Zicbom: a store access fault, where neither a load "
          "nor a store is permitted",
          "there, of all cache operations, is cbo.zero only"),
    Known("LCOFI", LATER, "mie has no bit 13, sip and sie have it only where "
          "it is not delegated",
          PRIVILEGED + "Sscofpmf: LCOFIE is a bit of mie; LCOFIP and LCOFIE "
          "are bits of sip and sie where they are delegated",
          "no program enables it, and the bit is masked in all but mideleg; "
          "baremetal/hpm.c and csrs.c judge it on QEMU 10.0.2"),
    Known("CBIE", NEW, "holds a CBIE of 2",
          UNPRIVILEGED + "CMO, menvcfg.CBIE: 10 is reserved, the field WARL",
          "no program writes it; baremetal/csrs.c judges it"),
]

# These the specification permits, and what emu does, too.
CHOICES = [
    Known("misaligned, no RAM", OLD, "splits a misaligned access where there "
          "is no RAM, and names its first part",
          PRIVILEGED + "mtval: the address of the part that faulted",
          "the low three bits of mtval are masked for load and store access "
          "faults"),
    Known("end of the address space", NEW, "names 0 where M-mode's misaligned "
          "access wraps around it",
          PRIVILEGED + "mtval: the address of the part that faulted",
          "no misaligned access is in its last eight bytes"),
    Known("stores across the end of RAM", BOTH, "stores what is in RAM",
          PRIVILEGED + "mtval: a misaligned access may be several",
          "no store lies there"),
    Known("PMP and misaligned accesses", OLD, "splits them where an entry ends "
          "in the page, and at times not even at the end of a page",
          PRIVILEGED + "PMP, Priority and Matching: an access may be several",
          "accesses are aligned where PMP is set"),
    Known("A and D across pages", NEW, "sets A or D of the first page of a "
          "misaligned access before it looks at the second",
          PRIVILEGED + "mtval: a misaligned access may be several",
          "accesses are aligned, or A and D are set, or no hart sets them"),
    Known("A and D of NAPOT leaves", NEW, "sets them in the entry of each page "
          "that is accessed; emu's TLB has one entry for the range",
          PRIVILEGED + "Svnapot: any of a range's entries may be used",
          "they are set, or no hart sets them"),
    Known("value of EBREAK", OLD, "mtval is 0",
          PRIVILEGED + "mtval: zero or the address",
          "mtval is masked for breakpoints"),
    Known("mcounteren", BOTH, "has bits for counters 19 to 31, which lets "
          "S-mode and U-mode read them as 0",
          PRIVILEGED + "mcounteren: any bit may be read-only zero",
          "what is written to it has no such bit"),
    Known("VS interrupts", BOTH, "mie and mideleg have bits of H, though it is "
          "off",
          "none: QEMU's own", "their bits are masked"),
    Known("PMP entries", BOTH, "has 16, and no CSRs for 64",
          PRIVILEGED + "PMP: 0, 16 or 64 entries, the CSRs may be read-only 0",
          "pmpaddr16 to 63 are in no program"),
    Known("unassigned addresses", BOTH, "reads ones where its PCIe windows are",
          "none: the platform's own",
          "no address of a program lies there"),
]
