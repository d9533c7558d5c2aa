"""Atoms, and how they become code.

An atom is a list of encodings that stay together.  What depends on where it
stands is a fix: a jump to another atom, the address of another atom's
instruction, or a 64-bit literal behind the code.  Any selection of a chunk's
atoms is a chunk, too: what jumps to an atom that is gone goes to the next
that is left.
"""

from bisect import bisect_left

from .rows import OFFSETS, scatter


class Atom:
    def __init__(self, name, *code):
        """code: (encoding, bytes)s or encodings of 4 bytes."""
        self.name = name
        self.code = [c if isinstance(c, tuple) else (c, 4) for c in code]
        self.size = sum(size for _, size in self.code)
        self.fixes = []
        self.index = None
        self.victim_over = None  # how far on the atom is that this one is for

    def jump(self, at, format, over, origin=None):
        """Instruction `at` jumps over atoms; counted from `origin`'s place."""
        self.fixes.append(("jump", at, (format, over,
                                        at if origin is None else origin)))
        return self

    def literal(self, at, value):
        """An auipc at `at` and a load behind it that get a 64-bit value."""
        self.fixes.append(("literal", at, value & (1 << 64) - 1))
        return self

    def address(self, at, over, offset=0):
        """An auipc at `at` and an addi behind it that point at `offset` in an
        atom further on (or back)."""
        self.fixes.append(("address", at, (over, offset)))
        return self

    def __add__(self, other):
        """The two as one; the second's jumps stay its own."""
        both = Atom(self.name, *self.code, *other.code)
        shift = len(self.code)
        both.fixes = self.fixes + [
            (kind, at + shift, (what[0], what[1], what[2] + shift)
             if kind == "jump" else what) for kind, at, what in other.fixes]
        return both

    @property
    def victim(self):
        return self.victim_over and self.index + self.victim_over

    def place(self, at):
        return sum(size for _, size in self.code[:at])


def high_low(distance):
    """What auipc and the 12-bit offset behind it hold."""
    low = (distance + 0x800 & 0xfff) - 0x800
    return distance - low, low


class Assembly:
    """A selection of a chunk's atoms as code at an address."""

    def __init__(self, atoms, address, end):
        """end: the encodings behind the last atom, (address -> [(raw, 4)])."""
        kept = {atom.index for atom in atoms}
        self.atoms = [a for a in atoms if a.victim is None or a.victim in kept]
        self.indices = [atom.index for atom in self.atoms]
        self.address, self.places, self.literals = address, [], {}
        self.code = bytearray()
        place = 0
        for atom in self.atoms:
            self.places.append(place)
            place += atom.size
        self.places.append(place)
        tail = end(address + place)
        self.pool = (address + place + 4 * len(tail) + 7 & ~7) - address
        for i, atom in enumerate(self.atoms):
            self.put(i, atom)
        for raw in tail:
            self.code += raw.to_bytes(4, "little")
        self.code += bytes(self.pool - len(self.code))
        for value in self.literals:
            self.code += value.to_bytes(8, "little")

    def put(self, i, atom):
        code = list(atom.code)
        for kind, at, what in atom.fixes:
            here = self.places[i] + atom.place(at)
            if kind == "jump":
                self.fix_jump(code, at, i, atom, what)
            elif kind == "literal":
                place = self.literals.setdefault(what, 8 * len(self.literals))
                self.fix_pair(code, at, self.pool + place - here)
            else:
                there = self.places[self.find(atom.index + what[0])] + what[1]
                self.fix_pair(code, at, there - here)
        for raw, size in code:
            self.code += raw.to_bytes(size, "little")

    def find(self, index):
        return bisect_left(self.indices, index)

    def fix_jump(self, code, at, i, atom, what):
        format, over, origin = what
        places, farthest = OFFSETS[format]
        here = self.places[i] + atom.place(origin)
        target = self.find(atom.index + over)
        while self.places[target] - here > farthest and target > i + 1:
            target -= 1
        distance = self.places[target] - here
        code[at] = scatter(code[at][0], distance, places), code[at][1]

    @staticmethod
    def fix_pair(code, at, distance):
        high, low = high_low(distance)
        code[at] = code[at][0] | high & 0xfffff000, 4
        code[at + 1] = code[at + 1][0] | (low & 0xfff) << 20, 4
