/* The judge of floating point; see fp_judge.h. */
#include "fp_judge.h"

#include <mpfr.h>

/* Enough for an exact sum of any two products of doubles, from 2^2048 down to
 * 2^−2148. */
#define PRECISION 4300
#define QUOTIENT_PRECISION 300

struct layout {
    int frac, exp; /* widths of the fields */
};

static const struct layout layouts[] = {{10, 5}, {23, 8}, {52, 11}};

static int bias(const struct layout *l)
{
    return (1 << (l->exp - 1)) - 1;
}

static u64 sign_of(const struct layout *l, u64 a)
{
    return a >> (l->frac + l->exp) & 1;
}

static int exponent_of(const struct layout *l, u64 a)
{
    return (int)(a >> l->frac & ((1u << l->exp) - 1));
}

static u64 fraction_of(const struct layout *l, u64 a)
{
    return a & ((1ull << l->frac) - 1);
}

static u64 assemble(const struct layout *l, u64 sign, int exponent, u64 frac)
{
    return sign << (l->frac + l->exp) | (u64)exponent << l->frac | frac;
}

static bool all_ones(const struct layout *l, u64 a)
{
    return exponent_of(l, a) == (1 << l->exp) - 1;
}

static bool is_nan(const struct layout *l, u64 a)
{
    return all_ones(l, a) && fraction_of(l, a);
}

static bool signaling(const struct layout *l, u64 a)
{
    return is_nan(l, a) && !(a >> (l->frac - 1) & 1);
}

static u64 quiet_nan(const struct layout *l)
{
    return assemble(l, 0, (1 << l->exp) - 1, 1ull << (l->frac - 1));
}

static void set_value(mpfr_t out, const struct layout *l, u64 a)
{
    int e = exponent_of(l, a);
    u64 frac = fraction_of(l, a);

    if (is_nan(l, a)) {
        mpfr_set_nan(out);
    } else if (all_ones(l, a)) {
        mpfr_set_inf(out, 1);
    } else if (e) {
        mpfr_set_ui_2exp(out, frac | 1ull << l->frac, e - bias(l) - l->frac,
                         MPFR_RNDN);
    } else {
        mpfr_set_ui_2exp(out, frac, 1 - bias(l) - l->frac, MPFR_RNDN);
    }
    mpfr_setsign(out, out, (int)sign_of(l, a), MPFR_RNDN);
}

/* To an integer in mode rm; says whether that changed the value. */
static bool round_integer(mpfr_t x, enum fp_rm rm)
{
    if (mpfr_integer_p(x))
        return false;
    switch (rm) {
    case FP_RNE: mpfr_roundeven(x, x); break;
    case FP_RTZ: mpfr_trunc(x, x); break;
    case FP_RDN: mpfr_floor(x, x); break;
    case FP_RUP: mpfr_ceil(x, x); break;
    default: mpfr_round(x, x); break; /* ties away from zero: RMM */
    }
    return true;
}

/* Is |x|, rounded to full precision without a lower bound on its exponent,
 * still below the smallest normal number? */
static bool tiny(mpfr_t x, const struct layout *l, enum fp_rm rm)
{
    long place = mpfr_get_exp(x) - l->frac - 1;
    bool below;
    mpfr_t y;

    mpfr_init2(y, PRECISION);
    mpfr_mul_2si(y, x, -place, MPFR_RNDN);
    round_integer(y, rm);
    mpfr_mul_2si(y, y, place, MPFR_RNDN);
    mpfr_abs(y, y, MPFR_RNDN);
    below = mpfr_cmp_ui_2exp(y, 1, 1 - bias(l)) < 0;
    mpfr_clear(y);
    return below;
}

static bool overflows_to_infinity(enum fp_rm rm, u64 sign)
{
    return rm == FP_RNE || rm == FP_RMM || rm == (sign ? FP_RDN : FP_RUP);
}

/* x, finite and not zero, in the format. x is used up. */
static struct verdict round_finite(mpfr_t x, const struct layout *l,
                                   enum fp_rm rm)
{
    u64 sign = mpfr_signbit(x) != 0, whole;
    int lowest = 1 - bias(l) - l->frac;
    long place = mpfr_get_exp(x) - l->frac - 1;
    bool is_tiny = tiny(x, l, rm);
    u8 flags = 0;

