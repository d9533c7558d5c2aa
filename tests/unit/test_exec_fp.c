/*
 * Unit tests of the F, D and Zfhmin bodies (emu/hart/interp/exec_fp.h) beyond
 * rounding, which test_fp.c judges: comparisons, minimum and maximum, signs,
 * moves, classes, NaN boxing, reserved rounding modes, when FS becomes Dirty,
 * and the host's environment, which a slice borrows and gives back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fp_judge.h"
#include "hart/interp/exec_fp_arith.h"
#include "hart/interp/exec_fp_convert.h"
#include "hart_bench.h"

#define QNAN_S 0x7fc00000u
#define SNAN_S 0x7f800001u
#define ONE_S 0x3f800000u
#define BOXED(single) (~0ull << 32 | (single))
#define QNAN_D 0x7ff8000000000000
#define SNAN_D 0x7ff0000000000001
#define ONE_D 0x3ff0000000000000
#define MINUS (1ull << 63)
#define TINY_D 1ull /* the smallest subnormal */
#define DIRTY (MSTATUS_FS | MSTATUS_SD)

typedef bool body_fn(struct hart *h, const struct insn *in);

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

/* Operands in f1, f2, f3; results in f4 and x4. No slice: what needs one
 * opens it. */
static bool step(struct hart *h, body_fn *body, unsigned rm)
{
    struct insn in = {.rd = 4, .rs1 = 1, .rs2 = 2, .raw = 3u << 27 | rm << 12};

    return body(h, &in);
}

/* One instruction in a slice of its own. Returns the flags. */
static u8 run(struct hart *h, body_fn *body, u64 a, u64 b)
{
    h->s.f[1] = a;
    h->s.f[2] = b;
    h->s.f[4] = h->s.x[4] = 0x123456789;
    h->s.fflags = 0;
    h->s.csr.mstatus = 0;
    fp_slice_begin(&h->c.fp, h->s.frm);
    assert_true(step(h, body, FP_DYN));
    h->s.fflags |= fp_slice_end(&h->c.fp);
    return h->s.fflags;
}

static u64 boxed(enum fp_format format, u64 a)
{
    return format == FP_F64 ? a : BOXED(a);
}

static void comparisons_order_all_corners(void **state)
{
    static body_fn *const bodies[2][3] = {
        {exec_feq_s, exec_flt_s, exec_fle_s},
        {exec_feq_d, exec_flt_d, exec_fle_d},
    };
    struct hart *h = *state;
    unsigned i, j, k, n = corner_count(false);
    bool nans, signaling, want;
    enum fp_format f;
    u64 a, b;
    int order;

    for (f = FP_F32; f <= FP_F64; f++)
        for (i = 0; i < n; i++)
            for (j = 0; j < n; j++) {
                a = corner(f, i, false);
                b = corner(f, j, false);
                nans = fp_is_nan(f, a) || fp_is_nan(f, b);
                signaling = fp_is_signaling(f, a) || fp_is_signaling(f, b);
                order = nans ? 0 : judge_order(f, a, b);
                for (k = 0; k < 3; k++) {
                    want = k == 0   ? order == 0
                           : k == 1 ? order < 0
                                    : order <= 0;
                    run(h, bodies[f == FP_F64][k], boxed(f, a), boxed(f, b));
                    assert_int_equal(h->s.x[4], want && !nans);
                    assert_int_equal(h->s.fflags,
                                     signaling || (nans && k != 0) ? FP_NV : 0);
                }
            }
}

/* The number that minimumNumber or maximumNumber chooses. */
static u64 chosen(enum fp_format f, u64 a, u64 b, bool max)
{
    int order;

    if (fp_is_nan(f, a) && fp_is_nan(f, b))
        return f == FP_F64 ? QNAN_D : QNAN_S;
    if (fp_is_nan(f, a) || fp_is_nan(f, b))
        return fp_is_nan(f, a) ? b : a;
    order = judge_order(f, a, b);
    return (order < 0) != max ? a : b;
}

