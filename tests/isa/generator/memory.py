"""Atoms of page tables, ASIDs, PMP, MPRV and wild addresses; and the memory
a chunk begins with."""

from . import layout, space
from .atom import Atom
from .layout import (BASE_REG, DATA, DATA_END, LANDING, MIDDLE, PAGE,
                     POINTER, RAM_END, SP, WINDOW)
from .rows import CSRRC, CSRRS, CSRRW, csr, jalr, put, sfence, store

M, S, U = 3, 1, 0
MASK = (1 << 64) - 1
ASIDS = (0, 1, 2, 0x7fff, 0x8000, 0xffff)
ODDS_WRONG_WINDOW = 0.03
ODDS_BROKEN = 0.5
MPRV, MPP = 1 << 17, 3 << 11

PMP_R, PMP_W, PMP_X, PMP_L = 1, 2, 4, 0x80
PMP_TOR, PMP_NA4, PMP_NAPOT = 1 << 3, 2 << 3, 3 << 3
PMP_RIGHTS = (0, PMP_R, PMP_X, PMP_R | PMP_X, PMP_R | PMP_W, 7, 7)
PMP_AD_RIGHTS = (0, PMP_X, PMP_R | PMP_W, 7)  # both, or not even reading
BLOCK = 64  # of a cache
PMP_ENTRIES = 7  # that a chunk uses; the last one of all opens the rest