    if (place < lowest)
        place = lowest;
    mpfr_mul_2si(x, x, -place, MPFR_RNDN);
    if (round_integer(x, rm))
        flags = is_tiny ? FP_NX | FP_UF : FP_NX;
    mpfr_abs(x, x, MPFR_RNDN);
    whole = mpfr_get_ui(x, MPFR_RNDN);
    if (whole == 2ull << l->frac) {
        whole >>= 1;
        place++;
    }
    if (!(whole >> l->frac)) /* subnormal or zero */
        return (struct verdict){assemble(l, sign, 0, whole), flags};
    place += l->frac + bias(l);
    if (place < (1 << l->exp) - 1)
        return (struct verdict){
            assemble(l, sign, (int)place, fraction_of(l, whole)), flags};
    if (overflows_to_infinity(rm, sign))
        return (struct verdict){assemble(l, sign, (1 << l->exp) - 1, 0),
                                FP_OF | FP_NX};
    return (struct verdict){
        assemble(l, sign, (1 << l->exp) - 2, (1ull << l->frac) - 1),
        FP_OF | FP_NX};
}

static struct verdict round_value(mpfr_t x, const struct layout *l,
                                  enum fp_rm rm)
{
    if (mpfr_nan_p(x))
        return (struct verdict){quiet_nan(l), 0};
    if (mpfr_inf_p(x))
        return (struct verdict){
            assemble(l, mpfr_signbit(x) != 0, (1 << l->exp) - 1, 0), 0};
    if (mpfr_zero_p(x))
        return (struct verdict){assemble(l, mpfr_signbit(x) != 0, 0, 0), 0};
    return round_finite(x, l, rm);
}

/* `toward` matters for the sign of an exact zero only. */
static void compute(mpfr_t out, enum judge_op op, mpfr_t a, mpfr_t b, mpfr_t c,
                    mpfr_rnd_t toward)
{
    if (op == JUDGE_NMSUB || op == JUDGE_NMADD)
        mpfr_neg(a, a, toward);
    switch (op) {
    case JUDGE_ADD: mpfr_add(out, a, b, toward); break;
    case JUDGE_SUB: mpfr_sub(out, a, b, toward); break;
    case JUDGE_MUL: mpfr_mul(out, a, b, toward); break;
    case JUDGE_DIV: mpfr_div(out, a, b, toward); break;
    case JUDGE_SQRT: mpfr_sqrt(out, a, toward); break;
    case JUDGE_MADD:
    case JUDGE_NMSUB: mpfr_fma(out, a, b, c, toward); break;
    case JUDGE_MSUB:
    case JUDGE_NMADD: mpfr_fms(out, a, b, c, toward); break;
    }
}

static unsigned operands_of(enum judge_op op)
{
    return op == JUDGE_SQRT ? 1 : op < JUDGE_SQRT ? 2 : 3;
}

/* NV and DZ, which do not come from rounding. */
static u8 special_flags(enum judge_op op, const struct layout *l,
                        const u64 operand[3], mpfr_t v[3], mpfr_t result)
{
    bool nans = false, invalid = false;
    unsigned i;

    for (i = 0; i < operands_of(op); i++) {
        nans |= is_nan(l, operand[i]);
        invalid |= signaling(l, operand[i]);
    }
    invalid |= mpfr_nan_p(result) && !nans;
    if (op >= JUDGE_MADD)
        invalid |= (mpfr_inf_p(v[0]) && mpfr_zero_p(v[1])) ||
                   (mpfr_zero_p(v[0]) && mpfr_inf_p(v[1]));
    if (invalid)
        return FP_NV;
    return op == JUDGE_DIV && mpfr_number_p(v[0]) && !mpfr_zero_p(v[0]) &&
                   mpfr_zero_p(v[1])
               ? FP_DZ
               : 0;
}