static void minimum_and_maximum_agree_on_all_corners(void **state)
{
    static body_fn *const bodies[2][2] = {
        {exec_fmin_s, exec_fmax_s},
        {exec_fmin_d, exec_fmax_d},
    };
    struct hart *h = *state;
    unsigned i, j, max, n = corner_count(false);
    enum fp_format f;
    bool signaling;
    u64 a, b;

    for (f = FP_F32; f <= FP_F64; f++)
        for (i = 0; i < n; i++)
            for (j = 0; j < n; j++)
                for (max = 0; max < 2; max++) {
                    a = corner(f, i, false);
                    b = corner(f, j, false);
                    if (!((a | b) & (fp_sign_bit(f) - 1)))
                        continue; /* zeros: below */
                    signaling = fp_is_signaling(f, a) || fp_is_signaling(f, b);
                    run(h, bodies[f == FP_F64][max], boxed(f, a), boxed(f, b));
                    assert_int_equal(h->s.f[4], boxed(f, chosen(f, a, b, max)));
                    assert_int_equal(h->s.fflags, signaling ? FP_NV : 0);
                }
}

static void minus_zero_is_less_than_plus_zero(void **state)
{
    static const struct {
        body_fn *body;
        u64 minus, plus, want;
    } rows[] = {
        {exec_fmin_d, MINUS, 0, MINUS},
        {exec_fmax_d, MINUS, 0, 0},
        {exec_fmin_s, BOXED(0x80000000u), BOXED(0), BOXED(0x80000000u)},
        {exec_fmax_s, BOXED(0x80000000u), BOXED(0), BOXED(0)},
    };
    struct hart *h = *state;
    unsigned i;

    for (i = 0; i < 4; i++) {
        run(h, rows[i].body, rows[i].minus, rows[i].plus);
        assert_int_equal(h->s.f[4], rows[i].want);
        run(h, rows[i].body, rows[i].plus, rows[i].minus);
        assert_int_equal(h->s.f[4], rows[i].want);
        assert_int_equal(h->s.fflags, 0);
        run(h, rows[i].body, rows[i].minus, rows[i].minus);
        assert_int_equal(h->s.f[4], rows[i].minus);
        run(h, rows[i].body, rows[i].plus, rows[i].plus);
        assert_int_equal(h->s.f[4], rows[i].plus);
    }
}

static void classes_are_the_table_of_the_specification(void **state)
{
    static const u64 doubles[10] = {0xfff0000000000000,
                                    MINUS | ONE_D,
                                    MINUS | TINY_D,
                                    MINUS,
                                    0,
                                    TINY_D,
                                    ONE_D,
                                    0x7ff0000000000000,
                                    SNAN_D,
                                    QNAN_D};
    static const u32 singles[10] = {
        0xff800000, 0x80800000, 0x807fffff, 0x80000000, 0,
        0x007fffff, 0x7f7fffff, 0x7f800000, 0xff800001, 0xffc00000};
    struct hart *h = *state;
    unsigned i;

    for (i = 0; i < 10; i++) {
        run(h, exec_fclass_d, doubles[i], 0);
        assert_int_equal(h->s.x[4], 1 << i);
        run(h, exec_fclass_s, BOXED(singles[i]), 0);
        assert_int_equal(h->s.x[4], 1 << i);
        assert_int_equal(h->s.fflags, 0);
        assert_int_equal(h->s.csr.mstatus, 0);
    }
    run(h, exec_fclass_s, ONE_S, 0); /* not boxed */
    assert_int_equal(h->s.x[4], 1 << 9);
}

/* Signs are injected into NaNs too, and nothing signals. */
static void signs_are_injected_into_anything(void **state)
{
    static const struct {
        body_fn *body;
        u64 a, b, want;
    } rows[] = {
        {exec_fsgnj_d, SNAN_D, MINUS, MINUS | SNAN_D},
        {exec_fsgnj_d, MINUS | ONE_D, 0, ONE_D},
        {exec_fsgnjn_d, ONE_D, 0, MINUS | ONE_D},
        {exec_fsgnjn_d, ONE_D, MINUS, ONE_D},
        {exec_fsgnjx_d, MINUS | ONE_D, MINUS, ONE_D},
        {exec_fsgnjx_d, ONE_D, MINUS, MINUS | ONE_D},
        {exec_fsgnj_s, BOXED(SNAN_S), BOXED(0x80000000u), BOXED(0xff800001u)},
        {exec_fsgnjn_s, BOXED(ONE_S), BOXED(ONE_S), BOXED(0xbf800000u)},
        {exec_fsgnjx_s, BOXED(0xbf800000u), BOXED(0x80000000u), BOXED(ONE_S)},
        /* not boxed: a positive canonical NaN, as value and as sign */
        {exec_fsgnj_s, ONE_S, BOXED(0x80000000u), BOXED(0xffc00000u)},
        {exec_fsgnj_s, BOXED(0xbf800000u), MINUS | 0x80000000u, BOXED(ONE_S)},
        {exec_fsgnjn_s, BOXED(ONE_S), 0x80000000u, BOXED(0xbf800000u)},
        {exec_fsgnjx_s, BOXED(0xbf800000u), MINUS, BOXED(0xbf800000u)},
    };
    struct hart *h = *state;
    unsigned i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        run(h, rows[i].body, rows[i].a, rows[i].b);
        assert_int_equal(h->s.f[4], rows[i].want);
        assert_int_equal(h->s.fflags, 0);
    }
}

