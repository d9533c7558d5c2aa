"""Atoms of CSRs, interrupts, changes of privilege and code that changes."""

from .atom import Atom
from .layout import ALL, BASES, LCOFI, POINTER, U_ALIAS
from .rows import (CSR, CSRRC, CSRRCI, CSRRS, CSRRSI, CSRRW, CSRRWI, ECALL,
                   FENCE_I, MRET, SRET, WFI, addi, auipc, csr, load, lui, op,
                   put, slli, srli, store)

M, S, U = 3, 1, 0
MSIP, MTIMECMP, UART, IER_THRI = 0x2000000, 0x2004000, 0x10000000, 2
MIE, SIE, STIP = 8, 2, 1 << 5
MPP, SPP, MPRV = 3 << 11, 1 << 8, 1 << 17
# A service that the handler does for an ecall (handler.S).
SERVICE_PRIVILEGE, SERVICE_QUIET = 1, 1 << 16
SERVICE_EXTERNAL, SERVICE_LCOFI = 1 << 17, 1 << 18

# CSRs that may be written whole, and whose values are compared.
FREE_CSRS = ["sscratch", "sepc", "scause", "stval", "mscratch", "mepc",
             "mcause", "mtval", "scounteren", "mcounteren"]
FP_CSRS = ["fflags", "frm", "fcsr"]
# CSRs that read as a constant; a write does nothing or traps.
CONSTANT_CSRS = ["misa", "mvendorid", "marchid", "mimpid", "mhartid",
                 "mconfigptr"]
# CSRs with values of the machine's own: that they can be read is compared.
COUNTER_CSRS = ["cycle", "time", "instret", "mcycle", "minstret"]
# Counters of cycles and instructions, if at all (chunk.py).
EVENT_COUNTERS = ["hpmcounter3", "hpmcounter4", "mhpmcounter3", "mhpmcounter4"]
# A write that lets a handler be lost is taken back at once.
VECTOR_CSRS = ["mtvec", "stvec"]
STATUS_BITS = [1 << 18, 1 << 19, 3 << 18, 1 << 20, 1 << 21, 1 << 22, 3 << 13,
               1 << 8, 1 << 5, 1 << 7]
# Numbers of which no hart that is compared has a CSR.
NO_CSR = [0x004, 0x045, 0x0ff, 0x101, 0x145, 0x181, 0x1ff, 0x308, 0x30f,
          0x345, 0x3f0, 0x4c0, 0x5c0, 0x6c0, 0x7c0, 0x8ff, 0x9c0, 0xb01,
          0xc20, 0xcc0, 0xdff, 0xf00, 0xf16]
MVIEN = 0x308
PATCHES = ("R", "I", "U", "SHIFT", "FFF_RM", "XFF")


READ_ONLY = 0xc00  # from here on


def number_of(name):
    return name if isinstance(name, int) else CSR[name]


def computed(rd, value):
    """The instructions that make any value of constants."""
    if value < 1 << 11:
        return [addi(rd, 0, value)]
    low = (value + 0x800 & 0xfff) - 0x800
    return computed(rd, value - low >> 12) + [slli(rd, rd, 12),
                                              addi(rd, rd, low)]