struct verdict judge_arith(enum judge_op op, enum fp_format format,
                           const u64 operand[3], enum fp_rm rm)
{
    const struct layout *l = &layouts[format];
    struct verdict verdict;
    mpfr_t v[3], result;
    unsigned i;
    u8 special;

    for (i = 0; i < 3; i++) {
        mpfr_init2(v[i], 64);
        set_value(v[i], l, operand[i]);
    }
    mpfr_init2(result, op == JUDGE_DIV || op == JUDGE_SQRT ? QUOTIENT_PRECISION
                                                           : PRECISION);
    compute(result, op, v[0], v[1], v[2], rm == FP_RDN ? MPFR_RNDD : MPFR_RNDZ);
    special = special_flags(op, l, operand, v, result);
    verdict = round_value(result, l, rm);
    verdict.flags |= special;
    for (i = 0; i < 3; i++)
        mpfr_clear(v[i]);
    mpfr_clear(result);
    return verdict;
}

struct verdict judge_convert(enum fp_format from, enum fp_format to, u64 a,
                             enum fp_rm rm)
{
    struct verdict verdict;
    mpfr_t x;

    mpfr_init2(x, 64);
    set_value(x, &layouts[from], a);
    verdict = round_value(x, &layouts[to], rm);
    if (signaling(&layouts[from], a))
        verdict.flags |= FP_NV;
    mpfr_clear(x);
    return verdict;
}

struct verdict judge_from_int(enum fp_format format, u64 x, enum fp_int type,
                              enum fp_rm rm)
{
    struct verdict verdict;
    mpfr_t value;

    mpfr_init2(value, 64);
    switch (type) {
    case FP_I32: mpfr_set_si(value, (i32)x, MPFR_RNDN); break;
    case FP_U32: mpfr_set_ui(value, (u32)x, MPFR_RNDN); break;
    case FP_I64: mpfr_set_si(value, (i64)x, MPFR_RNDN); break;
    case FP_U64: mpfr_set_ui(value, x, MPFR_RNDN); break;
    }
    verdict = round_value(value, &layouts[format], rm);
    mpfr_clear(value);
    return verdict;
}

/* The table "Domains of float-to-integer conversions": the outputs for what
 * is too small, and for what is too large or a NaN. */
static const u64 lowest_integer[] = {
    [FP_I32] = 0xffffffff80000000,
    [FP_U32] = 0,
    [FP_I64] = 0x8000000000000000,
    [FP_U64] = 0,
};
static const u64 highest_integer[] = {
    [FP_I32] = 0x7fffffff,
    [FP_U32] = 0xffffffffffffffff,
    [FP_I64] = 0x7fffffffffffffff,
    [FP_U64] = 0xffffffffffffffff,
};

struct verdict judge_to_int(enum fp_format format, u64 a, enum fp_int type,
                            enum fp_rm rm)
{
    struct verdict low = {lowest_integer[type], FP_NV};
    struct verdict high = {highest_integer[type], FP_NV};
    struct verdict verdict;
    mpfr_t x;

    mpfr_init2(x, 64);
    set_value(x, &layouts[format], a);
    if (mpfr_nan_p(x) || mpfr_inf_p(x)) {
        verdict = mpfr_inf_p(x) && mpfr_signbit(x) ? low : high;
        mpfr_clear(x);
        return verdict;
    }
    verdict.flags = round_integer(x, rm) ? FP_NX : 0;
    if (type == FP_I32 || type == FP_I64) {
        if (mpfr_cmp_si(x, (i64)low.bits) < 0)
            verdict = low;
        else if (mpfr_cmp_si(x, (i64)high.bits) > 0)
            verdict = high;
        else
            verdict.bits = (u64)mpfr_get_si(x, MPFR_RNDN);
    } else if (mpfr_sgn(x) < 0) {
        verdict = low;
    } else if (mpfr_cmp_ui(x, type == FP_U32 ? 0xffffffff : ~0ul) > 0) {
        verdict = high;
    } else {
        verdict.bits = mpfr_get_ui(x, MPFR_RNDN);
        if (type == FP_U32)
            verdict.bits = (u64)(i32)verdict.bits;
    }
    mpfr_clear(x);
    return verdict;
}