static void moves_take_bits_as_they_are(void **state)
{
    struct hart *h = *state;

    run(h, exec_fmv_x_w, 0x0123456789abcdef, 0); /* boxed or not */
    assert_int_equal(h->s.x[4], 0xffffffff89abcdef);
    run(h, exec_fmv_x_h, 0x7fff, 0);
    assert_int_equal(h->s.x[4], 0x7fff);
    run(h, exec_fmv_x_h, 0x18000, 0);
    assert_int_equal(h->s.x[4], 0xffffffffffff8000);
    run(h, exec_fmv_x_d, SNAN_D, 0);
    assert_int_equal(h->s.x[4], SNAN_D);
    assert_int_equal(h->s.csr.mstatus, 0);
    h->s.x[1] = 0x0123456789abcdef;
    run(h, exec_fmv_w_x, 0, 0);
    assert_int_equal(h->s.f[4], 0xffffffff89abcdef);
    run(h, exec_fmv_h_x, 0, 0);
    assert_int_equal(h->s.f[4], 0xffffffffffffcdef);
    run(h, exec_fmv_d_x, 0, 0);
    assert_int_equal(h->s.f[4], 0x0123456789abcdef);
    assert_int_equal(h->s.csr.mstatus, DIRTY);
}

/* Each operand in turn is a single that lost its box: 1 op NaN. */
static void unboxed_singles_read_as_the_canonical_nan(void **state)
{
    static body_fn *const two[] = {exec_fadd_s, exec_fsub_s, exec_fmul_s,
                                   exec_fdiv_s};
    static body_fn *const three[] = {exec_fmadd_s, exec_fmsub_s, exec_fnmsub_s,
                                     exec_fnmadd_s};
    static const u64 one = BOXED(ONE_S);
    static const u64 lost[] = {ONE_S, 0x7fffffff00000000 | ONE_S,
                               0xfffffffe00000000 | ONE_S};
    struct hart *h = *state;
    unsigned i, k;

    for (k = 0; k < 3; k++) {
        for (i = 0; i < 4; i++) {
            assert_int_equal(run(h, two[i], lost[k], one), 0);
            assert_int_equal(h->s.f[4], BOXED(QNAN_S));
            assert_int_equal(run(h, two[i], one, lost[k]), 0);
            assert_int_equal(h->s.f[4], BOXED(QNAN_S));
            h->s.f[3] = lost[k];
            assert_int_equal(run(h, three[i], one, one), 0);
            assert_int_equal(h->s.f[4], BOXED(QNAN_S));
        }
        assert_int_equal(run(h, exec_fsqrt_s, lost[k], 0), 0);
        assert_int_equal(h->s.f[4], BOXED(QNAN_S));
        assert_int_equal(run(h, exec_fcvt_d_s, lost[k], 0), 0);
        assert_int_equal(h->s.f[4], QNAN_D);
        assert_int_equal(run(h, exec_fcvt_w_s, lost[k], 0), FP_NV);
        assert_int_equal(h->s.x[4], 0x7fffffff);
        assert_int_equal(run(h, exec_fmin_s, lost[k], one), 0);
        assert_int_equal(h->s.f[4], one);
        assert_int_equal(run(h, exec_flt_s, lost[k], one), FP_NV);
    }
}

