/*
 * The soft core: sum, product, quotient, square root and fused multiply-add.
 *
 * Each computes an exact or jammed 128-bit result (fp_priv.h) and leaves the
 * only rounding to fp_pack. Operands have at most 53 significant bits at the
 * top of 64, a product at most 106 at the top of 128; the comments below say
 * why no bit that matters is ever lost.
 */
#include "hart/fp/fp_priv.h"

static bool either_nan(struct fp_num a, struct fp_num b)
{
    return a.kind == FP_NAN || b.kind == FP_NAN;
}

static bool either_signaling(enum fp_format format, u64 a, u64 b)
{
    return fp_is_signaling(format, a) || fp_is_signaling(format, b);
}

static struct fp_wide widen(struct fp_num a)
{
    return (struct fp_wide){a.negative, a.exp - 64, (u128)a.sig << 64};
}

static struct fp_wide product(struct fp_num a, struct fp_num b)
{
    return (struct fp_wide){
        .negative = a.negative != b.negative,
        .exp = a.exp + b.exp,
        .sig = (u128)a.sig * b.sig,
    };
}

/* The sign of a sum that is exactly zero and not a sum of like zeros. */
static u64 cancelled(enum fp_format format, struct fp_ctx *ctx)
{
    return fp_signed(format, ctx->rm == FP_RDN, 0);
}

/*
 * a + b for two wide numbers with bit 127 or 126 of sig set and bits 21..0
 * clear. One place is given up on top for the carry: nothing is lost. The
 * smaller operand is then shifted down with a jam; bits fall off only when it
 * moves by more than 20 places, and then the difference loses at most two
 * leading places, far from where bit 0 would be rounded.
 */
static u64 sum(enum fp_format format, struct fp_wide a, struct fp_wide b,
               struct fp_ctx *ctx)
{
    struct fp_wide swap;

    if (a.exp < b.exp) {
        swap = a;
        a = b;
        b = swap;
    }
    a.sig >>= 1;
    b.sig = fp_shift_right_jam(b.sig >> 1, (unsigned)(a.exp - b.exp));
    a.exp++;
    if (a.negative == b.negative) {
        a.sig += b.sig;
    } else if (a.sig > b.sig) {
        a.sig -= b.sig;
    } else if (a.sig < b.sig) {
        a.sig = b.sig - a.sig;
        a.negative = b.negative;
    } else {
        return cancelled(format, ctx);
    }
    return fp_pack(format, a, ctx);
}

u64 fp_add(enum fp_format format, u64 a, u64 b, struct fp_ctx *ctx)
{
    struct fp_num x = fp_unpack(format, a);
    struct fp_num y = fp_unpack(format, b);

    if (either_nan(x, y))
        return fp_propagate(format, either_signaling(format, a, b), ctx);
    if (x.kind == FP_INFINITE && y.kind == FP_INFINITE)
        return a == b ? a : fp_invalid(format, ctx);
    if (x.kind == FP_ZERO && y.kind == FP_ZERO)
        return a == b ? a : cancelled(format, ctx);
    if (x.kind == FP_INFINITE || y.kind == FP_ZERO)
        return a;
    if (y.kind == FP_INFINITE || x.kind == FP_ZERO)
        return b;
    return sum(format, widen(x), widen(y), ctx);
}

/* The product where one operand is not finite or is zero. No NaNs come
 * here. */
static u64 special_product(enum fp_format format, struct fp_num a,
                           struct fp_num b, struct fp_ctx *ctx)
{
    bool infinite = a.kind == FP_INFINITE || b.kind == FP_INFINITE;

    if (infinite && (a.kind == FP_ZERO || b.kind == FP_ZERO))
        return fp_invalid(format, ctx);
    return fp_signed(format, a.negative != b.negative,
                     infinite ? fp_infinity(format) : 0);
}

u64 fp_mul(enum fp_format format, u64 a, u64 b, struct fp_ctx *ctx)
{
    struct fp_num x = fp_unpack(format, a);
    struct fp_num y = fp_unpack(format, b);

    if (either_nan(x, y))
        return fp_propagate(format, either_signaling(format, a, b), ctx);
    if (x.kind != FP_FINITE || y.kind != FP_FINITE)
        return special_product(format, x, y, ctx);
    return fp_pack(format, product(x, y), ctx);
}

