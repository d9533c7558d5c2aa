/*
 * Bodies of the F, D and Zfhmin instructions that move values between the x
 * and f registers and between formats; exec_fp.h says what the two halves of
 * one are.
 */
#ifndef HART_INTERP_EXEC_FP_CONVERT_H
#define HART_INTERP_EXEC_FP_CONVERT_H

#include "base/bits.h"
#include "hart/interp/exec_fp.h"

static inline bool exec_fmv_x_d(struct hart *h, const struct insn *in)
{
    h->s.x[in->rd] = h->s.f[in->rs1];
    return true;
}

static inline bool exec_fmv_d_x(struct hart *h, const struct insn *in)
{
    return fp_write(h, in, FP_F64, h->s.x[in->rs1]);
}

static inline bool exec_fmv_x_w(struct hart *h, const struct insn *in)
{
    h->s.x[in->rd] = sext32(h->s.f[in->rs1]);
    return true;
}

static inline bool exec_fmv_w_x(struct hart *h, const struct insn *in)
{
    return fp_write(h, in, FP_F32, h->s.x[in->rs1]);
}

static inline bool exec_fmv_x_h(struct hart *h, const struct insn *in)
{
    h->s.x[in->rd] = sext(h->s.f[in->rs1], 16);
    return true;
}

static inline bool exec_fmv_h_x(struct hart *h, const struct insn *in)
{
    return fp_write(h, in, FP_F16, h->s.x[in->rs1]);
}

static inline bool exec_fcvt_s_d(struct hart *h, const struct insn *in)
{
    double a = fp_f64(h->s.f[in->rs1]);

    if (fp_host_ready(h, in) && fp_take_f32(h, in, fp_host_narrow(a)))
        return true;
    return fp_cold_convert(h, in, FP_F64, FP_F32);
}

static inline bool exec_fcvt_d_s(struct hart *h, const struct insn *in)
{
    u64 a = h->s.f[in->rs1];

    if (fp_host_ready(h, in) && fp_boxed(FP_F32, a) &&
        fp_take_f64(h, in, fp_host_widen(fp_f32(a))))
        return true;
    return fp_cold_convert(h, in, FP_F32, FP_F64);
}

static inline bool exec_fcvt_s_h(struct hart *h, const struct insn *in)
{
    return fp_cold_convert(h, in, FP_F16, FP_F32);
}

static inline bool exec_fcvt_h_s(struct hart *h, const struct insn *in)
{
    return fp_cold_convert(h, in, FP_F32, FP_F16);
}

static inline bool exec_fcvt_d_h(struct hart *h, const struct insn *in)
{
    return fp_cold_convert(h, in, FP_F16, FP_F64);
}

static inline bool exec_fcvt_h_d(struct hart *h, const struct insn *in)
{
    return fp_cold_convert(h, in, FP_F64, FP_F16);
}

/* The integer as the host's only conversion, from i64, can take it: all but
 * the upper half of u64. */
static inline i64 fp_integer(u64 x, enum fp_int type)
{
    return type == FP_I32 ? (i32)x : type == FP_U32 ? (u32)x : (i64)x;
}

static inline bool fp_f64_from_int(struct hart *h, const struct insn *in,
                                   enum fp_int type)
{
    u64 x = h->s.x[in->rs1];

    if (fp_host_ready(h, in) && !(type == FP_U64 && x >> 63))
        return fp_write(h, in, FP_F64,
                        fp_bits_f64(fp_host_f64_from_i64(fp_integer(x, type))));
    return fp_cold_from_int(h, in, FP_F64, type);
}

static inline bool fp_f32_from_int(struct hart *h, const struct insn *in,
                                   enum fp_int type)
{
    u64 x = h->s.x[in->rs1];

    if (fp_host_ready(h, in) && !(type == FP_U64 && x >> 63))
        return fp_write(h, in, FP_F32,
                        fp_bits_f32(fp_host_f32_from_i64(fp_integer(x, type))));
    return fp_cold_from_int(h, in, FP_F32, type);
}