static void unboxed_halves_read_as_the_canonical_nan(void **state)
{
    static const u64 one = 0xffffffffffff3c00;
    struct hart *h = *state;
    unsigned bit;

    assert_int_equal(run(h, exec_fcvt_s_h, one, 0), 0);
    assert_int_equal(h->s.f[4], BOXED(ONE_S));
    for (bit = 16; bit < 64; bit++) {
        assert_int_equal(run(h, exec_fcvt_s_h, one & ~(1ull << bit), 0), 0);
        assert_int_equal(h->s.f[4], BOXED(QNAN_S));
        assert_int_equal(run(h, exec_fcvt_d_h, one & ~(1ull << bit), 0), 0);
        assert_int_equal(h->s.f[4], QNAN_D);
    }
}

static void reserved_dynamic_modes_are_illegal(void **state)
{
    static body_fn *const bodies[] = {
        exec_fadd_d,   exec_fsqrt_s,  exec_fmadd_s,  exec_fcvt_d_s,
        exec_fcvt_s_d, exec_fcvt_d_w, exec_fcvt_w_d, exec_fcvt_s_lu,
    };
    struct hart *h = *state;
    unsigned i, frm;

    for (frm = 5; frm <= 7; frm++)
        for (i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
            h->s.frm = (u8)frm;
            h->c.raised = false;
            h->s.f[4] = h->s.x[4] = 77;
            h->s.f[1] = h->s.f[2] = h->s.f[3] = BOXED(ONE_S);
            assert_false(step(h, bodies[i], FP_DYN));
            assert_true(h->c.raised);
            assert_int_equal(h->c.raise_cause, CAUSE_ILLEGAL);
            assert_int_equal(h->s.f[4], 77);
            assert_int_equal(h->s.x[4], 77);
            /* a mode of its own needs no frm */
            assert_true(step(h, bodies[i], FP_RTZ));
        }
    h->s.f[1] = h->s.f[2] = ONE_D;
    assert_true(step(h, exec_feq_d, 2)); /* has no mode at all */
    assert_int_equal(h->s.x[4], 1);
    h->s.frm = 0;
    h->c.raised = false;
}

static void fs_becomes_dirty_by_results_and_by_flags(void **state)
{
    struct hart *h = *state;

    run(h, exec_fadd_d, ONE_D, ONE_D);
    assert_int_equal(h->s.csr.mstatus, DIRTY);
    run(h, exec_feq_d, ONE_D, QNAN_D);
    assert_int_equal(h->s.csr.mstatus, 0);
    run(h, exec_flt_d, ONE_D, QNAN_D);
    assert_int_equal(h->s.csr.mstatus, DIRTY);
    run(h, exec_fcvt_w_d, ONE_D, 0);
    assert_int_equal(h->s.csr.mstatus, 0);
    run(h, exec_fcvt_w_d, ONE_D + 1, 0);
    assert_int_equal(h->s.csr.mstatus, DIRTY);
}

/* What the host's unit holds before a slice is none of the guest's business,
 * and the other way round. */
static void a_slice_borrows_the_environment(void **state)
{
    struct hart *h = *state;
    u64 before = fp_host_get();
    u64 dirtied;

    fp_host_set(fp_host_mode(FP_RUP));
    fp_host_f64(FP_DIV, 1, 0);
    dirtied = fp_host_get();
    h->s.frm = FP_RDN;
    h->s.fflags = 0;
    h->s.f[1] = ONE_D;
    h->s.f[2] = MINUS | TINY_D;
    assert_int_equal(fp_flags_collect(&h->c.fp), 0); /* not live */
    fp_slice_begin(&h->c.fp, h->s.frm);
    assert_int_equal(fp_flags_collect(&h->c.fp), 0);
    step(h, exec_fadd_d, FP_DYN);
    assert_int_equal(h->s.f[4], ONE_D - 1);
    assert_int_equal(fp_flags_collect(&h->c.fp) | h->s.fflags, FP_NX);
    assert_int_equal(fp_slice_end(&h->c.fp) | h->s.fflags, FP_NX);
    assert_int_equal(fp_host_get(), dirtied);
    fp_rounding_set(&h->c.fp, FP_RTZ);
    fp_flags_clear(&h->c.fp);
    assert_int_equal(fp_host_get(), dirtied);
    fp_host_set(before);
    h->s.frm = 0;
}