u64 fp_fma(enum fp_format format, u64 a, u64 b, u64 c, struct fp_ctx *ctx)
{
    struct fp_num x = fp_unpack(format, a);
    struct fp_num y = fp_unpack(format, b);
    struct fp_num z = fp_unpack(format, c);

    /* ∞ × 0 is invalid even if c is a quiet NaN: this test comes first. */
    if (!either_nan(x, y) && (x.kind != FP_FINITE || y.kind != FP_FINITE))
        return fp_add(format, special_product(format, x, y, ctx), c, ctx);
    if (either_nan(x, y) || z.kind == FP_NAN)
        return fp_propagate(
            format,
            either_signaling(format, a, b) || fp_is_signaling(format, c), ctx);
    if (z.kind == FP_INFINITE)
        return c;
    if (z.kind == FP_ZERO)
        return fp_pack(format, product(x, y), ctx);
    return sum(format, product(x, y), widen(z), ctx);
}

/* The 65-bit quotient of two 64-bit significands carries at least 64
 * significant bits; the remainder is jammed below them. */
static struct fp_wide quotient(struct fp_num a, struct fp_num b)
{
    u128 dividend = (u128)a.sig << 64;
    u128 whole = dividend / b.sig;

    return (struct fp_wide){
        .negative = a.negative != b.negative,
        .exp = a.exp - b.exp - 65,
        .sig = whole << 1 | (whole * b.sig != dividend),
    };
}

u64 fp_div(enum fp_format format, u64 a, u64 b, struct fp_ctx *ctx)
{
    struct fp_num x = fp_unpack(format, a);
    struct fp_num y = fp_unpack(format, b);
    bool negative = x.negative != y.negative;

    if (either_nan(x, y))
        return fp_propagate(format, either_signaling(format, a, b), ctx);
    if (x.kind == y.kind && x.kind != FP_FINITE)
        return fp_invalid(format, ctx);
    if (x.kind == FP_INFINITE)
        return fp_signed(format, negative, fp_infinity(format));
    if (x.kind == FP_ZERO || y.kind == FP_INFINITE)
        return fp_signed(format, negative, 0);
    if (y.kind == FP_ZERO) {
        ctx->flags |= FP_DZ;
        return fp_signed(format, negative, fp_infinity(format));
    }
    return fp_pack(format, quotient(x, y), ctx);
}

/* ⌊√n⌋, a bit at a time. */
static u64 integer_root(u128 n)
{
    u64 root = 0, bit;

    for (bit = 1ull << 63; bit; bit >>= 1)
        if ((u128)(root | bit) * (root | bit) <= n)
            root |= bit;
    return root;
}

/* The radicand is moved to the top of 128 bits, by one less if its exponent
 * would be odd: the root then has 64 significant bits. */
static struct fp_wide root(struct fp_num a)
{
    unsigned shift = a.exp & 1 ? 63 : 64;
    u128 radicand = (u128)a.sig << shift;
    u64 whole = integer_root(radicand);

    return (struct fp_wide){
        .exp = (a.exp - (int)shift) / 2 - 1,
        .sig = (u128)whole << 1 | ((u128)whole * whole != radicand),
    };
}

u64 fp_sqrt(enum fp_format format, u64 a, struct fp_ctx *ctx)
{
    struct fp_num x = fp_unpack(format, a);

    if (x.kind == FP_NAN)
        return fp_propagate(format, fp_is_signaling(format, a), ctx);
    if (x.kind == FP_ZERO)
        return a;
    if (x.negative)
        return fp_invalid(format, ctx);
    if (x.kind == FP_INFINITE)
        return a;
    return fp_pack(format, root(x), ctx);
}

/* One NaN, or two, of FMIN and FMAX. */
static u64 number_beside_nan(enum fp_format format, u64 a, u64 b,
                             struct fp_ctx *ctx)
{
    if (either_signaling(format, a, b))
        ctx->flags |= FP_NV;
    if (!fp_is_nan(format, a))
        return a;
    return fp_is_nan(format, b) ? fp_canonical_nan(format) : b;
}

/* Equal keys are equal bits, or zeros of two signs: or-ing finds −0. */
u64 fp_min(enum fp_format format, u64 a, u64 b, struct fp_ctx *ctx)
{
    if (fp_is_nan(format, a) || fp_is_nan(format, b))
        return number_beside_nan(format, a, b, ctx);
    if (fp_order(format, a) == fp_order(format, b))
        return a | b;
    return fp_order(format, a) < fp_order(format, b) ? a : b;
}

u64 fp_max(enum fp_format format, u64 a, u64 b, struct fp_ctx *ctx)
{
    if (fp_is_nan(format, a) || fp_is_nan(format, b))
        return number_beside_nan(format, a, b, ctx);
    if (fp_order(format, a) == fp_order(format, b))
        return a & b;
    return fp_order(format, a) > fp_order(format, b) ? a : b;
}
