/*
 * Bodies of the F and D instructions that compute, inject signs, compare and
 * classify; exec_fp.h says what the two halves of one are.
 */
#ifndef HART_INTERP_EXEC_FP_ARITH_H
#define HART_INTERP_EXEC_FP_ARITH_H

#include "hart/interp/exec_fp.h"

static inline bool fp_binary_f64(struct hart *h, const struct insn *in,
                                 enum fp_op op)
{
    double a = fp_f64(h->s.f[in->rs1]), b = fp_f64(h->s.f[in->rs2]);

    if (fp_host_ready(h, in) && fp_take_f64(h, in, fp_host_f64(op, a, b)))
        return true;
    return fp_cold_binary(h, in, FP_F64, op);
}

static inline bool fp_binary_f32(struct hart *h, const struct insn *in,
                                 enum fp_op op)
{
    u64 a = h->s.f[in->rs1], b = h->s.f[in->rs2];

    if (fp_host_ready(h, in) && fp_boxed(FP_F32, a & b) &&
        fp_take_f32(h, in, fp_host_f32(op, fp_f32(a), fp_f32(b))))
        return true;
    return fp_cold_binary(h, in, FP_F32, op);
}

static inline bool fp_fused_f64(struct hart *h, const struct insn *in,
                                unsigned negate)
{
    u64 sign = fp_sign_bit(FP_F64);
    u64 a = h->s.f[in->rs1] ^ (negate & FP_NEG_PRODUCT ? sign : 0);
    u64 b = h->s.f[in->rs2];
    u64 c = h->s.f[insn_rs3(in)] ^ (negate & FP_NEG_ADDEND ? sign : 0);

    if (fp_host_ready(h, in) && fp_host_has_fma() &&
        fp_take_f64(h, in, fp_host_fma_f64(fp_f64(a), fp_f64(b), fp_f64(c))))
        return true;
    return fp_cold_fused(h, in, FP_F64, negate);
}

static inline bool fp_fused_f32(struct hart *h, const struct insn *in,
                                unsigned negate)
{
    u64 sign = fp_sign_bit(FP_F32);
    u64 a = h->s.f[in->rs1] ^ (negate & FP_NEG_PRODUCT ? sign : 0);
    u64 b = h->s.f[in->rs2];
    u64 c = h->s.f[insn_rs3(in)] ^ (negate & FP_NEG_ADDEND ? sign : 0);

    if (fp_host_ready(h, in) && fp_host_has_fma() &&
        fp_boxed(FP_F32, a & b & c) &&
        fp_take_f32(h, in, fp_host_fma_f32(fp_f32(a), fp_f32(b), fp_f32(c))))
        return true;
    return fp_cold_fused(h, in, FP_F32, negate);
}

static inline bool exec_fadd_d(struct hart *h, const struct insn *in)
{
    return fp_binary_f64(h, in, FP_ADD);
}

static inline bool exec_fsub_d(struct hart *h, const struct insn *in)
{
    return fp_binary_f64(h, in, FP_SUB);
}

static inline bool exec_fmul_d(struct hart *h, const struct insn *in)
{
    return fp_binary_f64(h, in, FP_MUL);
}

static inline bool exec_fdiv_d(struct hart *h, const struct insn *in)
{
    return fp_binary_f64(h, in, FP_DIV);
}

static inline bool exec_fsqrt_d(struct hart *h, const struct insn *in)
{
    double a = fp_f64(h->s.f[in->rs1]);

    if (fp_host_ready(h, in) && fp_take_f64(h, in, fp_host_sqrt_f64(a)))
        return true;
    return fp_cold_sqrt(h, in, FP_F64);
}

static inline bool exec_fmadd_d(struct hart *h, const struct insn *in)
{
    return fp_fused_f64(h, in, FP_MADD);
}

static inline bool exec_fmsub_d(struct hart *h, const struct insn *in)
{
    return fp_fused_f64(h, in, FP_NEG_ADDEND);
}

static inline bool exec_fnmsub_d(struct hart *h, const struct insn *in)
{
    return fp_fused_f64(h, in, FP_NEG_PRODUCT);
}

static inline bool exec_fnmadd_d(struct hart *h, const struct insn *in)
{
    return fp_fused_f64(h, in, FP_NEG_PRODUCT | FP_NEG_ADDEND);
}

static inline bool exec_fadd_s(struct hart *h, const struct insn *in)
{
    return fp_binary_f32(h, in, FP_ADD);
}

static inline bool exec_fsub_s(struct hart *h, const struct insn *in)
{
    return fp_binary_f32(h, in, FP_SUB);
}

static inline bool exec_fmul_s(struct hart *h, const struct insn *in)
{
    return fp_binary_f32(h, in, FP_MUL);
}

static inline bool exec_fdiv_s(struct hart *h, const struct insn *in)
{
    return fp_binary_f32(h, in, FP_DIV);
}

static inline bool exec_fsqrt_s(struct hart *h, const struct insn *in)
{
    u64 a = h->s.f[in->rs1];

    if (fp_host_ready(h, in) && fp_boxed(FP_F32, a) &&
        fp_take_f32(h, in, fp_host_sqrt_f32(fp_f32(a))))
        return true;
    return fp_cold_sqrt(h, in, FP_F32);
}

static inline bool exec_fmadd_s(struct hart *h, const struct insn *in)
{
    return fp_fused_f32(h, in, FP_MADD);
}

static inline bool exec_fmsub_s(struct hart *h, const struct insn *in)
{
    return fp_fused_f32(h, in, FP_NEG_ADDEND);
}

