/*
 * The cold halves of exec_fp.h: operands out of the f registers, the soft
 * core, flags and result back.
 */
#include "hart/interp/exec_fp.h"

/* The rounding mode, dynamic or not; reserved values of frm are illegal here,
 * reserved values of the field already at decoding. */
static bool rounding(struct hart *h, const struct insn *in, struct fp_ctx *ctx)
{
    unsigned rm = insn_rm(in);

    if (rm == FP_DYN)
        rm = h->s.frm;
    if (rm > FP_RMM)
        return hart_illegal(h, in);
    *ctx = (struct fp_ctx){(enum fp_rm)rm, 0};
    return true;
}

static bool finish(struct hart *h, const struct insn *in, enum fp_format format,
                   u64 result, const struct fp_ctx *ctx)
{
    fp_raise(h, ctx->flags);
    return fp_write(h, in, format, result);
}

bool fp_cold_binary(struct hart *h, const struct insn *in,
                    enum fp_format format, enum fp_op op)
{
    u64 a = fp_read(h, format, in->rs1), b = fp_read(h, format, in->rs2);
    struct fp_ctx ctx;
    u64 result = 0;

    if (!rounding(h, in, &ctx))
        return false;
    switch (op) {
    case FP_ADD: result = fp_add(format, a, b, &ctx); break;
    case FP_SUB:
        result = fp_add(format, a, b ^ fp_sign_bit(format), &ctx);
        break;
    case FP_MUL: result = fp_mul(format, a, b, &ctx); break;
    case FP_DIV: result = fp_div(format, a, b, &ctx); break;
    }
    return finish(h, in, format, result, &ctx);
}

bool fp_cold_sqrt(struct hart *h, const struct insn *in, enum fp_format format)
{
    u64 a = fp_read(h, format, in->rs1);
    struct fp_ctx ctx;

    if (!rounding(h, in, &ctx))
        return false;
    a = fp_sqrt(format, a, &ctx);
    return finish(h, in, format, a, &ctx);
}

bool fp_cold_fused(struct hart *h, const struct insn *in, enum fp_format format,
                   unsigned negate)
{
    u64 sign = fp_sign_bit(format);
    u64 a = fp_read(h, format, in->rs1);
    u64 b = fp_read(h, format, in->rs2);
    u64 c = fp_read(h, format, insn_rs3(in));
    struct fp_ctx ctx;

    if (!rounding(h, in, &ctx))
        return false;
    if (negate & FP_NEG_PRODUCT)
        a ^= sign;
    if (negate & FP_NEG_ADDEND)
        c ^= sign;
    a = fp_fma(format, a, b, c, &ctx);
    return finish(h, in, format, a, &ctx);
}

bool fp_cold_convert(struct hart *h, const struct insn *in, enum fp_format from,
                     enum fp_format to)
{
    u64 a = fp_read(h, from, in->rs1);
    struct fp_ctx ctx;

    if (!rounding(h, in, &ctx))
        return false;
    a = fp_convert(from, to, a, &ctx);
    return finish(h, in, to, a, &ctx);
}

bool fp_cold_from_int(struct hart *h, const struct insn *in,
                      enum fp_format format, enum fp_int type)
{
    struct fp_ctx ctx;
    u64 a;

    if (!rounding(h, in, &ctx))
        return false;
    a = fp_from_int(format, h->s.x[in->rs1], type, &ctx);
    return finish(h, in, format, a, &ctx);
}

bool fp_cold_to_int(struct hart *h, const struct insn *in,
                    enum fp_format format, enum fp_int type)
{
    u64 a = fp_read(h, format, in->rs1);
    struct fp_ctx ctx;

    if (!rounding(h, in, &ctx))
        return false;
    h->s.x[in->rd] = fp_to_int(format, a, type, &ctx);
    fp_raise(h, ctx.flags);
    return true;
}
