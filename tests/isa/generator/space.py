"""Page tables, as pokes: physical address -> value.  They are in memory all
of them (known.py, "PMA of page tables").

Privileged specification, "Sv39", "Sv48", "Sv57".  An entry is a leaf, a
pointer, or wrong in one of the ways that `broken_leaf` and `broken_pointer`
know.
"""

from .layout import (BASE, DATA, LANDING, MIDDLE, PAGE, TABLE_PAGES, TABLES,
                     U_ALIAS)

V, R, W, X, U, G, A, D = (1 << n for n in range(8))
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


def choose_middle(source, levels, level):
    """Where the window is to be if its leaves are of this level: the middle
    keeps its offset in the superpage."""
    top = source.choice((source.randint(32, 254), source.randint(258, 509)))
    # Bare, too, it is where known.py, "unassigned addresses", does not matter.
    va = top << 12 + 9 * (levels - 1)
    for at in range(level, levels - 1):
        border = source.random() < 0.2
        va |= 0 if border else source.getrandbits(9) << 12 + 9 * at
    va &= -size_of(level)
    va |= MIDDLE & size_of(level) - 1 & -PAGE
    bits = 12 + 9 * levels
    return va | (-1 << bits & (1 << 64) - 1 if va >> bits - 1 else 0)


def window_leaves(middle, level):
    """(virtual, physical) for each leaf that the window needs; at the last
    level the two pages of data have changed places."""
    if level == 0:
        return [(middle - 3 * PAGE, LANDING),
                (middle - 2 * PAGE, LANDING + PAGE),
                (middle - PAGE, MIDDLE), (middle, DATA)]
    size = size_of(level)
    below = (middle - PAGE & -size, DATA & -size)
    above = (middle & -size, MIDDLE & -size)
    return [below] if below == above else [below, above]


def upper_bit(source, pte_bits):
    """A bit of an entry from 54 up: PBMT or N, if they are more than reserved
    (known.py, "reserved bits"). N is no page's here: its neighbours would have
    to be the same."""
    return 1 << (source.randrange(61, 64) if pte_bits else
                 source.randrange(54, 64))


def broken_leaf(source, pte_bits, level, pte):
    """A leaf that faults, or is unusual."""
    kind = source.randrange(12)
    if kind == 0:
        return pte ^ 1 << source.randrange(8)
    if kind >= 8:  # what it permits, and nothing else
        return pte & ~(R | W | X) | source.choice((R, R, X, X, R | X))
    if kind == 1:
        return pte & ~(R | W | X) | source.choice((0, X, W, W | X, R | X))
    if kind == 2:
        return pte & ~0xff | source.getrandbits(8) | V
    if kind == 3:
        return pte | upper_bit(source, pte_bits)
    if kind == 4:
        return pte & ~source.choice((V, 0xff & ~V))
    if kind == 5:
        return pte ^ U
    if kind == 6 and level:
        return pte | 1 << source.randrange(10, 10 + 9 * level)
    return pte & ~(A | D) | source.choice((0, A))


def no_table_of_code(tables, level, pte):
    """A pointer that a leaf became leads to a table where nothing is."""
    if level and pte & V and not pte & (R | W | X):
        return pte & 0x3ff | entry(tables.empty, 0)
    return pte


def broken_pointer(source, pte_bits, tables, pte):
    kind = source.randrange(7)
    if kind == 0:
        return pte & ~V
    if kind == 1:
        return pte | source.choice((A, D, U, A | D))
    if kind == 2:
        return pte | upper_bit(source, pte_bits)
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
        value = broken_pointer(source, isa.pte_bits, tables, pte)
    else:
        value = broken_leaf(source, isa.pte_bits, level, pte)
        value = no_table_of_code(tables, level, value)
        if not value & A and value & (R | W | X):
            value |= R | W  # known.py, "A of an AMO"
    return value if global_ok else value & ~G
