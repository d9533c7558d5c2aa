"""Page tables, as pokes: physical address -> value.  They are in memory all
of them (known.py, "PMA of page tables").

Privileged specification, "Sv39", "Sv48", "Sv57".  An entry is a leaf, a
pointer, or wrong in one of the ways that `broken_leaf` and `broken_pointer`
know.
"""

from .layout import (BASE, DATA, LANDING, MIDDLE, PAGE, RAM_END, TABLE_PAGES,
                     TABLES, U_ALIAS)

V, R, W, X, U, G, A, D = (1 << n for n in range(8))
N = 1 << 63
NAPOT = 64 << 10
NO_MEMORY = 0, RAM_END, RAM_END + (1 << 32), (1 << 56) - PAGE
USUAL = V | R | W | A | D
MODES = {39: (8, 3), 48: (9, 4), 57: (10, 5)}  # MODE of satp, levels


def size_of(level):
    return PAGE << 9 * level


def entry(pa, flags):
    return pa >> 12 << 10 | flags


class Tables:
    """The pages that a chunk's tables are made of."""

    def __init__(self):
        self.pokes, self.used = {}, 0
        self.empty = self.page()  # a table of invalid entries

    def page(self):
        assert self.used < TABLE_PAGES
        self.used += 1
        return TABLES + PAGE * (self.used - 1)


class Space:
    """One root, and the tables below it."""

    def __init__(self, tables, width):
        self.tables = tables
        self.mode, self.levels = MODES[width]
        self.root = tables.page()
        self.window = {}  # address of an entry -> (va, level, is a leaf)
        self.ranges = set()  # of the entries at which a NAPOT range begins

    def satp(self, asid):
        return self.mode << 60 | asid << 44 | self.root >> 12

    def map(self, va, pa, level, flags, window=False):
        """Makes a leaf; the tables above it where there are none."""
        table = self.root
        for at in range(self.levels - 1, level - 1, -1):
            place = table + (va >> 12 + 9 * at & 511) * 8
            if window:
                self.window[place] = va, at, at == level
            if at > level:
                table = self.below(place)
        self.tables.pokes[place] = entry(pa, flags)
        return place

    def map_napot(self, va, pa, flags):
        """Makes the sixteen leaves of a NAPOT range; where the first is."""
        for i in reversed(range(NAPOT // PAGE)):
            place = self.map(va + PAGE * i, pa | NAPOT // 2, 0, flags | N,
                             i == 0)
        self.ranges.add(place)
        return place

    def alike(self, place):
        """How many entries from the one at `place` on are to be the same."""
        return NAPOT // PAGE if place in self.ranges else 1

    def below(self, place):
        pokes = self.tables.pokes
        if not pokes.get(place):
            pokes[place] = entry(self.tables.page(), V)
        return pokes[place] >> 10 << 12

    def tables_below(self, source):
        """A page of the window's tables; never the root, which code needs."""
        pages = {place & -PAGE for place in self.window} - {self.root}
        return source.choice(sorted(pages) or [self.tables.empty])

    def map_code(self, source, flags):
        """Code for S-mode at its own address, for U-mode at its alias."""
        level = source.choice((1, 2))
        for va, user in ((BASE, 0), (BASE + U_ALIAS, U)):
            self.map(va, BASE, level, flags | V | R | W | X | user)


def choose_middle(source, levels, level, napot):
    """An address for the window if its leaves are of this level: the middle
    keeps its offset in the superpage."""
    top = source.choice((source.randint(32, 254), source.randint(258, 509)))
    # Bare, too, it is where known.py, "unassigned addresses", does not matter.
    va = top << 12 + 9 * (levels - 1)
    for at in range(level, levels - 1):
        border = source.random() < 0.2
        va |= 0 if border else source.getrandbits(9) << 12 + 9 * at
    va &= -size_of(level)
    if napot:
        va &= -NAPOT
    va |= MIDDLE & size_of(level) - 1 & -PAGE
    bits = 12 + 9 * levels
    return va | (-1 << bits & (1 << 64) - 1 if va >> bits - 1 else 0)


def window_leaves(middle, level, napot):
    """(virtual, physical) for each leaf that the window needs; at the last
    level the two pages of data have changed places."""
    if level == 0 and not napot:
        return [(middle - 3 * PAGE, LANDING),
                (middle - 2 * PAGE, LANDING + PAGE),
                (middle - PAGE, MIDDLE), (middle, DATA)]
    size = NAPOT if napot else size_of(level)
    below = (middle - PAGE & -size, DATA & -size)
    above = (middle & -size, MIDDLE & -size)
    return [below] if below == above else [below, above]


def upper_bit(source, isa):
    """A bit of an entry from 54 up: PBMT or N, if they are more than
    reserved."""
    lowest = 61 if isa.pte_bits and isa.judge.differs("reserved bits") else 54
    if not isa.judge.differs("PBMT=3") and source.random() < 0.1:
        return 3 << 61
    return 1 << source.randrange(lowest, 64)


def broken_leaf(source, isa, level, pte):
    """A leaf that faults, or is unusual."""
    kind = source.randrange(12)
    if isa.judge.young and source.random() < 0.25:  # Svade
        return pte & ~(A | D) | source.choice((0, A))
    if kind == 0:
        return pte ^ 1 << source.randrange(8)
    if kind >= 8:  # the rights alone are changed
        return pte & ~(R | W | X) | source.choice((R, R, X, X, R | X))
    if kind == 1:
        return pte & ~(R | W | X) | source.choice((0, X, W, W | X, R | X))
    if kind == 2:
        return pte & ~0xff | source.getrandbits(8) | V
    if kind == 3:
        return pte | upper_bit(source, isa)
    if kind == 6 and pte & N:
        return pte ^ 1 << source.randrange(10, 14)
    if kind == 4:
        return pte & ~source.choice((V, 0xff & ~V))
    if kind == 5:
        return pte ^ U
    if kind == 6 and level:
        return pte | 1 << source.randrange(10, 10 + 9 * level)
    return pte & ~(A | D) | source.choice((0, A))


def no_table_of_code(tables, level, pte):
    """The entry; if a leaf became a pointer, one to the empty table."""
    if level and pte & V and not pte & (R | W | X):
        return pte & 0x3ff | entry(tables.empty, 0)
    return pte


def broken_pointer(source, isa, tables, pte):
    if not isa.judge.differs("PMA of page tables") and source.random() < 0.1:
        return pte & 0x3ff | entry(source.choice(NO_MEMORY), 0)
    kind = source.randrange(7)
    if kind == 0:
        return pte & ~V
    if kind == 1:
        return pte | source.choice((A, D, U, A | D))
    if kind == 2:
        return pte | upper_bit(source, isa)
    if kind == 3:
        return pte | W
    if kind == 4:
        return entry(tables.empty, V)
    if kind == 5:
        return pte | G
    return pte | USUAL | source.choice((0, X, U))  # a misaligned superpage


def variant(source, isa, tables, level, is_leaf, pte, global_ok):
    """An entry that is wrong, or at least unusual."""
    if not is_leaf:
        value = broken_pointer(source, isa, tables, pte)
    else:
        value = broken_leaf(source, isa, level, pte)
        value = no_table_of_code(tables, level, value)
    return value if global_ok else value & ~G
