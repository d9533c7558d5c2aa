"""Numbers that instructions like to get wrong."""

INTEGERS = [0, 1, 2, 3, 7, 8, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7fff,
            0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
            0xffffffff7fffffff, 0xffffffff80000000, 0x7fffffffffffffff,
            0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe]
HALVES = [0x0000, 0x0001, 0x03ff, 0x0400, 0x3bff, 0x3c00, 0x3c01, 0x7bff,
          0x7c00, 0x7c01, 0x7e00, 0x7fff]
SINGLES = [0x00000000, 0x00000001, 0x007fffff, 0x00800000, 0x3f7fffff,
           0x3f800000, 0x3f800001, 0x40000000, 0x4effffff, 0x4f000000,
           0x5f000000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000,
           0x7fffffff]
DOUBLES = [0x0000000000000000, 0x0000000000000001, 0x000fffffffffffff,
           0x0010000000000000, 0x36a0000000000000, 0x380fffffc0000000,
           0x3fefffffffffffff, 0x3ff0000000000000, 0x3ff0000000000001,
           0x41dfffffffc00000, 0x41e0000000000000, 0x43e0000000000000,
           0x47efffffe0000000, 0x47efffffefffffff, 0x7fefffffffffffff,
           0x7ff0000000000000, 0x7ff0000000000001, 0x7ff8000000000000]
BOXED_SINGLE, BOXED_HALF = 0xffffffff << 32, 0xffffffffffff << 16


def integer(s):
    return s.choice((s.choice(INTEGERS), s.getrandbits(64),
                     s.getrandbits(s.randint(1, 64))))


def floating(s):
    sign = s.getrandbits(1)
    kind = s.randrange(8)
    if kind == 0:
        return s.choice(DOUBLES) | sign << 63
    if kind == 1:
        return BOXED_SINGLE | s.choice(SINGLES) | sign << 31
    if kind == 2:
        return BOXED_SINGLE | s.getrandbits(32)
    if kind == 3:
        return s.getrandbits(64)
    if kind == 4:
        return BOXED_HALF | s.choice(HALVES) | sign << 15
    if kind == 5:
        return BOXED_HALF | s.getrandbits(16)
    if kind == 6:  # near one another in size, so that sums do not drown
        return sign << 63 | s.randint(1020, 1030) << 52 | s.getrandbits(52)
    return (BOXED_SINGLE | sign << 31 | s.randint(124, 134) << 23 |
            s.getrandbits(23))