static void flags_stick_until_cleared_and_survive_a_new_mode(void **state)
{
    struct hart *h = *state;

    h->s.frm = FP_RNE;
    h->s.fflags = 0;
    h->s.f[1] = ONE_D;
    h->s.f[2] = 0;
    fp_slice_begin(&h->c.fp, h->s.frm);
    step(h, exec_fdiv_d, FP_DYN);
    h->s.f[2] = TINY_D;
    step(h, exec_fadd_d, FP_DYN);
    assert_int_equal(h->s.f[4], ONE_D);
    assert_int_equal(fp_flags_collect(&h->c.fp), FP_DZ | FP_NX);
    h->s.frm = FP_RUP;
    fp_rounding_set(&h->c.fp, h->s.frm);
    assert_int_equal(fp_flags_collect(&h->c.fp), FP_DZ | FP_NX);
    step(h, exec_fadd_d, FP_DYN);
    assert_int_equal(h->s.f[4], ONE_D + 1);
    fp_flags_clear(&h->c.fp);
    assert_int_equal(fp_flags_collect(&h->c.fp), 0);
    step(h, exec_fadd_d, FP_DYN); /* the mode survives the clearing */
    assert_int_equal(h->s.f[4], ONE_D + 1);
    assert_int_equal(fp_slice_end(&h->c.fp), FP_NX);
    assert_int_equal(h->s.fflags, 0);
    h->s.frm = 0;
}

/* The rest runs as guest code, in slices. */

#define CODE (BENCH_RAM + 0x1000)
#define CSRR(rd, number) ((number) << 20 | 2 << 12 | (rd) << 7 | 0x73u)
#define CSRW(number, rs1) ((number) << 20 | (rs1) << 15 | 1 << 12 | 0x73u)
#define FP_OP(funct7, rd, rs1, rs2) \
    ((funct7) << 25 | (rs2) << 20 | (rs1) << 15 | 7 << 12 | (rd) << 7 | 0x53u)
#define FADD_D(rd, rs1, rs2) FP_OP(0x01u, rd, rs1, rs2)
#define FDIV_D(rd, rs1, rs2) FP_OP(0x0du, rd, rs1, rs2)
#define FMAX_D(rd, rs1, rs2) \
    ((0x15u) << 25 | (rs2) << 20 | (rs1) << 15 | 1 << 12 | (rd) << 7 | 0x53u)
#define LOOP 0x0000006fu

static struct bench *start(void **state, const u32 *code, unsigned count)
{
    struct bench *b;

    assert_int_equal(bench_setup(state), 0);
    b = *state;
    bench_set_mode(b, PRIV_M, 1ull << 13); /* FS = Initial */
    bench_code(b, CODE, code, count);
    b->hart.s.f[1] = ONE_D;
    b->hart.s.f[2] = 0;
    b->hart.s.f[3] = TINY_D;
    b->hart.s.f[4] = SNAN_D;
    return b;
}

/* However the code is divided into slices, it reads the flags that it raised
 * and rounds as it said. */
static void guests_read_the_flags_they_raised(void **state)
{
    static const u32 code[] = {
        CSRR(10, 1), FDIV_D(10, 1, 2), CSRR(11, 1),      FADD_D(11, 1, 3),
        CSRR(12, 3), CSRW(2, 20),      FADD_D(12, 1, 3), CSRW(1, 0),
        CSRR(13, 3), FADD_D(13, 1, 3), FMAX_D(14, 1, 4), CSRR(14, 1),
        CSRW(3, 0),  FADD_D(15, 1, 3), CSRR(15, 3),      CSRR(16, 0x300),
        LOOP,
    };
    enum { COUNT = sizeof(code) / sizeof(*code) };

    for (unsigned slice = 1; slice <= COUNT; slice++) {
        void *mine;
        struct bench *b = start(&mine, code, COUNT);
        struct hart *h = &b->hart;

        h->s.x[20] = FP_RUP;
        for (unsigned done = 0; done < COUNT; done += slice)
            bench_run(b, slice);
        assert_int_equal(h->s.x[10], 0);
        assert_int_equal(h->s.x[11], FP_DZ);
        assert_int_equal(h->s.x[12], FP_DZ | FP_NX);
        assert_int_equal(h->s.f[11], ONE_D);
        assert_int_equal(h->s.f[12], ONE_D + 1);
        assert_int_equal(h->s.x[13], FP_RUP << 5);
        assert_int_equal(h->s.x[14], FP_NX | FP_NV);
        assert_int_equal(h->s.f[15], ONE_D);
        assert_int_equal(h->s.x[15], FP_NX);
        assert_int_equal(h->s.x[16] & DIRTY, DIRTY);
        bench_teardown(&mine);
    }
}