class Memory:
    # What a chunk begins with.

    def choose_spaces(self):
        s = self.source
        self.spaces, self.asids = [], s.sample(ASIDS, 2)
        self.translated = s.random() < 0.7
        self.middle_va, self.satp = MIDDLE, 0
        if self.translated:
            self.make_spaces()
        here = self.translated and self.privilege != M
        here ^= s.random() < ODDS_WRONG_WINDOW
        self.middle = self.middle_va if here else MIDDLE

    def make_spaces(self):
        s = self.source
        width = s.choice((39, 39, 48, 57, 57))
        levels = space.MODES[width][1]
        level = s.randrange(levels) if s.random() < 0.7 else 0
        napot = (self.young and level == 0 and not self.guarded and
                 not self.locked and s.random() < 0.5)
        self.middle_va = space.choose_middle(s, levels, level, napot)
        self.largest = max(level, 1)  # of the window's leaves
        two = self.edits and s.random() < 0.4
        self.global_ok = not two and s.random() < 0.5
        self.with_global = self.global_ok and s.random() < 0.6
        for i in range(1 + two):
            self.spaces.append(self.make_space(
                width, level if i == 0 else s.randint(0, min(level, 1)),
                napot and (i == 0 or s.getrandbits(1))))
        self.space = self.spaces[0]
        self.satp = self.space.satp(self.asids[0])

    def make_space(self, width, level, napot):
        s = self.source
        new = space.Space(self.tables, width)
        new.width = width
        used = s.choice((space.D, space.A | space.D))
        if self.changes_ad or not self.sets_ad:
            used = space.A | space.D
        new.map_code(s, used | (space.G if self.with_global else 0))
        usual = space.USUAL | (space.U if self.privilege == U else 0)
        new.usual = []
        for va, pa in space.window_leaves(self.middle_va, level, napot):
            flags = usual | (space.X if s.random() < 0.6 else 0)
            if self.with_global and s.getrandbits(1):
                flags |= space.G
            new.usual.append(new.map_napot(va, pa, flags) if napot else
                             new.map(va, pa, level, flags, True))
        new.good = dict(self.tables.pokes)
        if s.random() < ODDS_BROKEN:
            for _ in range(s.randint(1, 2)):
                self.break_entry(new, s.choice(sorted(new.window)))
        return new

    def break_entry(self, of, place):
        value = self.variant(of, place)
        for i in range(of.alike(place)):
            self.tables.pokes[place + 8 * i] = value

    def variant(self, of, place):
        va, level, is_leaf = of.window[place]
        value = space.variant(self.source, self.isa, self.tables, level,
                              is_leaf, of.good[place], self.global_ok)
        if (is_leaf and value & (space.R | space.W | space.X) and
                not value & space.A and (self.sets_ad or self.changes_ad) and
                self.differs("A of an AMO")):
            value |= space.R | space.W
        if (self.guarded or self.locked) and value & (space.R | space.X) and (
                self.differs("order of an AMO's faults")):
            value |= space.R | space.W | space.D
        if is_leaf and (self.sets_ad or self.changes_ad) and (
                of.alike(place) > 1 and
                self.differs("A and D of NAPOT leaves") or
                not self.aligned and self.differs("A and D across pages")):
            value |= space.A | space.D
        return value

    def is_usual(self):
        """Whether the window is there as it should be, and stays so."""
        if (self.guarded or self.edits or self.moves or self.locked or
                self.keeps_mprv):
            return False
        if not self.translated or self.privilege == M:
            return self.middle == MIDDLE
        pokes = self.tables.pokes
        return self.middle == self.middle_va and all(
            pokes[place] == self.space.good[place]
            for place in self.space.window)

    def choose_pmp(self):
        s = self.source
        self.alignment = MASK & (-8 if self.aligned else -1)
        self.base_offset = {SP: 16, BASE_REG: 8 if self.aligned else 3,
                            WINDOW: 0}
        self.csrs["pmpaddr15"] = layout.PMPADDR
        self.csrs["pmpcfg2"] = (PMP_NAPOT | 7) << 56
        if not self.guarded and not self.locked:
            return
        # An entry keeps its mode; as TOR the first would hold all below it.
        smallest = PMP_NAPOT if self.coarse else PMP_NA4
        self.pmp_kinds = [s.choice((smallest, PMP_NAPOT, PMP_NAPOT, PMP_TOR)
                                   if n else (smallest, PMP_NAPOT))
                          for n in range(PMP_ENTRIES)]
        config = 0
        for n in range(PMP_ENTRIES):
            address, rights = self.pmp_region(n)
            self.csrs["pmpaddr%d" % n] = address
            if s.random() < 0.6:
                config |= self.pmp_config(n, rights) << 8 * n
        self.csrs["pmpcfg0"] = config

    def pmp_config(self, n, rights):
        lock = PMP_L if self.locked and self.source.getrandbits(1) else 0
        return rights | self.pmp_kinds[n] | lock

    def pmp_region(self, n):
        """A pmpaddr in the data, a landing or the window's tables, and
        rights that suit it."""
        s = self.source
        where, rights = s.random(), s.choice(PMP_RIGHTS)
        if where < 0.1:
            start, end = LANDING, DATA
        elif where < 0.2 and self.spaces and PMP_TOR not in (
                self.pmp_kinds[n:n + 2]):
            start = self.space.tables_below(s)
            end = start + PAGE
            if self.differs("PMP and A/D"):
                rights = s.choice(PMP_AD_RIGHTS)
        elif where < 0.6:
            start, end = MIDDLE - 64, MIDDLE + 64
        else:
            start, end = DATA, DATA_END
        address = s.randrange(start, end, BLOCK if self.coarse else 4) >> 2
        kind = self.pmp_kinds[n]
        if kind == PMP_NAPOT:
            bits = s.randint(3 if self.coarse else 0, 9)  # to a page
            address = address & -1 << bits + 1 | (1 << bits) - 1
        return address, rights

    # Atoms.

    def memory(self):
        s = self.source
        kinds = [self.far] * 2 + [self.landing] * 6
        if self.spaces and self.largest > 2:
            kinds += [self.landing] * 12
        if self.spaces:
            kinds += [self.through_mprv] * (4 if self.privilege == M else 0)
        if self.spaces and self.edits:
            kinds += [self.edit] * 6 + [self.switch] * 2
        if self.guarded:
            kinds += [self.edit_pmp] * 2
        return s.choice(kinds)()

    def wild(self):
        """An address that is not the window's."""
        s = self.source
        kind = s.randrange(6)
        va = self.middle_va + s.randint(-64, 64) & self.alignment
        if kind == 0:
            va = self.middle ^ 1 << s.randrange(30, 64)
        elif kind == 1:
            va ^= MASK << s.randrange(38, 64)
        elif kind == 2:
            va = RAM_END + 8 * s.randint(-2, 2)
            if not self.differs("misaligned, no RAM"):
                va += s.choice((0, s.randrange(8)))
        elif kind == 3:
            va = MASK - s.randrange(64)
        elif kind == 4:
            va = s.getrandbits(64) | 1 << 48
        elif self.spaces and self.largest < self.space.levels - 1:
            va ^= 1 << s.randrange(21 + 9 * self.largest,
                                   12 + 9 * self.space.levels)
        else:
            va = RAM_END + s.randrange(1 << 29)
        return self.away_from_devices(va & MASK)

    def away_from_devices(self, address):
        """The address; another one instead of a device's or the runtime's."""
        if address < DATA and address >> 32 == 0:
            return RAM_END + (address & 0xffff)
        if address >> 34 & 31 == 1 and self.differs("unassigned addresses"):
            return address ^ 1 << 35
        return address

    def may_manage(self):
        """Whether all data of the window is at addresses that exist."""
        return not self.differs("blocks of nothing") or (
            self.middle == MIDDLE or self.privilege != M and not self.moves)

    def may_use_block(self, row):
        """Whether a cache operation on the window stands here."""
        if (self.guarded or self.locked) and not self.coarse and (
                self.differs("PMP inside an access")):
            return False
        return row.name == "cbo_zero" or self.may_manage()

    def is_judged(self, row, address, nowhere):
        """Whether the judge executes the row at an address as it should."""
        if address & 7 and address > MASK - 7 and (
                self.differs("end of the address space")):
            return False
        if row.format == "CBO":
            return self.may_use_block(row) and not (
                nowhere and row.name != "cbo_zero" and
                self.differs("blocks of nothing"))
        if row.format in ("STORE", "FSTORE"):
            return not (RAM_END - 8 < address < RAM_END and
                        self.differs("stores across the end of RAM"))
        if row.name.startswith("sc_") and self.differs("SC that fails"):
            return False
        if row.format in ("AMO", "LR"):
            # A superpage may have addresses that are no RAM.
            return not (address & 7 and self.differs("misaligned atomics") or
                        self.spaces and self.largest > 2 and
                        self.differs("order of an AMO's faults"))
        return True

    def access_through(self, base, address, nowhere):
        """An access to what `base` points at. nowhere: whether that may be
        nothing."""
        s = self.source
        row = s.choice(self.isa.accesses)
        if not self.is_judged(row, address, nowhere):
            row = self.row_of["lbu"]
        raw = put(row.fill(s), 15, 5, base)
        if row.format == "CBO":
            return Atom(row.name, raw)
        if row.format in ("STORE", "FSTORE"):
            raw = put(put(raw, 7, 5, 0), 25, 7, 0)
            return Atom(row.name, put(raw, 20, 5, self.rs()))
        if row.format == "AMO":
            raw = put(raw, 20, 5, self.rs())
        elif row.format in ("LOAD", "FLOAD"):
            raw = put(raw, 20, 12, 0)
        rd = (s.choice(self.f_pool) if row.format == "FLOAD" else self.rd())
        return Atom(row.name, put(raw, 7, 5, rd))

    def far(self):
        address = self.wild()
        return self.constant(POINTER, address) + self.access_through(
            POINTER, address, True)

    def landing(self):
        """A jump out of the code and back: x9 links."""
        s = self.source
        first = self.middle - 3 * PAGE
        kind = s.random()
        if kind < 0.15:
            target = self.wild()
            if RAM_END - PAGE < target < RAM_END:
                # No code is there; besides, known.py, "end of RAM".
                target += PAGE
        elif kind < 0.45:
            target = first + PAGE - 2
        else:
            target = first + 2 * s.randrange(PAGE)
        return self.constant(POINTER, target & MASK) + Atom(
            "landing", jalr(POINTER, POINTER))

    def edit(self):
        """An entry of the window's tables is written, and fenced."""
        s, rd = self.source, self.scratch()
        of = s.choice(self.spaces)
        place = s.choice(sorted(of.window))
        value = (of.good[place] if s.random() < 0.5 else
                 self.variant(of, place))
        return (self.constant(rd, value) + self.constant(POINTER, place) +
                Atom("edit", *[store(rd, POINTER, 8 * i)
                               for i in range(of.alike(place))]) +
                self.fence(of, place, rd))

    def fence(self, of, place, rd):
        """A fence that is enough for the entry at `place`."""
        s = self.source
        va, level, is_leaf = of.window[place]
        asid = self.asids[self.spaces.index(of)]
        by_va = is_leaf and of.alike(place) == 1 and s.getrandbits(1)
        by_asid = not self.global_ok and s.getrandbits(1)
        atom = Atom("fence", sfence(POINTER if by_va else 0,
                                    rd if by_asid else 0))
        if by_asid:
            atom = self.constant(rd, asid) + atom
        if by_va:
            va += s.randrange(space.size_of(level))
            atom = self.constant(POINTER, va & MASK) + atom
        return atom

    def switch(self):
        """satp changes: another space with its own ASID, or none.  What the
        TLB holds of either stays true: no fence."""
        s = self.source
        stays = self.middle != MIDDLE and self.may_manage()
        n = s.randrange(len(self.spaces) + (not stays))
        value = (self.spaces[n].satp(self.asids[n]) if n < len(self.spaces)
                 else s.choice((0, 5 << 60 | s.getrandbits(60))))
        return self.constant(POINTER, value) + Atom(
            "switch", csr(CSRRW, self.rd(), "satp", POINTER))

    def through_mprv(self):
        """M-mode accesses the window as another mode would."""
        s, rd = self.source, self.scratch()
        fence = [sfence(0, 0)] if self.differs("MPRV") else []
        other = s.choice((S, U)) << 11
        address = self.middle_va + s.randint(-64, 64) & self.alignment
        begin = (self.constant(rd, MPP) + Atom("", csr(CSRRC, 0, "mstatus", rd))
                 + self.constant(rd, MPRV | other) +
                 self.constant(POINTER, address) +
                 Atom("", csr(CSRRS, 0, "mstatus", rd), *fence))
        middle = self.access_through(POINTER, address, self.edits)
        end = self.constant(POINTER, MPRV) + Atom(
            "", csr(CSRRC, 0, "mstatus", POINTER), *fence)
        both = begin + middle + end
        both.name = "mprv"
        return both

    def edit_pmp(self):
        s = self.source
        n = s.randrange(PMP_ENTRIES)
        address, rights = self.pmp_region(n)
        value, name = address, "pmpaddr%d" % n
        if s.getrandbits(1):
            value = self.csrs["pmpcfg0"] & ~(0xff << 8 * n)
            value |= self.pmp_config(n, rights) << 8 * n
            name = "pmpcfg0"
        atom = self.constant(POINTER, value) + Atom(
            "pmp", csr(CSRRW, self.rd(), name, POINTER))
        if name != "pmpcfg0" and self.differs("PMP, TOR"):
            following = "pmpaddr%d" % (n + 1)
            atom = atom + Atom("pmp", csr(CSRRS, POINTER, following, 0),
                               csr(CSRRW, 0, following, POINTER))
        return atom + Atom("pmp", sfence(0, 0))
