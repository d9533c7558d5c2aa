/*
 * The soft core's two ends: operands are taken apart here, and every result
 * is rounded here, in one function for three formats and five modes.
 *
 * Rounding works on a 128-bit significand of which at most 53 bits are kept,
 * so that the part cut off is exact or jammed (fp_priv.h). Tininess is judged
 * after rounding, as the "F" chapter demands: a result is tiny if, rounded to
 * full precision with no lower bound on the exponent, it lies below the
 * smallest normal number.
 */
#include "hart/fp/fp_priv.h"

static unsigned leading_zeros(u128 value)
{
    u64 high = (u64)(value >> 64);

    return high ? (unsigned)__builtin_clzll(high)
                : 64 + (unsigned)__builtin_clzll((u64)value);
}

struct fp_num fp_unpack(enum fp_format format, u64 a)
{
    unsigned frac_bits = fp_frac_bits(format);
    u64 frac = a & ((1ull << frac_bits) - 1);
    u64 field = (a & fp_infinity(format)) >> frac_bits;
    int bias = (1 << (fp_exp_bits(format) - 1)) - 1;
    struct fp_num num = {.negative = (a & fp_sign_bit(format)) != 0};
    int shift;

    if (field << frac_bits == fp_infinity(format)) {
        num.kind = frac ? FP_NAN : FP_INFINITE;
        return num;
    }
    if (!field && !frac) {
        num.kind = FP_ZERO;
        return num;
    }
    num.kind = FP_FINITE;
    num.sig = field ? frac | 1ull << frac_bits : frac;
    shift = __builtin_clzll(num.sig);
    num.sig <<= shift;
    num.exp = (field ? (int)field : 1) - bias - (int)frac_bits - shift;
    return num;
}

u128 fp_shift_right_jam(u128 sig, unsigned shift)
{
    if (shift == 0)
        return sig;
    if (shift > 127)
        return sig != 0;
    return sig >> shift | (sig << (128 - shift) != 0);
}

/* Does a remainder of rest ÷ 2^128 above an even or odd quotient round up? */
static bool rounds_up(u128 rest, bool odd, bool negative, enum fp_rm rm)
{
    u128 half = (u128)1 << 127;

    switch (rm) {
    case FP_RNE: return rest > half || (rest == half && odd);
    case FP_RMM: return rest >= half;
    case FP_RDN: return negative && rest;
    case FP_RUP: return !negative && rest;
    default: return false;
    }
}

/* As fp_round, but says whether it was exact in place of raising NX. */
static u64 round_at(u128 sig, unsigned shift, bool negative, enum fp_rm rm,
                    bool *inexact)
{
    u128 rest;
    u64 quotient;

    if (shift > 128) {
        sig = fp_shift_right_jam(sig, shift - 127);
        shift = 127;
    }
    quotient = shift < 128 ? (u64)(sig >> shift) : 0;
    rest = shift ? sig << (128 - shift) : 0;
    *inexact = rest != 0;
    return quotient + rounds_up(rest, quotient & 1, negative, rm);
}

u64 fp_round(u128 sig, unsigned shift, bool negative, struct fp_ctx *ctx)
{
    bool inexact;
    u64 result = round_at(sig, shift, negative, ctx->rm, &inexact);

    if (inexact)
        ctx->flags |= FP_NX;
    return result;
}

u64 fp_signed(enum fp_format format, bool negative, u64 magnitude)
{
    return negative ? magnitude | fp_sign_bit(format) : magnitude;
}

static u64 overflow(enum fp_format format, bool negative, struct fp_ctx *ctx)
{
    bool away = ctx->rm == FP_RNE || ctx->rm == FP_RMM ||
                ctx->rm == (negative ? FP_RDN : FP_RUP);

    ctx->flags |= FP_OF | FP_NX;
    return fp_signed(format, negative, fp_infinity(format) - !away);
}

u64 fp_pack(enum fp_format format, struct fp_wide value, struct fp_ctx *ctx)
{
    unsigned frac_bits = fp_frac_bits(format);
    unsigned shift = 127 - frac_bits;
    int bias = (1 << (fp_exp_bits(format) - 1)) - 1;
    int exp = value.exp + 127 - (int)leading_zeros(value.sig);
    u128 sig = value.sig << leading_zeros(value.sig);
    bool inexact, tiny = false;
    u64 result;

    /* Now the value is in [2^exp, 2^(exp+1)); the format's normal numbers
     * begin at 2^(1−bias). */
    if (exp < 1 - bias) {
        result = round_at(sig, shift, value.negative, ctx->rm, &inexact);
        tiny = exp < -bias || !(result >> (frac_bits + 1));
        shift += (unsigned)(1 - bias - exp);
        exp = 1 - bias;
    }
    result = round_at(sig, shift, value.negative, ctx->rm, &inexact);
    if (inexact)
        ctx->flags |= tiny ? FP_NX | FP_UF : FP_NX;
    /* Adding, not or-ing: the hidden bit, or a carry out of the rounding,
     * moves the exponent up by one where it should. */
    result += (u64)(exp + bias - 1) << frac_bits;
    if (result >= fp_infinity(format))
        return overflow(format, value.negative, ctx);
    return fp_signed(format, value.negative, result);
}

u64 fp_invalid(enum fp_format format, struct fp_ctx *ctx)
{
    ctx->flags |= FP_NV;
    return fp_canonical_nan(format);
}

u64 fp_propagate(enum fp_format format, bool signaling, struct fp_ctx *ctx)
{
    if (signaling)
        ctx->flags |= FP_NV;
    return fp_canonical_nan(format);
}
