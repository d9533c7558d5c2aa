/*
 * Bit fields and sign extension.
 *
 * Field positions are given as the specification prints them: hi and lo are
 * inclusive bit numbers.
 */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include "base/types.h"

/* Bits hi..lo of value, moved down to bit 0. */
static inline u64 bits(u64 value, unsigned hi, unsigned lo)
{
    return value >> lo & (~0ull >> (63 - (hi - lo)));
}

static inline u64 bit(u64 value, unsigned n)
{
    return value >> n & 1;
}

/* The low width bits of value (1 to 64), sign-extended to 64. */
static inline u64 sext(u64 value, unsigned width)
{
    return (u64)((i64)(value << (64 - width)) >> (64 - width));
}

static inline u64 sext32(u64 value)
{
    return (u64)(i64)(i32)value;
}

static inline u64 align_down(u64 value, u64 power_of_two)
{
    return value & -power_of_two;
}

static inline u64 align_up(u64 value, u64 power_of_two)
{
    return (value + power_of_two - 1) & -power_of_two;
}

static inline u64 least(u64 a, u64 b)
{
    return a < b ? a : b;
}

static inline u64 most(u64 a, u64 b)
{
    return a > b ? a : b;
}

/* A bijection of 64-bit numbers without a pattern: as if drawn by lot. */
static inline u64 stir(u64 value)
{
    value = (value ^ value >> 32) * 0xd6e8feb86659fd93;
    value = (value ^ value >> 32) * 0xd6e8feb86659fd93;
    return value ^ value >> 32;
}

/* Little-endian loads from host memory of any alignment. */
static inline u16 load_le16(const void *host)
{
    const u8 *p = host;
    return (u16)(p[0] | p[1] << 8);
}

static inline u32 load_le32(const void *host)
{
    const u8 *p = host;
    return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static inline u64 load_le64(const void *host)
{
    const u8 *p = host;
    return load_le32(p) | (u64)load_le32(p + 4) << 32;
}

#endif
