"""A chunk: the state it begins from, and its atoms."""

import random

from . import layout, space, values
from .atom import Assembly, Atom
from .layout import BASE_REG, COUNTER, FREE, POINTER, U_ALIAS
from .memory import Memory
from .ordinary import Ordinary
from .rows import auipc, jalr
from .system import System

M, S, U = 3, 1, 0
ODDS_SYSTEM = 0.10
ODDS_MEMORY = 0.06
ODDS_ILLEGAL = 0.005
ODDS_FRESH = 0.05
ODDS_LOOP = 0.08
LOOP_ATOMS = 40
LOOP_BYTES = 1500  # what a branch reaches back, and a literal before that

STATUS_FS = 3 << 13
CYCLES, RETIRED = 1, 2  # events
EVENT_OF = 1 << 63
CBIE = (0, 1, 3, 3)  # not 2, which is reserved
DELEGABLE = 0xb3ff  # what a chunk may delegate, the stub's own cause aside
LOADS, STORES = 0x2030, 0x80c0  # causes of loads; of stores, two further on


class Chunk(Ordinary, System, Memory):
    def __init__(self, isa, seed, length, times=8, locked=False):
        """isa: what of rv64.def is judged (judge.Isa); times: how often a
        loop runs, about; locked: PMP may be, which no other chunk survives."""
        self.isa, self.seed, self.times, self.locked = isa, seed, times, locked
        self.differs, self.young = isa.judge.differs, isa.judge.young
        self.source = s = random.Random(seed)
        self.row_of = isa.row_of
        self.tables = space.Tables()
        self.passes = s.randint(1, 3)
        self.skew = s.randrange(4)
        self.privilege = s.choice((M, S, S, U, U))
        self.theme()
        self.csrs = dict.fromkeys(layout.SETUP, 0)
        self.choose_spaces()
        self.choose_csrs()
        self.choose_pmp()
        self.usual = self.is_usual()
        self.x = [values.integer(s) for _ in range(31)]
        self.x[COUNTER - 1] = 0
        self.f = [values.floating(s) for _ in range(32)]
        # Few registers, so that results meet again.
        self.pool = s.sample(FREE[1:], 10) + [0]
        self.f_pool = s.sample(range(32), 8)
        self.choose_atoms(length)

    def theme(self):
        """What the chunk may do besides computing."""
        s = self.source
        self.moves = s.random() < 0.35  # changes privilege
        self.interrupted = s.random() < 0.3
        self.waits = self.interrupted and s.random() < 0.3
        self.edits = s.random() < 0.4  # page tables, satp
        self.guarded = s.random() < 0.25  # by PMP
        self.sets_ad, self.changes_ad = True, False  # Svadu, for now
        self.pbmt = self.isa.pte_bits
        if self.young:
            self.sets_ad = s.random() < 0.6
            self.changes_ad = s.random() < 0.3
            self.pbmt = s.random() < 0.6
        # Whether no PMP entry lies inside of what one instruction accesses.
        self.coarse = self.young and s.random() < 0.5
        self.aligned = (self.guarded or self.locked) and (
            self.differs("PMP and misaligned accesses") or
            self.differs("PMP inside an access") and not self.coarse)
        if (self.sets_ad or self.changes_ad) and self.differs(
                "A and D across pages"):
            self.aligned |= s.random() < 0.5
        # What M-mode accesses is for long as another would.
        self.keeps_mprv = (self.privilege == M and not self.differs("MPRV") and
                           s.random() < 0.3)

    def choose_csrs(self):
        s, c = self.source, self.csrs
        illegal_stub = s.random() < 0.2
        self.kept = 1 << (2 if illegal_stub else 9)  # causes never delegated
        c["medeleg"] = 0 if s.random() < 0.4 else self.delegation()
        stub = self.isa.symbols["stub_illegal" if illegal_stub else
                                "stub_ecall"]
        c["stvec"] = stub | s.getrandbits(1)
        c["mtvec"] = (self.isa.symbols["vectors"] | 1 if s.random() < 0.5
                      else self.isa.symbols["trap"])
        self.timed = s.random() < 0.5  # Sstc
        self.menvcfg = (self.timed << 63 | self.pbmt << 62 |
                        self.sets_ad << 61)
        c["menvcfg"] = self.menvcfg | self.cache_fields()
        c["senvcfg"] = self.cache_fields()
        c["mcounteren"], c["scounteren"] = s.getrandbits(3), s.getrandbits(3)
        if self.young:
            self.choose_events()
        c["sscratch"] = values.integer(s)
        if self.interrupted:
            self.choose_interrupts()
        self.fcsr = s.choice((0, 0, 1, 2, 3, 4)) << 5
        self.status = self.choose_status()

    def choose_events(self):
        """Two counters that count, and do not interrupt; QEMU keeps an event
        to the counter that had it first."""
        s, c = self.source, self.csrs
        for name in ("mcounteren", "scounteren"):
            c[name] |= s.getrandbits(2) << 3
        for name, event in (("mhpmevent3", CYCLES), ("mhpmevent4", RETIRED)):
            if s.random() < 0.8:
                c[name] = EVENT_OF | event | s.choice(
                    (0, 0, 1, 2, 4, s.randrange(8))) << 60

    def cache_fields(self):
        """CBIE, CBCFE and CBZE of an xenvcfg."""
        if not self.young:
            return 0
        s = self.source
        kinds = CBIE if self.differs("CBIE") else range(4)
        return (s.choice(kinds) << 4 | (s.random() < 0.8) << 6 |
                (s.random() < 0.8) << 7)

    def delegation(self):
        causes = self.source.getrandbits(16) & DELEGABLE & ~self.kept
        if not self.differs("AMO causes"):
            return causes
        return causes & ~LOADS | (causes & STORES) >> 2  # both alike

    def choose_status(self):
        s = self.source
        status = self.privilege << 11 | s.getrandbits(2) << 18  # SUM, MXR
        if s.random() < 0.97:
            status |= STATUS_FS
        if self.interrupted:
            status |= s.getrandbits(1) << 7 | s.getrandbits(1) << 1
        if s.random() < 0.15:
            status |= s.getrandbits(3) << 20  # TVM, TW, TSR
        return status

    def count(self):
        return len(self.atoms)

    def add(self, atom):
        atom.index = len(self.atoms)
        self.atoms.append(atom)
        self.bytes += atom.size

    def choose_atoms(self, length):
        s = self.source
        self.atoms, self.queue, self.bytes = [], [], 0
        first = None  # atom of the loop that is open
        while len(self.atoms) < length or first is not None:
            if first is None and s.random() < ODDS_LOOP:
                self.add(self.loop_begin(s.randint(1, 2 * self.times)))
                first, begun = self.count(), self.bytes
                last = first + s.randint(3, LOOP_ATOMS)
            self.add(self.atom())
            while self.queue:  # what has to stand behind it
                self.add(self.queue.pop(0))
            if first is not None and (self.count() > last or
                                      self.bytes - begun > LOOP_BYTES):
                self.add(self.loop_end(first))
                first = None

    def atom(self):
        s = self.source
        dice = s.random()
        if dice < ODDS_ILLEGAL:
            return self.illegal()
        dice -= ODDS_ILLEGAL
        if dice < ODDS_FRESH:
            return self.fresh()
        dice -= ODDS_FRESH
        if dice < ODDS_SYSTEM:
            return self.system()
        dice -= ODDS_SYSTEM
        if dice < ODDS_MEMORY:
            return self.memory()
        return self.make(s.choice(self.isa.rows))

    def entry_of(self, address):
        """Where the chunk begins, as its privilege sees it."""
        return address + (U_ALIAS if self.translated and
                          self.privilege == U else 0)

    def assemble(self, atoms, address):
        def end(there):
            distance = self.isa.symbols["end_chunk"] - there
            low = (distance + 0x800 & 0xfff) - 0x800
            return [auipc(POINTER, distance - low & 0xffffffff),
                    jalr(0, POINTER, low)]
        return bytes(Assembly(atoms, address, end).code)

    def words(self, address, pokes, flags):
        """The descriptor."""
        return ([address, self.entry_of(address), self.passes, flags, pokes,
                 self.status, self.satp, self.middle,
                 self.middle + self.base_offset[BASE_REG], self.fcsr] +
                [self.csrs[name] for name in layout.SETUP] + self.x + self.f)

    def about(self):
        text = "%s-mode, " % "US?M"[self.privilege]
        if self.guarded or self.locked:
            text += "pmpcfg0 %016x, pmpaddr %s, " % (
                self.csrs["pmpcfg0"], " ".join(
                    "%x" % self.csrs["pmpaddr%d" % n] for n in range(8)))
        if not self.satp:
            return text + "bare"
        text += "Sv%d" % self.space.width
        for place, (va, level, leaf) in sorted(self.space.window.items()):
            text += "\n    level %d %s %016x at %x maps %x" % (
                level, "leaf   " if leaf else "pointer",
                self.tables.pokes[place], place, va)
        return text
