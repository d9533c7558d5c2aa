/*
 * Bodies of the bit-manipulation instructions: Zba, Zbb, Zbc, Zbs.
 *
 * Unprivileged spec: "B Extension". All of them only compute rd.
 */
#ifndef HART_INTERP_EXEC_BIT_H
#define HART_INTERP_EXEC_BIT_H

#include "hart/interp/exec_int.h"

BODY_RD(add_uw, (u32)RS1 + RS2)
BODY_RD(sh1add, (RS1 << 1) + RS2)
BODY_RD(sh2add, (RS1 << 2) + RS2)
BODY_RD(sh3add, (RS1 << 3) + RS2)
BODY_RD(sh1add_uw, ((u64)(u32)RS1 << 1) + RS2)
BODY_RD(sh2add_uw, ((u64)(u32)RS1 << 2) + RS2)
BODY_RD(sh3add_uw, ((u64)(u32)RS1 << 3) + RS2)
BODY_RD(slli_uw, (u64)(u32)RS1 << IMM)

BODY_RD(andn, RS1 & ~RS2)
BODY_RD(orn, RS1 | ~RS2)
BODY_RD(xnor, ~(RS1 ^ RS2))
BODY_RD(max, (i64)RS1 > (i64)RS2 ? RS1 : RS2)
BODY_RD(maxu, RS1 > RS2 ? RS1 : RS2)
BODY_RD(min, (i64)RS1 < (i64)RS2 ? RS1 : RS2)
BODY_RD(minu, RS1 < RS2 ? RS1 : RS2)
BODY_RD(sext_b, (u64)(i64)(i8)RS1)
BODY_RD(sext_h, (u64)(i64)(i16)RS1)
BODY_RD(zext_h, (u16)RS1)

/* The host's counting is undefined for zero, the guest's is not. */
BODY_RD(clz, RS1 ? (u64)__builtin_clzll(RS1) : 64)
BODY_RD(ctz, RS1 ? (u64)__builtin_ctzll(RS1) : 64)
BODY_RD(cpop, (u64)__builtin_popcountll(RS1))
BODY_RD(clzw, (u32)RS1 ? (u64)__builtin_clz((u32)RS1) : 32)
BODY_RD(ctzw, (u32)RS1 ? (u64)__builtin_ctz((u32)RS1) : 32)
BODY_RD(cpopw, (u64)__builtin_popcount((u32)RS1))

static inline u64 rotate_right(u64 value, u64 amount)
{
    return value >> (amount & 63) | value << (-amount & 63);
}

static inline u64 rotate_right_word(u64 value, u64 amount)
{
    u32 word = (u32)value;

    return sext32(word >> (amount & 31) | word << (-amount & 31));
}

BODY_RD(rol, rotate_right(RS1, -RS2))
BODY_RD(ror, rotate_right(RS1, RS2))
BODY_RD(rori, rotate_right(RS1, IMM))
BODY_RD(rolw, rotate_right_word(RS1, -RS2))
BODY_RD(rorw, rotate_right_word(RS1, RS2))
BODY_RD(roriw, rotate_right_word(RS1, IMM))
BODY_RD(rev8, __builtin_bswap64(RS1))

/* Each byte to all ones unless it is zero. */
static inline u64 or_combine(u64 value)
{
    const u64 low = 0x0101010101010101ull;

    value |= value >> 1 & 0x7f * low;
    value |= value >> 2 & 0x3f * low;
    value |= value >> 4 & 0x0f * low;
    return (value & low) * 0xff;
}

BODY_RD(orc_b, or_combine(RS1))

/* The product without carries, of which the three instructions take bits 63
 * to 0, 127 to 64 and 126 to 63. */
static inline u128 carryless_product(u64 a, u64 b)
{
    u128 product = 0;

    for (; b; b &= b - 1)
        product ^= (u128)a << __builtin_ctzll(b);
    return product;
}

BODY_RD(clmul, (u64)carryless_product(RS1, RS2))
BODY_RD(clmulh, (u64)(carryless_product(RS1, RS2) >> 64))
BODY_RD(clmulr, (u64)(carryless_product(RS1, RS2) >> 63))

BODY_RD(bclr, RS1 & ~(1ull << (RS2 & 63)))
BODY_RD(bclri, RS1 & ~(1ull << IMM))
BODY_RD(bext, RS1 >> (RS2 & 63) & 1)
BODY_RD(bexti, RS1 >> IMM & 1)
BODY_RD(binv, RS1 ^ 1ull << (RS2 & 63))
BODY_RD(binvi, RS1 ^ 1ull << IMM)
BODY_RD(bset, RS1 | 1ull << (RS2 & 63))
BODY_RD(bseti, RS1 | 1ull << IMM)

#endif
