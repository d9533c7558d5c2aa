/*
 * The three formats, as raw bits in the low end of a u64:
 *
 *     sign | exponent (biased) | fraction
 *
 * and the boxes they travel in: in an f register a narrower value has all ones
 * above it. A register that is no box reads as the canonical NaN (unprivileged
 * specification, "NaN Boxing of Narrower Values").
 */
#ifndef HART_FP_FP_FORMAT_H
#define HART_FP_FP_FORMAT_H

#include <string.h>

#include "base/types.h"

/* Order of precision, so that a comparison says which one is wider. */
enum fp_format { FP_F16, FP_F32, FP_F64 };

static inline unsigned fp_frac_bits(enum fp_format format)
{
    return format == FP_F64 ? 52 : format == FP_F32 ? 23 : 10;
}

static inline unsigned fp_exp_bits(enum fp_format format)
{
    return format == FP_F64 ? 11 : format == FP_F32 ? 8 : 5;
}

static inline u64 fp_sign_bit(enum fp_format format)
{
    return 1ull << (fp_frac_bits(format) + fp_exp_bits(format));
}

/* +∞; one less is the largest finite number. */
static inline u64 fp_infinity(enum fp_format format)
{
    return ((1ull << fp_exp_bits(format)) - 1) << fp_frac_bits(format);
}

static inline u64 fp_quiet_bit(enum fp_format format)
{
    return 1ull << (fp_frac_bits(format) - 1);
}

/* The only NaN an operation ever returns. */
static inline u64 fp_canonical_nan(enum fp_format format)
{
    return fp_infinity(format) | fp_quiet_bit(format);
}

static inline bool fp_is_nan(enum fp_format format, u64 a)
{
    return (a & (fp_sign_bit(format) - 1)) > fp_infinity(format);
}

static inline bool fp_is_signaling(enum fp_format format, u64 a)
{
    return fp_is_nan(format, a) && !(a & fp_quiet_bit(format));
}

/*
 * A key that orders numbers (not NaNs) as integers: −0 and +0 share a key.
 */
static inline i64 fp_order(enum fp_format format, u64 a)
{
    u64 magnitude = a & (fp_sign_bit(format) - 1);

    return a & fp_sign_bit(format) ? -(i64)magnitude : (i64)magnitude;
}

static inline u64 fp_box(enum fp_format format, u64 a)
{
    return format == FP_F64 ? a : a | ~0ull << (16 << format);
}

static inline bool fp_boxed(enum fp_format format, u64 a)
{
    return fp_box(format, a) == a;
}

/* The value in the box, or the canonical NaN if a is none. */
static inline u64 fp_unbox(enum fp_format format, u64 a)
{
    if (!fp_boxed(format, a))
        return fp_canonical_nan(format);
    return a & ((fp_sign_bit(format) << 1) - 1);
}

/* Bits as the host's numbers, and back. */
static inline double fp_f64(u64 a)
{
    double value;

    memcpy(&value, &a, sizeof(value));
    return value;
}

static inline float fp_f32(u64 a)
{
    u32 low = (u32)a;
    float value;

    memcpy(&value, &low, sizeof(value));
    return value;
}

static inline u64 fp_bits_f64(double value)
{
    u64 a;

    memcpy(&a, &value, sizeof(a));
    return a;
}

static inline u64 fp_bits_f32(float value)
{
    u32 a;

    memcpy(&a, &value, sizeof(a));
    return a;
}

/* FCLASS: one of ten bits. */
u64 fp_classify(enum fp_format format, u64 a);

#endif