static inline bool exec_fnmsub_s(struct hart *h, const struct insn *in)
{
    return fp_fused_f32(h, in, FP_NEG_PRODUCT);
}

static inline bool exec_fnmadd_s(struct hart *h, const struct insn *in)
{
    return fp_fused_f32(h, in, FP_NEG_PRODUCT | FP_NEG_ADDEND);
}

/* Sign injection: rs1's value with a sign made of both signs. */
static inline bool fp_inject(struct hart *h, const struct insn *in,
                             enum fp_format format, u64 a, u64 sign)
{
    u64 mask = fp_sign_bit(format);

    return fp_write(h, in, format, (a & ~mask) | (sign & mask));
}

static inline bool exec_fsgnj_d(struct hart *h, const struct insn *in)
{
    u64 a = fp_read(h, FP_F64, in->rs1), b = fp_read(h, FP_F64, in->rs2);

    return fp_inject(h, in, FP_F64, a, b);
}

static inline bool exec_fsgnjn_d(struct hart *h, const struct insn *in)
{
    u64 a = fp_read(h, FP_F64, in->rs1), b = fp_read(h, FP_F64, in->rs2);

    return fp_inject(h, in, FP_F64, a, ~b);
}

static inline bool exec_fsgnjx_d(struct hart *h, const struct insn *in)
{
    u64 a = fp_read(h, FP_F64, in->rs1), b = fp_read(h, FP_F64, in->rs2);

    return fp_inject(h, in, FP_F64, a, a ^ b);
}

static inline bool exec_fsgnj_s(struct hart *h, const struct insn *in)
{
    u64 a = fp_read(h, FP_F32, in->rs1), b = fp_read(h, FP_F32, in->rs2);

    return fp_inject(h, in, FP_F32, a, b);
}

static inline bool exec_fsgnjn_s(struct hart *h, const struct insn *in)
{
    u64 a = fp_read(h, FP_F32, in->rs1), b = fp_read(h, FP_F32, in->rs2);

    return fp_inject(h, in, FP_F32, a, ~b);
}

static inline bool exec_fsgnjx_s(struct hart *h, const struct insn *in)
{
    u64 a = fp_read(h, FP_F32, in->rs1), b = fp_read(h, FP_F32, in->rs2);

    return fp_inject(h, in, FP_F32, a, a ^ b);
}

static inline bool fp_minmax(struct hart *h, const struct insn *in,
                             enum fp_format format, bool max)
{
    u64 a = fp_read(h, format, in->rs1), b = fp_read(h, format, in->rs2);
    struct fp_ctx ctx = {FP_RNE, 0};
    u64 r = max ? fp_max(format, a, b, &ctx) : fp_min(format, a, b, &ctx);

    fp_raise(h, ctx.flags);
    return fp_write(h, in, format, r);
}

static inline bool exec_fmin_d(struct hart *h, const struct insn *in)
{
    return fp_minmax(h, in, FP_F64, false);
}

static inline bool exec_fmax_d(struct hart *h, const struct insn *in)
{
    return fp_minmax(h, in, FP_F64, true);
}

static inline bool exec_fmin_s(struct hart *h, const struct insn *in)
{
    return fp_minmax(h, in, FP_F32, false);
}

static inline bool exec_fmax_s(struct hart *h, const struct insn *in)
{
    return fp_minmax(h, in, FP_F32, true);
}

enum fp_relation { FP_EQ, FP_LT, FP_LE };

/* FEQ is quiet: only a signaling NaN raises NV. FLT and FLE: any NaN. */
static inline bool fp_compare(struct hart *h, const struct insn *in,
                              enum fp_format format, enum fp_relation relation)
{
    u64 a = fp_read(h, format, in->rs1), b = fp_read(h, format, in->rs2);
    i64 x = fp_order(format, a), y = fp_order(format, b);

    if (fp_is_nan(format, a) || fp_is_nan(format, b)) {
        if (relation != FP_EQ || fp_is_signaling(format, a) ||
            fp_is_signaling(format, b))
            fp_raise(h, FP_NV);
        h->s.x[in->rd] = 0;
        return true;
    }
    h->s.x[in->rd] = relation == FP_EQ   ? x == y
                     : relation == FP_LT ? x < y
                                         : x <= y;
    return true;
}

static inline bool exec_feq_d(struct hart *h, const struct insn *in)
{
    return fp_compare(h, in, FP_F64, FP_EQ);
}

static inline bool exec_flt_d(struct hart *h, const struct insn *in)
{
    return fp_compare(h, in, FP_F64, FP_LT);
}

static inline bool exec_fle_d(struct hart *h, const struct insn *in)
{
    return fp_compare(h, in, FP_F64, FP_LE);
}

static inline bool exec_feq_s(struct hart *h, const struct insn *in)
{
    return fp_compare(h, in, FP_F32, FP_EQ);
}

static inline bool exec_flt_s(struct hart *h, const struct insn *in)
{
    return fp_compare(h, in, FP_F32, FP_LT);
}

static inline bool exec_fle_s(struct hart *h, const struct insn *in)
{
    return fp_compare(h, in, FP_F32, FP_LE);
}

static inline bool exec_fclass_d(struct hart *h, const struct insn *in)
{
    h->s.x[in->rd] = fp_classify(FP_F64, fp_read(h, FP_F64, in->rs1));
    return true;
}

static inline bool exec_fclass_s(struct hart *h, const struct insn *in)
{
    h->s.x[in->rd] = fp_classify(FP_F32, fp_read(h, FP_F32, in->rs1));
    return true;
}

#endif
