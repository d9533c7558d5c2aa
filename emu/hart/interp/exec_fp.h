/*
 * Bodies of the F, D and Zfhmin instructions, one an op of isa/rv64.def;
 * loads and stores are with the other memory accesses.
 *
 * Each body that rounds has two halves. The host half, here, runs when the
 * instruction rounds as frm says, frm is a mode the host has, and the
 * operands are what they claim to be; its flags stay in the host's sticky
 * register (fp.h). The cold half (exec_fp.c) is the soft core and covers
 * everything: whenever the host half is in doubt, it starts over there, and
 * the host flags raised so far are a subset of the right ones.
 *
 * A single in an f register is boxed: all ones above it. One that is not
 * reads as the canonical NaN, except for FMV.X.W and stores.
 *
 * FS becomes Dirty with every write of an f register, and when an
 * instruction that writes none raises a flag.
 */
#ifndef HART_INTERP_EXEC_FP_H
#define HART_INTERP_EXEC_FP_H

#include <string.h>

#include "base/bits.h"
#include "hart/fp/fp_host.h"
#include "hart/state/hart.h"

/* The four fused forms: which of product and addend changes sign. */
enum fp_fused { FP_MADD = 0, FP_NEG_ADDEND = 1, FP_NEG_PRODUCT = 2 };

/* The cold halves: any operands, any rounding mode; a reserved frm is an
 * illegal instruction. */
bool fp_cold_binary(struct hart *h, const struct insn *in,
                    enum fp_format format, enum fp_op op);
bool fp_cold_sqrt(struct hart *h, const struct insn *in, enum fp_format format);
bool fp_cold_fused(struct hart *h, const struct insn *in, enum fp_format format,
                   unsigned negate);
bool fp_cold_convert(struct hart *h, const struct insn *in, enum fp_format from,
                     enum fp_format to);
bool fp_cold_from_int(struct hart *h, const struct insn *in,
                      enum fp_format format, enum fp_int type);
bool fp_cold_to_int(struct hart *h, const struct insn *in,
                    enum fp_format format, enum fp_int type);

/* Does the instruction round as the host now does? */
static inline bool fp_host_ready(const struct hart *h, const struct insn *in)
{
    unsigned rm = insn_rm(in);

    return h->s.frm <= FP_RUP && (rm == FP_DYN || rm == h->s.frm);
}

static inline u64 fp_box(enum fp_format format, u64 a)
{
    return format == FP_F64 ? a : a | ~0ull << (16 << format);
}

static inline bool fp_boxed(enum fp_format format, u64 a)
{
    return fp_box(format, a) == a;
}

/* The operand in f[reg]. */
static inline u64 fp_read(const struct hart *h, enum fp_format format,
                          unsigned reg)
{
    u64 a = h->s.f[reg];

    if (!fp_boxed(format, a))
        return fp_canonical_nan(format);
    return a & ((fp_sign_bit(format) << 1) - 1);
}

static inline bool fp_write(struct hart *h, const struct insn *in,
                            enum fp_format format, u64 a)
{
    h->s.f[in->rd] = fp_box(format, a);
    hart_fp_dirty(h);
    return true;
}

static inline void fp_raise(struct hart *h, u8 flags)
{
    if (!flags)
        return;
    h->s.fflags |= flags;
    hart_fp_dirty(h);
}

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

/* Takes a host result into rd, or returns false if it is one of those that
 * the host may get wrong (fp_host.h). */
static inline bool fp_take_f64(struct hart *h, const struct insn *in, double r)
{
    u64 a = fp_bits_f64(r);

    if (r != r || (FP_HOST_TINY_BEFORE && a << 1 <= 1ull << 53))
        return false;
    return fp_write(h, in, FP_F64, a);
}

static inline bool fp_take_f32(struct hart *h, const struct insn *in, float r)
{
    u64 a = fp_bits_f32(r);

    if (r != r || (FP_HOST_TINY_BEFORE && a << 33 <= 1ull << 56))
        return false;
    return fp_write(h, in, FP_F32, a);
}

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

/* What compiled code asks for is said in the instruction: towards zero. Before
 * that is known nothing is computed: a reserved mode raises no flag. */
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
