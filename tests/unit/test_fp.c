/*
 * Unit tests of floating point (emu/hart/fp*, exec_fp*): every operation in
 * every rounding mode, value and flags, against the judge (fp_judge.h), three
 * ways each: the soft core, the instruction body with the mode in frm (the
 * host's unit where it may be used), and the body with the mode in the
 * instruction and another one in frm. What the judge knows nothing of is in
 * test_exec_fp.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fp_judge.h"
#include "hart/interp/exec_fp_arith.h"
#include "hart/interp/exec_fp_convert.h"

#define RANDOM_ARITH 40000
#define RANDOM_CONVERT 10000
#define BOX (~0ull << 32)

/* Operands in f1, f2, f3 and x1; results in f4 and x4. */
#define RAW(rm) (3u << 27 | (u32)(rm) << 12)

typedef bool body_fn(struct hart *h, const struct insn *in);

struct outcome {
    u64 bits; /* of f4 or x4 */
    u8 flags;
};

static int make_hart(void **state)
{
    *state = calloc(1, sizeof(struct hart));
    return *state ? 0 : -1;
}

static int free_hart(void **state)
{
    free(*state);
    return 0;
}

/* Runs one instruction in a slice of its own. */
static bool run(struct hart *h, body_fn *body, unsigned rm, unsigned frm)
{
    struct insn in = {.rd = 4, .rs1 = 1, .rs2 = 2, .len = 4, .raw = RAW(rm)};
    bool done;

    h->s.frm = (u8)frm;
    h->s.fflags = 0;
    h->s.csr.mstatus = 0;
    h->c.raised = false;
    h->s.f[4] = h->s.x[4] = 0x123456789;
    fp_slice_begin(&h->c.fp, frm);
    done = body(h, &in);
    h->s.fflags |= fp_slice_end(&h->c.fp);
    return done;
}

static u64 boxed(enum fp_format format, u64 a)
{
    return format == FP_F64 ? a : a | (format == FP_F32 ? BOX : ~0xffffull);
}

static void expect(const char *what, struct verdict want, u64 bits, u8 flags,
                   const u64 operand[3], enum fp_rm rm)
{
    if (bits == want.bits && flags == want.flags)
        return;
    fail_msg("%s, mode %d: %#lx %#lx %#lx gives %#lx flags %#x, "
             "should be %#lx flags %#x",
             what, (int)rm, operand[0], operand[1], operand[2], bits, flags,
             want.bits, want.flags);
}

/* The body with the mode in frm, then in the instruction. */
static void expect_body(struct hart *h, body_fn *body, const char *what,
                        struct verdict want, const u64 *result,
                        const u64 operand[3], enum fp_rm rm)
{
    assert_true(run(h, body, FP_DYN, rm));
    expect(what, want, *result, h->s.fflags, operand, rm);
    assert_true(run(h, body, rm, rm == FP_RNE ? FP_RUP : FP_RNE));
    expect(what, want, *result, h->s.fflags, operand, rm);
}

static u64 soft(enum judge_op op, enum fp_format format, const u64 v[3],
                struct fp_ctx *ctx)
{
    u64 sign = fp_sign_bit(format);

    switch (op) {
    case JUDGE_ADD: return fp_add(format, v[0], v[1], ctx);
    case JUDGE_SUB: return fp_add(format, v[0], v[1] ^ sign, ctx);
    case JUDGE_MUL: return fp_mul(format, v[0], v[1], ctx);
    case JUDGE_DIV: return fp_div(format, v[0], v[1], ctx);
    case JUDGE_SQRT: return fp_sqrt(format, v[0], ctx);
    case JUDGE_MADD: return fp_fma(format, v[0], v[1], v[2], ctx);
    case JUDGE_MSUB: return fp_fma(format, v[0], v[1], v[2] ^ sign, ctx);
    case JUDGE_NMSUB: return fp_fma(format, v[0] ^ sign, v[1], v[2], ctx);
    case JUDGE_NMADD:
        return fp_fma(format, v[0] ^ sign, v[1], v[2] ^ sign, ctx);
    }
    return 0;
}

