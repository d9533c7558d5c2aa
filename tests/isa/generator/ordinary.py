"""Atoms of rows: arithmetic, floating point, memory, jumps.

A row whose format has a make_ method becomes what that makes of it; the
others are one instruction with random operands.
"""

from .atom import Atom
from .layout import BASE_REG, BASES, COUNTER, POINTER, WINDOW
from .rows import (C_ADDI16SP, F_FIELDS, X_FIELDS, addi, auipc, branch, lui,
                   op, put, scatter, slli)

ILLEGAL = ((0x0000, 2), (0x8000, 2), (0x2001, 2), (0x8002, 2), (0x9c41, 2),
           (0x00007003, 4), (0x00002063, 4), (0x101525af, 4), (0x0000707b, 4),
           (0xffffffff, 4), (0xc0001073, 4), (0x02b55553, 4))
ODDS_RESERVED_RM = 0.01
ODDS_EQUAL = 0.1  # both sources are one register
ODDS_AT_BORDER = 0.3  # a load or store near the border of the pages
FARTHEST = 6  # atoms that a branch may jump over
BLT = 4
M, S = 3, 1
STATUS_TVM = 1 << 20


class Ordinary:
    """What Chunk makes of rows.  Needs source, pool, f_pool and row_of."""

    @classmethod
    def knows_format(cls, row):
        """Whether operands are chosen for the row's format: of another, any
        register might be overwritten."""
        return (row.size == 2 or row.format in X_FIELDS or
                row.format in F_FIELDS or row.format == "FENCE" or
                hasattr(cls, "make_" + row.format.lower()))

    def rd(self):
        return self.source.choice(self.pool)

    def rs(self):
        return self.source.choice(self.pool + list(BASES))

    def over(self):
        return 1 + self.source.randint(1, FARTHEST)

    def make(self, row):
        raw = row.fill(self.source)
        if row.ext == "SVINVAL" and not self.may_invalidate(row):
            return self.fresh()
        make = getattr(self, "make_" + row.format.lower(), None)
        if make:
            return make(row, raw)
        return Atom(row.name, (self.operands(row, raw), row.size))

    def may_invalidate(self, row):
        """Whether the judge knows if this instruction of Svinval is legal
        here."""
        stays = self.privilege if not self.moves else None
        if self.differs("Svinval"):
            return stays == M or stays == S and not self.status & STATUS_TVM
        return (row.name == "sinval_vma" or stays in (M, S) or
                not self.differs("Svinval in U-mode"))

    def illegal(self):
        return Atom("illegal", self.source.choice(ILLEGAL))

    def fresh(self):
        """A float or a double near 1, by way of x9: NaNs and infinities only
        ever spread."""
        s = self.source
        rd = s.choice(self.f_pool)
        sign = s.getrandbits(1) << 31
        if s.getrandbits(1):
            bits = sign | s.randint(124, 130) << 23 | s.getrandbits(23)
            return Atom("fresh", lui(POINTER, bits),
                        0xf0000053 | POINTER << 15 | rd << 7)
        bits = sign | s.randint(1020, 1026) << 20 | s.getrandbits(20)
        return Atom("fresh", lui(POINTER, bits), slli(POINTER, POINTER, 32),
                    0xf2000053 | POINTER << 15 | rd << 7)

    def operands(self, row, raw):
        """Registers and rounding mode of an instruction of a usual format."""
        if row.size == 2:
            return self.compressed_operands(row, raw)
        format = row.format
        for low in X_FIELDS.get(format, ()):
            raw = put(raw, low, 5, self.rs() if low > 7 else self.rd())
        for low in F_FIELDS.get(format, ()):
            raw = put(raw, low, 5, self.source.choice(self.f_pool))
        fields = X_FIELDS.get(format, ()) + F_FIELDS.get(format, ())
        if 20 in fields and self.source.random() < ODDS_EQUAL:
            raw = put(raw, 20, 5, raw >> 15)
        if format.endswith(("_RM", "_EXACT")):
            raw = put(raw, 12, 3, self.rounding_mode())
        return raw

    def rounding_mode(self):
        s = self.source
        if s.random() < ODDS_RESERVED_RM:
            return s.choice((5, 6))
        return s.choice((0, 1, 2, 3, 4, 7, 7, 7))

    def compressed_operands(self, row, raw):
        s, format = self.source, row.format
        if format.startswith(("CL", "CS_")):
            raw = put(raw, 7, 3, BASE_REG - 8)
        if format in ("CIW", "CL_W", "CL_D"):
            raw = put(raw, 2, 3, s.randint(2, 7))
        if format in ("CB_SHIFT", "CB_ANDI", "CA"):
            raw = put(raw, 7, 3, s.randint(2, 7))
        if format in ("CI", "CI_LI", "CI_LUI", "CI_SLLI", "CI_LWSP",
                      "CI_LDSP", "CR_MV", "CR_ADD"):
            raw = put(raw, 7, 5, self.rd())
        if format in ("CR_MV", "CR_ADD"):
            raw = put(raw, 2, 5, s.choice([n for n in self.pool if n]))
        return raw

    # Memory.

    def offset(self, base):
        """An offset of an access in the window; aligned where PMP is on."""
        s = self.source
        if s.random() < ODDS_AT_BORDER:
            offset = s.randint(-8, 4) - self.base_offset[base]
        else:
            offset = s.randint(-2048, 2047)
        return offset & self.alignment

    def make_load(self, row, raw):
        base = self.source.choice(BASES)
        if row.format == "FLOAD":
            rd = self.source.choice(self.f_pool)
        else:
            rd = self.rd()
        raw = put(put(raw, 15, 5, base), 7, 5, rd)
        return Atom(row.name, put(raw, 20, 12, self.offset(base)))

    make_fload = make_load

    def make_store(self, row, raw):
        base = self.source.choice(BASES)
        source = self.rs() if row.format == "STORE" else (
            self.source.choice(self.f_pool))
        raw = put(put(raw, 15, 5, base), 20, 5, source)
        offset = self.offset(base)
        return Atom(row.name, put(put(raw, 7, 5, offset), 25, 7, offset >> 5))

    make_fstore = make_store

    def point(self, row):
        """addi x9, x31, somewhere aligned."""
        align = 8 if row.name.endswith("_d") else 4
        if not self.differs("misaligned atomics"):
            align = self.source.choice((align, align, align, 1))
        value = self.source.randint(-2048 // align, 2040 // align) * align
        return addi(POINTER, WINDOW, value)

    def make_amo(self, row, raw):
        if row.name.startswith("sc_") and not self.usual and (
                self.differs("SC that fails")):
            return self.fresh()
        raw = put(put(raw, 7, 5, self.rd()), 15, 5, POINTER)
        return Atom(row.name, self.point(row), put(raw, 20, 5, self.rs()))

    def make_lr(self, row, raw):
        """A reservation is used at once: what else ends it is the hart's."""
        raw = put(put(raw, 7, 5, self.rd()), 15, 5, POINTER)
        if not self.usual:
            return Atom(row.name, self.point(row), raw)
        store = self.row_of[row.name.replace("lr", "sc")]
        sc = put(store.fill(self.source), 7, 5, self.rd())
        sc = put(put(sc, 15, 5, POINTER), 20, 5, self.rs())
        return Atom(row.name, self.point(row), raw, sc)

    def make_cbo(self, row, raw):
        """addi x9, x31, anywhere."""
        if not self.may_use_block(row):
            return self.fresh()
        value = self.source.randint(-2048, 2047)
        return Atom(row.name, addi(POINTER, WINDOW, value),
                    put(raw, 15, 5, POINTER))

    # Jumps.

    def make_b(self, row, raw):
        raw = put(put(raw, 15, 5, self.rs()), 20, 5, self.rs())
        return Atom(row.name, raw).jump(0, "B", self.over())

    def make_j(self, row, raw):
        raw = put(raw, 7, 5, self.rd())
        return Atom(row.name, raw).jump(0, "J", self.over())

    def make_cb(self, row, raw):
        return Atom(row.name, (raw, 2)).jump(0, "CB", self.over())

    def make_cj(self, row, raw):
        return Atom(row.name, (raw, 2)).jump(0, "CJ", self.over())

    def make_jalr(self, row, raw):
        """auipc x9, 0; jalr rd, distance(x9)"""
        raw = put(put(raw, 7, 5, self.rd()), 15, 5, POINTER)
        return Atom(row.name, auipc(POINTER), raw).jump(1, "I", self.over(), 0)

    def make_cr_jr(self, row, raw):
        """auipc x9, 0; addi x9, x9, distance; c.jr x9"""
        return Atom(row.name, auipc(POINTER), addi(POINTER, POINTER, 0),
                    (put(raw, 7, 5, POINTER), 2)).jump(1, "I", self.over(), 0)

    make_cr_jalr = make_cr_jr

    def loop_begin(self, times):
        return Atom("loop", addi(COUNTER, 0, times))

    def loop_end(self, first):
        """Back to the atom with this index while x27 is above 0."""
        atom = Atom("loop end", addi(COUNTER, COUNTER, -1),
                    branch(0, COUNTER, BLT))
        return atom.jump(1, "B", first - self.count())

    # Rows that need more than their own instruction.

    def make_ci_16sp(self, row, raw):
        """sp moves there and back."""
        step = self.source.randint(1, 31) * self.source.choice((-16, 16))
        code = [(scatter(raw, value, C_ADDI16SP), 2)
                for value in (step, -step)]
        load = self.row_of["c_ldsp"]
        between = self.compressed_operands(load, load.fill(self.source))
        return Atom(row.name, code[0], (between, 2), code[1])

    def make_unary(self, row, raw):
        raw = self.operands(row, raw)
        if row.name != "ctzw" or not self.differs("ctzw"):
            return Atom(row.name, raw)
        # The count of a lower word that is not 0.
        return Atom(row.name, lui(POINTER, 1 << 31),
                    op(POINTER, POINTER, self.rs(), 6),
                    put(raw, 15, 5, POINTER))
