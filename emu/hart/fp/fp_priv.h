/*
 * Inside the soft core: numbers taken apart.
 */
#ifndef HART_FP_FP_PRIV_H
#define HART_FP_FP_PRIV_H

#include "hart/fp/fp.h"

enum fp_kind { FP_ZERO, FP_FINITE, FP_INFINITE, FP_NAN };

/* One operand. FINITE: (−1)^negative × sig × 2^exp, bit 63 of sig set. */
struct fp_num {
    enum fp_kind kind;
    bool negative;
    int exp;
    u64 sig;
};

/*
 * An exact or "jammed" result, never zero: (−1)^negative × sig × 2^exp. Bits
 * that did not fit are or-ed into bit 0. That rounds as the exact value
 * would, as long as bit 0 is at least two places below the last bit kept:
 * bit 0 set then means "strictly between two candidates".
 */
struct fp_wide {
    bool negative;
    int exp;
    u128 sig;
};

struct fp_num fp_unpack(enum fp_format format, u64 a);

/* Rounds once and raises NX, UF and OF. */
u64 fp_pack(enum fp_format format, struct fp_wide value, struct fp_ctx *ctx);

/* sig ÷ 2^shift as an integer. Raises NX. The caller knows that the result
 * fits. */
u64 fp_round(u128 sig, unsigned shift, bool negative, struct fp_ctx *ctx);

/* sig ÷ 2^shift, with what falls off jammed into bit 0. */
u128 fp_shift_right_jam(u128 sig, unsigned shift);

/* NV and the canonical NaN. */
u64 fp_invalid(enum fp_format format, struct fp_ctx *ctx);

/* The canonical NaN, with NV if one of the operands is signaling. */
u64 fp_propagate(enum fp_format format, bool signaling, struct fp_ctx *ctx);

/* ±0 and ±∞. */
u64 fp_signed(enum fp_format format, bool negative, u64 magnitude);

#endif