class System:
    """What Chunk makes of CSRs, interrupts and privilege.  Needs source, isa
    and the themes."""

    def system(self):
        s = self.source
        kinds = [self.csr_atom] * 4 + [self.patch]
        if self.interrupted:
            kinds += [self.interrupt] * 4
        if self.moves:
            kinds += [self.xret] * 3 + [self.service]
        return s.choice(kinds)()

    def scratch(self):
        """A register that an atom may use up: not x0."""
        return self.source.choice([n for n in self.pool if n])

    def constant(self, rd, value):
        """rd = value, whatever it takes."""
        if value < 1 << 11:
            return Atom("li", addi(rd, 0, value))
        if value < 1 << 31 and not value & 0xfff:
            return Atom("li", lui(rd, value))
        if self.keeps_mprv:  # MPRV may forbid the load
            return Atom("li", *computed(rd, value))
        return Atom("li", auipc(rd), load(rd, rd)).literal(0, value)

    # Rows without operands.

    def make_none(self, row, raw):
        if row.name == "ecall":
            return self.service()
        if row.name in ("mret", "sret"):
            return self.xret(row.name) if self.moves else self.fresh()
        if row.name == "wfi":
            return self.wait() if self.waits else self.fresh()
        if row.name == "fence_i":
            return self.patch()
        return Atom(row.name, raw)

    def service(self):
        s = self.source
        value = s.getrandbits(1) * SERVICE_QUIET
        if self.moves and s.random() < 0.7:
            value |= SERVICE_PRIVILEGE | s.choice((M, S, S, U, U)) << 1
        if self.interrupted:
            value |= s.getrandbits(16) & ~(7 if self.timed else 7 | 1 << 5)
            value |= s.getrandbits(1) * SERVICE_EXTERNAL
            if self.young:
                value |= s.getrandbits(1) * (
                    SERVICE_LCOFI if self.isa.judge.has_lcofi() else 0)
        return self.constant(POINTER, value) + Atom("ecall", ECALL)

    # CSRs.

    def make_csr(self, row, raw):
        return self.csr_atom(raw >> 12 & 3)

    def make_csri(self, row, raw):
        return self.csr_atom(raw >> 12 & 7)

    def csr_atom(self, action=None):
        s = self.source
        action = action or s.choice((CSRRW, CSRRS, CSRRC, CSRRWI, CSRRSI,
                                     CSRRCI))
        kinds = [self.csr_free] * 5 + [self.csr_fp] * 3 + [
            self.csr_constant, self.csr_constant, self.csr_counter,
            self.csr_environment, self.csr_pmp, self.csr_pmp, self.csr_vector,
            self.csr_status, self.csr_status, self.csr_none,
            self.csr_delegation]
        if self.young:
            kinds += [self.csr_environment] + [self.csr_distance] * 2
        kinds += [self.csr_no_value] * (8 if self.privilege == M else 1)
        if not self.waits:
            kinds += [self.csr_interrupt]
        return s.choice(kinds)(action)

    def access(self, action, name, rd=None, source=None):
        s = self.source
        if source is None:
            source = s.getrandbits(5) if action & 4 else self.rs()
            if READ_ONLY <= number_of(name):
                if not action & 4 and self.differs("read-only CSRs"):
                    source = s.choice((0,) + BASES)
                else:
                    source = s.choice((0, source))
        mask = self.isa.compared.get(name, ALL)
        if name == "sip" and self.timed and self.differs("STIP in sip"):
            mask ^= STIP
        if rd == 0 or mask == ALL:
            return Atom("csr " + str(name), csr(
                action, self.rd() if rd is None else rd, name, source))
        rd = self.scratch()
        return (Atom("csr " + name, csr(action, POINTER, name, source)) +
                self.constant(rd, mask) +
                Atom("csr", op(rd, rd, POINTER, 7), addi(POINTER, rd, 0)))

    def csr_free(self, action):
        s = self.source
        name = s.choice(FREE_CSRS)
        if (name == "mcounteren" and not action & 4 and
                self.differs("mcounteren")):
            return self.constant(POINTER, s.getrandbits(19)) + self.access(
                action, name, source=POINTER)
        return self.access(action, name)

    def csr_fp(self, action):
        s = self.source
        atom = self.access(action, s.choice(FP_CSRS))
        if s.random() < 0.7:  # few rounding modes are legal
            atom = atom + Atom("frm", csr(CSRRWI, 0, "frm", s.randrange(5)))
        return atom

    def csr_constant(self, action):
        return self.access(action, self.source.choice(CONSTANT_CSRS))

    def csr_none(self, action):
        number = self.source.choice(NO_CSR)
        if number == MVIEN and self.young:  # which has Smaia (judge.py)
            number += 8
        return self.access(action, number)

    def csr_counter(self, action):
        """Time does not go back; by how much it goes on is masked."""
        s, rd = self.source, self.scratch()
        name = s.choice(COUNTER_CSRS)
        if s.random() < 0.3:  # no number that time soon runs over
            return self.access(CSRRWI, name, rd=0)
        return Atom("csr " + name, csr(CSRRS, POINTER, name, 0),
                    csr(CSRRS, rd, name, 0), op(rd, rd, POINTER, 3),
                    addi(POINTER, 0, 0))

    def csr_distance(self, action):
        """How far a counter goes on in code that nothing interrupts."""
        s, rd = self.source, self.scratch()
        name = s.choice(COUNTER_CSRS[:1] + COUNTER_CSRS[2:] + EVENT_COUNTERS)
        between = [addi(self.rd(), self.rs(), s.getrandbits(11))
                   for _ in range(s.randrange(6))]
        return Atom("csr " + name, csr(CSRRS, POINTER, name, 0), *between,
                    csr(CSRRS, rd, name, 0), op(rd, rd, POINTER, 0, 0x20),
                    addi(POINTER, 0, 0))

    def csr_no_value(self, action):
        """CSRs of which only is compared whether they are there."""
        atom = Atom("csrs")
        for name in self.source.sample(self.isa.valueless_csrs, 8):
            if (name[0] == "t" and self.differs("triggers") or
                    name == "mcountinhibit" and
                    self.differs("inhibited counters")):
                atom = atom + self.access(CSRRS, name, rd=0, source=0)
            elif name.startswith("mhpmevent") and self.young:
                # When a counter overflows is the machine's own.
                atom = atom + self.access(CSRRWI, name, rd=0, source=0)
            else:
                atom = atom + self.access(action, name, rd=0)
        return atom

    def csr_pmp(self, action):
        """Entries that a chunk does not use may be written."""
        n = self.source.randrange(18)
        if n in (14, 15):
            return self.access(CSRRS, "pmpcfg%d" % (2 * n - 28), source=0)
        if n > 15:
            return self.access(CSRRS, "pmpaddr%d" % (n - 2), source=0)
        if n < 8:
            return self.access(CSRRS, "pmpaddr%d" % n, source=0)
        return self.access(action, "pmpaddr%d" % n)

    def csr_vector(self, action):
        name, rd = self.source.choice(VECTOR_CSRS), self.scratch()
        source = self.rs()
        return Atom("csr " + name, csr(CSRRW, POINTER, name, source),
                    csr(CSRRW, rd, name, POINTER))

    def csr_status(self, action):
        s = self.source
        mask, rd = s.choice(STATUS_BITS), self.scratch()
        if self.keeps_mprv and s.random() < 0.4:
            return self.change_mprv(rd)
        if s.random() < 0.3:
            mask |= s.choice(STATUS_BITS)
        if s.random() < 0.4 and self.interrupted:
            mask |= s.choice((MIE, SIE))
        name = s.choice(("mstatus", "sstatus"))
        action = s.choice((CSRRS, CSRRC))
        both = self.constant(POINTER, mask) + self.access(
            action, name, rd, POINTER)
        if mask & 3 << 13:  # floating point is off for a while only
            more = self.make(s.choice(self.isa.rows))
            if not more.fixes and not self.queue:
                both = both + more
            both = both + self.constant(POINTER, 3 << 13) + self.access(
                CSRRS, name, rd, POINTER)
        return both

    def change_mprv(self, rd):
        """M-mode loads and stores as another mode from now on, or not."""
        if self.source.random() < 0.4:
            return self.constant(rd, MPRV) + Atom(
                "mprv", csr(CSRRC, 0, "mstatus", rd))
        other = self.source.choice((S, U)) << 11
        return (self.constant(rd, MPP) +
                Atom("mprv", csr(CSRRC, 0, "mstatus", rd)) +
                self.constant(rd, MPRV | other) +
                Atom("mprv", csr(CSRRS, 0, "mstatus", rd)))

    def csr_environment(self, action):
        """FIOM of menvcfg and senvcfg, or what says which cache operations are
        legal and whether A and D are set; the other fields stay."""
        s = self.source
        name = s.choice(("menvcfg", "senvcfg"))
        if not self.young or s.random() < 0.3:
            return self.access(s.choice((CSRRSI, CSRRCI)), name, source=1)
        value = self.cache_fields() | s.getrandbits(1)
        if name == "menvcfg":
            value |= self.menvcfg ^ (s.getrandbits(1) << 61
                                     if self.changes_ad else 0)
        return self.constant(POINTER, value) + self.access(
            CSRRW, name, source=POINTER)

    def csr_delegation(self, action):
        if self.waits or not self.interrupted:
            value, name = self.delegation(), "medeleg"
        else:
            name = self.source.choice(("medeleg", "mideleg"))
            value = (self.delegation() if name == "medeleg" else
                     self.interrupt_delegation())
        return self.constant(POINTER, value) + self.access(
            CSRRW, name, source=POINTER)

    def csr_interrupt(self, action):
        """mie and the like; mip only where interrupts are a theme."""
        s = self.source
        name = s.choice(("sip", "sie", "mip", "mie"))
        if not self.interrupted:
            return self.access(CSRRS, name, source=0)
        if name in ("sie", "mie") and action != CSRRC:
            value = self.interrupts & s.getrandbits(14)
            return self.constant(POINTER, value) + self.access(
                action & 3, name, source=POINTER)
        return self.access(action, name)

    # Interrupts, raised where both machines take them at once.

    def choose_interrupts(self):
        """Interrupts that may be enabled together, so that none but the
        specification's order of priority is right."""
        s = self.source
        self.interrupts, self.always_delegated = s.choice((
            (0x288, 0), (0x288, 0), (0x022, 0), (0x028, 0), (0x0aa, 0x022),
            (0x800, 0)))
        if not self.differs("interrupt priority"):
            self.interrupts = self.all_interrupts()
            self.always_delegated = 2 if self.waits else 0
        elif self.waits:
            self.interrupts, self.always_delegated = 0x0aa, 0x022
        self.csrs["mideleg"] = self.interrupt_delegation()
        self.csrs["mie"] = self.interrupts & s.getrandbits(14) | (
            2 if self.waits else 0)

    def for_supervisor(self):
        """The interrupts that may be delegated."""
        return 0x222 | (LCOFI if self.isa.judge.has_lcofi() else 0)

    def all_interrupts(self):
        return self.for_supervisor() | 0x888

    def interrupt_delegation(self):
        s = self.source
        if self.privilege == M and s.random() < 0.6:
            return self.always_delegated
        return s.getrandbits(14) | self.always_delegated

    def interrupt(self):
        s = self.source
        kinds = [self.raise_pending] * 3 + [self.reach_time, self.open_up,
                                            self.service]
        if self.waits:
            kinds += [self.wait]
        if self.privilege == M and not self.moves:
            kinds += [self.raise_device] * 2
        return s.choice(kinds)()

    def raise_pending(self):
        s = self.source
        name = s.choice(("sip", "mip"))
        if s.getrandbits(1):
            return self.access(CSRRSI, name, source=SIE)
        pending = self.for_supervisor() & s.choice(
            (self.interrupts, self.interrupts, ALL, s.getrandbits(14)))
        return self.constant(POINTER, pending) + self.access(
            CSRRS, name, source=POINTER)

    def reach_time(self):
        """Writes stimecmp: reached already, or never."""
        s = self.source
        name = "stimecmp"
        if not self.timed and self.differs("STCE"):
            return self.access(CSRRS, name, source=0)
        if s.getrandbits(1):
            return self.access(CSRRWI, name, source=0)
        return Atom("csr stimecmp", addi(POINTER, 0, -1),
                    csr(CSRRW, self.rd(), name, POINTER))

    def open_up(self):
        s = self.source
        action = s.choice((CSRRSI, CSRRSI, CSRRCI))
        if s.getrandbits(1):
            return self.access(action, "sstatus", 0, SIE)
        return self.access(action, "mstatus", 0, s.choice((SIE, MIE)))

    def raise_device(self):
        """A store to the CLINT or the UART while M-mode takes no interrupts."""
        s, rd = self.source, self.scratch()
        raised = s.choice((
            [lui(POINTER, MSIP), addi(rd, 0, 1), store(rd, POINTER, 0, 2)],
            [lui(POINTER, MTIMECMP), store(0, POINTER)],
            [lui(POINTER, UART), addi(rd, 0, IER_THRI),
             store(rd, POINTER, 1, 0)]))
        return Atom("device", csr(CSRRCI, 0, "mstatus", MIE), *raised,
                    csr(CSRRSI, 0, "mstatus", MIE))

    def wait(self):
        """wfi, with an interrupt that is pending and enabled."""
        return Atom("wfi", csr(CSRRSI, 0, "sip", SIE), WFI)

    # Changes of privilege.

    def xret(self, name=None):
        s, rd = self.source, self.scratch()
        name = name or s.choice(("mret", "sret"))
        to = s.choice((S, U, U, M) if name == "mret" else (S, U, U))
        atom = Atom(name, auipc(POINTER), addi(POINTER, POINTER, 0))
        if to == U and self.translated:
            atom = atom + self.constant(rd, U_ALIAS) + Atom(
                name, op(POINTER, POINTER, rd))
        epc, status = "mepc", "mstatus"
        mask, value, back = MPP, to << 11, MRET
        if name == "sret":
            epc, status = "sepc", "sstatus"
            mask, value, back = SPP, SPP if to else 0, SRET
        atom = atom + Atom(name, csr(CSRRW, 0, epc, POINTER))
        atom = atom + self.constant(rd, mask)
        atom = atom + Atom(name, csr(CSRRC, 0, status, rd))
        if value:
            atom = atom + self.constant(rd, value)
            atom = atom + Atom(name, csr(CSRRS, 0, status, rd))
        return (atom + Atom(name, back)).address(0, 1)

    # Code that changes.

    def slot(self):
        """An instruction that another may stand in for."""
        s = self.source
        rows = [row for row in self.isa.rows
                if row.format in PATCHES and row.size == 4]
        row = s.choice(rows)
        raw = self.operands(row, row.fill(s))
        return put(raw, 7, 5, self.rd()) if row.format == "U" else raw

    def patch(self):
        """An instruction is overwritten, for once or to and fro; one that is
        still to come, or that a loop comes back to."""
        s, rd, other = self.source, self.scratch(), self.scratch()
        old, new = self.slot(), self.slot()
        over = s.randint(1, 3)
        slot = Atom("slot", old)
        between = [Atom("filler", self.slot()) for _ in range(over - 1)]
        if s.random() < 0.3:
            over = -over
        code = Atom("patch", auipc(POINTER), addi(POINTER, POINTER, 0))
        code.address(0, over)
        if s.random() < 0.5 and rd != other:
            code = code + self.constant(other, old ^ new) + Atom(
                "patch", load(rd, POINTER, 0, 6), op(rd, rd, other, 4),
                store(rd, POINTER, 0, 2))
        elif s.random() < 0.3:
            code = code + self.constant(rd, new) + Atom(
                "patch", store(rd, POINTER, 0, 1), srli(rd, rd, 16),
                store(rd, POINTER, 2, 1))
        else:
            code = code + self.constant(rd, new) + Atom(
                "patch", store(rd, POINTER, 0, 2))
        code = code + Atom("patch", FENCE_I)
        code.victim_over = over
        if over > 0:
            self.queue += between + [slot]
            return code
        self.queue += between + [code]
        return slot