static const struct {
    const char *name;
    body_fn *single, *twofold;
} arith[] = {
    [JUDGE_ADD] = {"fadd", exec_fadd_s, exec_fadd_d},
    [JUDGE_SUB] = {"fsub", exec_fsub_s, exec_fsub_d},
    [JUDGE_MUL] = {"fmul", exec_fmul_s, exec_fmul_d},
    [JUDGE_DIV] = {"fdiv", exec_fdiv_s, exec_fdiv_d},
    [JUDGE_SQRT] = {"fsqrt", exec_fsqrt_s, exec_fsqrt_d},
    [JUDGE_MADD] = {"fmadd", exec_fmadd_s, exec_fmadd_d},
    [JUDGE_MSUB] = {"fmsub", exec_fmsub_s, exec_fmsub_d},
    [JUDGE_NMSUB] = {"fnmsub", exec_fnmsub_s, exec_fnmsub_d},
    [JUDGE_NMADD] = {"fnmadd", exec_fnmadd_s, exec_fnmadd_d},
};

static void check_arith_in(struct hart *h, enum judge_op op,
                           enum fp_format format, const u64 operand[3],
                           enum fp_rm rm)
{
    struct verdict want = judge_arith(op, format, operand, rm);
    struct fp_ctx ctx = {rm, 0};
    u64 result = soft(op, format, operand, &ctx);
    unsigned i;

    expect(arith[op].name, want, result, ctx.flags, operand, rm);
    for (i = 0; i < 3; i++)
        h->s.f[i + 1] = boxed(format, operand[i]);
    want.bits = boxed(format, want.bits);
    expect_body(h, format == FP_F64 ? arith[op].twofold : arith[op].single,
                arith[op].name, want, &h->s.f[4], operand, rm);
}

static void check_arith(struct hart *h, enum judge_op op, enum fp_format format,
                        u64 a, u64 b, u64 c)
{
    const u64 operand[3] = {a, b, c};
    unsigned rm;

    for (rm = FP_RNE; rm <= FP_RMM; rm++)
        check_arith_in(h, op, format, operand, (enum fp_rm)rm);
}

static void corners_agree(struct hart *h, enum judge_op op)
{
    unsigned i, j, n = corner_count(false);
    enum fp_format f;

    for (f = FP_F32; f <= FP_F64; f++)
        for (i = 0; i < n; i++)
            for (j = 0; j < (op == JUDGE_SQRT ? 1 : n); j++)
                check_arith(h, op, f, corner(f, i, false), corner(f, j, false),
                            0);
}

static void random_agree(struct hart *h, enum judge_op op)
{
    struct dice dice = {0x9e3779b97f4a7c15 + op};
    enum fp_format f;
    unsigned i;
    u64 a, b, c;

    for (i = 0; i < RANDOM_ARITH; i++) {
        f = i & 1 ? FP_F64 : FP_F32;
        a = dice_operand(&dice, f, 0);
        b = dice_operand(&dice, f, a);
        c = dice_operand(&dice, f, dice_roll(&dice) & 1 ? a : b);
        check_arith(h, op, f, a, b, c);
    }
}

static void sums_agree(void **state)
{
    corners_agree(*state, JUDGE_ADD);
    corners_agree(*state, JUDGE_SUB);
    random_agree(*state, JUDGE_ADD);
    random_agree(*state, JUDGE_SUB);
}

static void products_agree(void **state)
{
    corners_agree(*state, JUDGE_MUL);
    random_agree(*state, JUDGE_MUL);
}

static void quotients_agree(void **state)
{
    corners_agree(*state, JUDGE_DIV);
    random_agree(*state, JUDGE_DIV);
}

static void roots_agree(void **state)
{
    corners_agree(*state, JUDGE_SQRT);
    random_agree(*state, JUDGE_SQRT);
}

/* Triples of corners for one form; the corners have both signs, so that the
 * other three see nothing new there. */
static void fused_corners_agree(void **state)
{
    unsigned i, j, k, n = corner_count(true);
    enum fp_format f;

    for (f = FP_F32; f <= FP_F64; f++)
        for (i = 0; i < n; i++)
            for (j = i; j < n; j++)
                for (k = 0; k < n; k++)
                    check_arith(*state, JUDGE_MADD, f, corner(f, i, true),
                                corner(f, j, true), corner(f, k, true));
}

static void fused_random_agree(void **state)
{
    random_agree(*state, JUDGE_MADD);
    random_agree(*state, JUDGE_MSUB);
    random_agree(*state, JUDGE_NMSUB);
    random_agree(*state, JUDGE_NMADD);
}