/* Of operands that would raise a flag, in a mode that there is not. */
static void illegal_instructions_raise_no_flags(void **state)
{
    static const u32 op[] = {
        FP_OP(0x60u, 10, 5, 0), FP_OP(0x60u, 10, 5, 1), FP_OP(0x60u, 10, 5, 2),
        FP_OP(0x60u, 10, 5, 3), FP_OP(0x61u, 10, 4, 0), FP_OP(0x61u, 10, 4, 3),
        FP_OP(0x21u, 10, 5, 0), FP_OP(0x20u, 10, 4, 1), FP_OP(0x00u, 10, 5, 5),
        FP_OP(0x01u, 10, 4, 4), FP_OP(0x0du, 10, 1, 2), FP_OP(0x2cu, 10, 5, 0),
        FP_OP(0x2du, 10, 4, 0),
    };

    for (unsigned i = 0; i < sizeof(op) / sizeof(*op); i++) {
        const u32 code[] = {CSRW(2, 20), op[i], LOOP};
        void *mine;
        struct bench *b = start(&mine, code, 3);

        b->hart.s.x[20] = 7;
        b->hart.s.f[5] = BOXED(SNAN_S);
        bench_run(b, 2);
        assert_int_equal(b->hart.s.csr.mcause, CAUSE_ILLEGAL);
        assert_int_equal(b->hart.s.fflags, 0);
        bench_teardown(&mine);
    }
}

/* A subscriber that computes finds the host's own rounding, and its flags are
 * its own. */
struct listener {
    unsigned calls;
    double sum;
};

static void compute(void *arg, const struct rvemu_event *event)
{
    struct listener *listener = arg;

    assert_int_equal(fp_host_get() & fp_host_mode(FP_RTZ),
                     fp_host_mode(FP_RNE) & fp_host_mode(FP_RTZ));
    listener->calls++;
    listener->sum = fp_host_f64(FP_DIV, (double)event->time, 0);
}

static void subscribers_compute_for_themselves(void **state)
{
    static const u32 code[] = {
        CSRW(2, 20), CSRW(0x180, 21), CSRW(0x180, 0), 0xff9ff06f /* back */
    };
    struct listener listener = {0};
    void *mine;
    struct bench *b = start(&mine, code, 4);

    b->hart.s.x[20] = FP_RTZ;
    b->hart.s.x[21] = 8ull << 60;
    trace_subscribe(&b->trace,
                    &(struct rvemu_subscription){.kinds = RVEMU_EVENT_BIT(satp),
                                                 .call = compute,
                                                 .arg = &listener});
    bench_run(b, 10 * TRACE_RING); /* the ring fills while it runs */
    assert_true(listener.calls > 2 * TRACE_RING);
    assert_int_equal(b->hart.s.fflags, 0);
    bench_teardown(&mine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_order_all_corners),
        cmocka_unit_test(minimum_and_maximum_agree_on_all_corners),
        cmocka_unit_test(minus_zero_is_less_than_plus_zero),
        cmocka_unit_test(classes_are_the_table_of_the_specification),
        cmocka_unit_test(signs_are_injected_into_anything),
        cmocka_unit_test(moves_take_bits_as_they_are),
        cmocka_unit_test(unboxed_singles_read_as_the_canonical_nan),
        cmocka_unit_test(unboxed_halves_read_as_the_canonical_nan),
        cmocka_unit_test(reserved_dynamic_modes_are_illegal),
        cmocka_unit_test(fs_becomes_dirty_by_results_and_by_flags),
        cmocka_unit_test(a_slice_borrows_the_environment),
        cmocka_unit_test(flags_stick_until_cleared_and_survive_a_new_mode),
        cmocka_unit_test(guests_read_the_flags_they_raised),
        cmocka_unit_test(illegal_instructions_raise_no_flags),
        cmocka_unit_test(subscribers_compute_for_themselves),
    };

    return cmocka_run_group_tests(tests, make_hart, free_hart);
}