int judge_order(enum fp_format format, u64 a, u64 b)
{
    mpfr_t x, y;
    int order;

    mpfr_init2(x, 64);
    mpfr_init2(y, 64);
    set_value(x, &layouts[format], a);
    set_value(y, &layouts[format], b);
    order = mpfr_cmp(x, y);
    mpfr_clear(x);
    mpfr_clear(y);
    return order < 0 ? -1 : order > 0;
}

/* Exponent fields of the corners: a base and an offset to it. */
enum base { BOTTOM, ONE, TOP };

static const struct {
    enum base base;
    int offset;
    bool precision; /* add the number of fraction bits, or subtract it */
    bool coarse;
} exponents[] = {
    {BOTTOM, 0, false, true}, {BOTTOM, 1, false, true}, {BOTTOM, 2, false, 0},
    {ONE, -1, true, false},   {ONE, -1, false, true},   {ONE, 0, false, true},
    {ONE, 1, false, false},   {ONE, 1, true, true},     {ONE, 31, false, false},
    {ONE, 63, false, false},  {TOP, -1, false, true},
};

enum { EXPONENTS = sizeof(exponents) / sizeof(*exponents), FRACTIONS = 6 };

static int corner_exponent(const struct layout *l, unsigned i)
{
    int step = exponents[i].precision ? l->frac * exponents[i].offset
                                      : exponents[i].offset;
    int top = (1 << l->exp) - 1;
    int field = exponents[i].base == ONE   ? bias(l) + step
                : exponents[i].base == TOP ? top + step
                                           : step;

    return field < 0 ? 0 : field < top ? field : top - 1;
}

static u64 corner_fraction(const struct layout *l, unsigned i)
{
    u64 half = 1ull << (l->frac - 1);

    switch (i) {
    case 0: return 0;
    case 1: return 1;
    case 2: return 2 * half - 1;
    case 3: return half;
    case 4: return half - 1;
    default: return half / 2 * 3 + 2;
    }
}

unsigned corner_count(bool coarse)
{
    unsigned i, count = 0;

    for (i = 0; i < EXPONENTS; i++)
        if (!coarse || exponents[i].coarse)
            count++;
    /* Both signs of each with its fractions, of ∞, and of two NaNs. */
    return 2 * (count * (coarse ? 3 : FRACTIONS) + 3);
}

u64 corner(enum fp_format format, unsigned i, bool coarse)
{
    const struct layout *l = &layouts[format];
    unsigned fractions = coarse ? 3 : FRACTIONS;
    u64 sign = i & 1;
    unsigned e, rest = i >> 1;

    for (e = 0; e < EXPONENTS; e++) {
        if (coarse && !exponents[e].coarse)
            continue;
        if (rest < fractions)
            return assemble(l, sign, corner_exponent(l, e),
                            corner_fraction(l, rest));
        rest -= fractions;
    }
    return assemble(l, sign, (1 << l->exp) - 1,
                    rest == 0   ? 0
                    : rest == 1 ? 1
                                : 1ull << (l->frac - 1) | 5);
}

/* xorshift64* */
u64 dice_roll(struct dice *dice)
{
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return dice->state * 0x2545f4914f6cdd1d;
}

u64 dice_operand(struct dice *dice, enum fp_format format, u64 other)
{
    const struct layout *l = &layouts[format];
    u64 roll = dice_roll(dice), frac = fraction_of(l, dice_roll(dice));
    int near = (int)(roll >> 33) % (l->frac + 4), top = (1 << l->exp) - 1;
    int field;

    if (roll >> 7 & 1) /* few bits: exact results, ties */
        frac &= frac << (l->frac / 2) & dice_roll(dice) << (l->frac * 3 / 4);
    switch (roll >> 1 & 7) {
    case 0: return corner(format, (roll >> 16) % corner_count(false), false);
    case 1:
    case 2: field = exponent_of(l, other) + near - l->frac / 2; break;
    case 3: field = bias(l) - exponent_of(l, other) + near - l->frac; break;
    case 4: field = bias(l) + near - l->frac / 2; break;
    case 5: field = near & 3; break;
    default: field = (int)(roll >> 16 & (u64)top); break;
    }
    if (field < 0 || field >= top)
        field = 0;
    return assemble(l, roll & 1, field, frac);
}