/* A product that almost cancels against the addend: what is left is the
 * product's low half, rounded once or not at all. */
static void fused_cancellation_is_exact(void **state)
{
    struct dice dice = {42};
    struct fp_ctx ctx;
    enum fp_format f;
    unsigned i;
    u64 a, b, c;

    for (i = 0; i < 4000; i++) {
        f = i & 1 ? FP_F64 : FP_F32;
        a = dice_operand(&dice, f, 0);
        b = dice_operand(&dice, f, a);
        ctx = (struct fp_ctx){FP_RNE, 0};
        c = fp_mul(f, a, b, &ctx) ^ fp_sign_bit(f);
        check_arith(*state, JUDGE_MADD, f, a, b, c);
        check_arith(*state, JUDGE_MADD, f, a, b, c ^ 1);
    }
}

static void check_convert(struct hart *h, body_fn *body, enum fp_format from,
                          enum fp_format to, u64 a)
{
    const u64 operand[3] = {a};
    struct verdict want;
    struct fp_ctx ctx;
    unsigned rm;
    u64 r;

    for (rm = FP_RNE; rm <= FP_RMM; rm++) {
        want = judge_convert(from, to, a, (enum fp_rm)rm);
        ctx = (struct fp_ctx){(enum fp_rm)rm, 0};
        r = fp_convert(from, to, a, &ctx);
        expect("fcvt", want, r, ctx.flags, operand, (enum fp_rm)rm);
        h->s.f[1] = boxed(from, a);
        want.bits = boxed(to, want.bits);
        expect_body(h, body, "fcvt", want, &h->s.f[4], operand, (enum fp_rm)rm);
    }
}

static const struct {
    enum fp_format from, to;
    body_fn *body;
} conversions[] = {
    {FP_F64, FP_F32, exec_fcvt_s_d}, {FP_F32, FP_F64, exec_fcvt_d_s},
    {FP_F16, FP_F32, exec_fcvt_s_h}, {FP_F32, FP_F16, exec_fcvt_h_s},
    {FP_F16, FP_F64, exec_fcvt_d_h}, {FP_F64, FP_F16, exec_fcvt_h_d},
};

enum { CONVERSIONS = sizeof(conversions) / sizeof(*conversions) };

/* The corners of the narrower format, in the wider one, with neighbours that
 * only the wider one has. */
static void conversions_agree(void **state)
{
    struct dice dice = {7};
    enum fp_format from, to;
    struct fp_ctx ctx = {FP_RNE, 0};
    unsigned c, i;
    u64 a;

    for (c = 0; c < CONVERSIONS; c++) {
        from = conversions[c].from;
        to = conversions[c].to;
        for (i = 0; i < corner_count(false); i++) {
            a = fp_convert(to, from, corner(to, i, false), &ctx);
            check_convert(*state, conversions[c].body, from, to, a);
            check_convert(*state, conversions[c].body, from, to, a + 1);
            check_convert(*state, conversions[c].body, from, to, a - 1);
            check_convert(*state, conversions[c].body, from, to,
                          corner(from, i, false));
        }
        for (i = 0; i < RANDOM_CONVERT; i++) {
            a = fp_convert(to, from, dice_operand(&dice, to, 0), &ctx);
            a ^= dice_roll(&dice) & (fp_quiet_bit(from) - 1);
            check_convert(*state, conversions[c].body, from, to, a);
        }
    }
}

/* All there are. */
static void every_half_agrees(void **state)
{
    u64 a;

    for (a = 0; a < 0x10000; a++) {
        check_convert(*state, exec_fcvt_s_h, FP_F16, FP_F32, a);
        check_convert(*state, exec_fcvt_d_h, FP_F16, FP_F64, a);
    }
}

/* By enum fp_int, for singles and doubles. */
static body_fn *const to_int[2][4] = {
    {exec_fcvt_w_s, exec_fcvt_wu_s, exec_fcvt_l_s, exec_fcvt_lu_s},
    {exec_fcvt_w_d, exec_fcvt_wu_d, exec_fcvt_l_d, exec_fcvt_lu_d},
};
static body_fn *const from_int[2][4] = {
    {exec_fcvt_s_w, exec_fcvt_s_wu, exec_fcvt_s_l, exec_fcvt_s_lu},
    {exec_fcvt_d_w, exec_fcvt_d_wu, exec_fcvt_d_l, exec_fcvt_d_lu},
};