static inline bool exec_fcvt_d_w(struct hart *h, const struct insn *in)
{
    return fp_f64_from_int(h, in, FP_I32);
}

static inline bool exec_fcvt_d_wu(struct hart *h, const struct insn *in)
{
    return fp_f64_from_int(h, in, FP_U32);
}

static inline bool exec_fcvt_d_l(struct hart *h, const struct insn *in)
{
    return fp_f64_from_int(h, in, FP_I64);
}

static inline bool exec_fcvt_d_lu(struct hart *h, const struct insn *in)
{
    return fp_f64_from_int(h, in, FP_U64);
}

static inline bool exec_fcvt_s_w(struct hart *h, const struct insn *in)
{
    return fp_f32_from_int(h, in, FP_I32);
}

static inline bool exec_fcvt_s_wu(struct hart *h, const struct insn *in)
{
    return fp_f32_from_int(h, in, FP_U32);
}

static inline bool exec_fcvt_s_l(struct hart *h, const struct insn *in)
{
    return fp_f32_from_int(h, in, FP_I64);
}

static inline bool exec_fcvt_s_lu(struct hart *h, const struct insn *in)
{
    return fp_f32_from_int(h, in, FP_U64);
}

/* A value in range, towards zero. Anything else is false. Comparing a NaN
 * raises NV, and so does converting one. */
static inline bool fp_truncate(struct hart *h, const struct insn *in, double a,
                               enum fp_int type)
{
    static const double low[] = {-0x80000001p0, -1, -0x1p63, -1};
    static const double high[] = {0x1p31, 0x1p32, 0x1p63, 0x1p63};
    i64 x;

    if (!(a > low[type] && a < high[type]))
        return false;
    x = fp_host_truncate(a);
    if (fp_host_f64_from_i64(x) != a)
        hart_fp_dirty(h); /* it was inexact */
    h->s.x[in->rd] = type <= FP_U32 ? sext32((u64)x) : (u64)x;
    return true;
}

/* Compiled code names the mode in the instruction: towards zero. Nothing is
 * computed before the mode is known: a reserved one raises no flag. */
static inline bool fp_f64_to_int(struct hart *h, const struct insn *in,
                                 enum fp_int type)
{
    return (insn_rm(in) == FP_RTZ &&
            fp_truncate(h, in, fp_f64(h->s.f[in->rs1]), type)) ||
           fp_cold_to_int(h, in, FP_F64, type);
}

static inline bool fp_f32_to_int(struct hart *h, const struct insn *in,
                                 enum fp_int type)
{
    u64 a = h->s.f[in->rs1];

    return (insn_rm(in) == FP_RTZ && fp_boxed(FP_F32, a) &&
            fp_truncate(h, in, fp_host_widen(fp_f32(a)), type)) ||
           fp_cold_to_int(h, in, FP_F32, type);
}

static inline bool exec_fcvt_w_d(struct hart *h, const struct insn *in)
{
    return fp_f64_to_int(h, in, FP_I32);
}

static inline bool exec_fcvt_wu_d(struct hart *h, const struct insn *in)
{
    return fp_f64_to_int(h, in, FP_U32);
}

static inline bool exec_fcvt_l_d(struct hart *h, const struct insn *in)
{
    return fp_f64_to_int(h, in, FP_I64);
}

static inline bool exec_fcvt_lu_d(struct hart *h, const struct insn *in)
{
    return fp_f64_to_int(h, in, FP_U64);
}

static inline bool exec_fcvt_w_s(struct hart *h, const struct insn *in)
{
    return fp_f32_to_int(h, in, FP_I32);
}

static inline bool exec_fcvt_wu_s(struct hart *h, const struct insn *in)
{
    return fp_f32_to_int(h, in, FP_U32);
}

static inline bool exec_fcvt_l_s(struct hart *h, const struct insn *in)
{
    return fp_f32_to_int(h, in, FP_I64);
}

static inline bool exec_fcvt_lu_s(struct hart *h, const struct insn *in)
{
    return fp_f32_to_int(h, in, FP_U64);
}

#endif
