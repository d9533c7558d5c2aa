/*
 * The soft core: FCVT between formats and to and from integers.
 */
#include "hart/fp/fp_priv.h"

#include "base/bits.h"

u64 fp_convert(enum fp_format from, enum fp_format to, u64 a,
               struct fp_ctx *ctx)
{
    struct fp_num x = fp_unpack(from, a);

    switch (x.kind) {
    case FP_NAN: return fp_propagate(to, fp_is_signaling(from, a), ctx);
    case FP_INFINITE: return fp_signed(to, x.negative, fp_infinity(to));
    case FP_ZERO: return fp_signed(to, x.negative, 0);
    case FP_FINITE: break;
    }
    return fp_pack(to, (struct fp_wide){x.negative, x.exp, x.sig}, ctx);
}

u64 fp_from_int(enum fp_format format, u64 x, enum fp_int type,
                struct fp_ctx *ctx)
{
    bool negative;

    if (type == FP_I32)
        x = sext32(x);
    if (type == FP_U32)
        x = (u32)x;
    negative = (type == FP_I32 || type == FP_I64) && x >> 63;
    if (!x)
        return 0;
    return fp_pack(format, (struct fp_wide){negative, 0, negative ? -x : x},
                   ctx);
}

/* The largest magnitude that type holds on one side of zero. */
static u64 limit(enum fp_int type, bool negative)
{
    switch (type) {
    case FP_I32: return 0x7fffffffull + negative;
    case FP_I64: return 0x7fffffffffffffffull + negative;
    case FP_U32: return negative ? 0 : 0xffffffffull;
    case FP_U64: return negative ? 0 : ~0ull;
    }
    return 0;
}

static u64 to_register(u64 magnitude, bool negative, enum fp_int type)
{
    u64 x = negative ? -magnitude : magnitude;

    return type == FP_I32 || type == FP_U32 ? sext32(x) : x;
}

u64 fp_to_int(enum fp_format format, u64 a, enum fp_int type,
              struct fp_ctx *ctx)
{
    struct fp_num x = fp_unpack(format, a);
    struct fp_ctx rounding = {.rm = ctx->rm};
    bool negative = x.negative && x.kind != FP_NAN;
    u64 most = limit(type, negative);
    u64 magnitude;

    if (x.kind == FP_ZERO)
        return 0;
    /* Bit 63 of sig is set: from exp = 1 on the value is at least 2^64. */
    if (x.kind == FP_FINITE && x.exp <= 0) {
        magnitude = fp_round(x.sig, (unsigned)-x.exp, negative, &rounding);
        if (magnitude <= most) {
            ctx->flags |= rounding.flags;
            return to_register(magnitude, negative, type);
        }
    }
    ctx->flags |= FP_NV;
    return to_register(most, negative, type);
}