static void check_to_int(struct hart *h, enum fp_format format, u64 a)
{
    const u64 operand[3] = {a};
    struct verdict want;
    enum fp_int type;
    unsigned rm;

    h->s.f[1] = boxed(format, a);
    for (type = FP_I32; type <= FP_U64; type++)
        for (rm = FP_RNE; rm <= FP_RMM; rm++) {
            want = judge_to_int(format, a, type, (enum fp_rm)rm);
            expect_body(h, to_int[format == FP_F64][type], "fcvt to integer",
                        want, &h->s.x[4], operand, (enum fp_rm)rm);
        }
}

/* Each power of two there is, what lies beside it, and the halves. */
static void integers_out_agree(void **state)
{
    struct dice dice = {11};
    enum fp_format f;
    unsigned i;
    u64 power;
    int e, k;

    for (f = FP_F32; f <= FP_F64; f++) {
        for (e = -3; e < 67; e++)
            for (k = -3; k <= 3; k++) {
                power = (u64)(e + (f == FP_F64 ? 1023 : 127));
                power = (power << fp_frac_bits(f)) + (u64)k;
                check_to_int(*state, f, power);
                check_to_int(*state, f, power | fp_sign_bit(f));
                power |= fp_quiet_bit(f);
                check_to_int(*state, f, power);
                check_to_int(*state, f, power | fp_sign_bit(f));
            }
        for (i = 0; i < corner_count(false); i++)
            check_to_int(*state, f, corner(f, i, false));
        for (i = 0; i < RANDOM_CONVERT; i++)
            check_to_int(*state, f, dice_operand(&dice, f, 0));
        /* Just below and above the limits of the 32-bit types. */
        for (i = 0; f == FP_F64 && i < 8; i++) {
            check_to_int(*state, f, 0x41dfffffff800000 + (i - 4) * 0x200000ull);
            check_to_int(*state, f, 0x41efffffffe00000 + (i - 4) * 0x080000ull);
            check_to_int(*state, f, 0xc1e0000000000000 + (i - 4) * 0x080000ull);
        }
    }
}

static void check_from_int(struct hart *h, u64 x)
{
    const u64 operand[3] = {x};
    struct verdict want;
    enum fp_format f;
    enum fp_int type;
    unsigned rm;

    h->s.x[1] = x;
    for (f = FP_F32; f <= FP_F64; f++)
        for (type = FP_I32; type <= FP_U64; type++)
            for (rm = FP_RNE; rm <= FP_RMM; rm++) {
                want = judge_from_int(f, x, type, (enum fp_rm)rm);
                want.bits = boxed(f, want.bits);
                expect_body(h, from_int[f == FP_F64][type], "fcvt from integer",
                            want, &h->s.f[4], operand, (enum fp_rm)rm);
            }
}

static void integers_in_agree(void **state)
{
    struct dice dice = {13};
    unsigned i, shift;
    int k;

    for (shift = 0; shift < 64; shift++)
        for (k = -2; k <= 2; k++) {
            check_from_int(*state, (1ull << shift) + (u64)k);
            check_from_int(*state, -(1ull << shift) + (u64)k);
            /* a tie for a format with 24, with 53 bits */
            check_from_int(*state, (0x1000001ull << shift) + (u64)k);
            check_from_int(*state, (0x20000000000003ull << shift) + (u64)k);
        }
    for (i = 0; i < RANDOM_CONVERT; i++)
        check_from_int(*state, dice_roll(&dice) >> (i & 63));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_agree),
        cmocka_unit_test(products_agree),
        cmocka_unit_test(quotients_agree),
        cmocka_unit_test(roots_agree),
        cmocka_unit_test(fused_corners_agree),
        cmocka_unit_test(fused_random_agree),
        cmocka_unit_test(fused_cancellation_is_exact),
        cmocka_unit_test(conversions_agree),
        cmocka_unit_test(every_half_agrees),
        cmocka_unit_test(integers_out_agree),
        cmocka_unit_test(integers_in_agree),
    };

    return cmocka_run_group_tests(tests, make_hart, free_hart);
}
