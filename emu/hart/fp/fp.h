/*
 * IEEE 754 arithmetic as RV64 wants it (unprivileged specification, chapters
 * "F", "D" and "Zfhmin").
 *
 * Two halves. The soft core, declared here, works on integers only: exact in
 * all five rounding modes, with the five flags, the same on every host and in
 * every build. The host half (fp_host.h) runs the common case, an operation
 * under the rounding mode in frm, as one host instruction and leaves its
 * flags in the host's sticky register until the guest looks. Whatever a host
 * does differently (NaN results, RMM, a rounding mode in the instruction that
 * is not frm's, tininess, a missing fused multiply-add) goes to the core.
 *
 * Values travel as raw bits in the low end of a u64 (fp_format.h), unboxed.
 */
#ifndef HART_FP_FP_H
#define HART_FP_FP_H

#include "base/types.h"
#include "hart/fp/fp_format.h"

/* Values of frm and of the rm field. 5 and 6 are reserved. */
enum fp_rm {
    FP_RNE = 0, /* to nearest, ties to even */
    FP_RTZ = 1, /* towards zero */
    FP_RDN = 2, /* down */
    FP_RUP = 3, /* up */
    FP_RMM = 4, /* to nearest, ties to maximal magnitude */
    FP_DYN = 7, /* in an instruction: as frm says */
};

/* Bits of fflags. */
enum {
    FP_NX = 1,  /* inexact */
    FP_UF = 2,  /* underflow: tiny after rounding, and inexact */
    FP_OF = 4,  /* overflow */
    FP_DZ = 8,  /* division by zero */
    FP_NV = 16, /* invalid operation */
};

/* Integer types of the FCVT instructions. */
enum fp_int { FP_I32, FP_U32, FP_I64, FP_U64 };

/* The operations of two operands. */
enum fp_op { FP_ADD, FP_SUB, FP_MUL, FP_DIV };

/* What an operation is told and what it says: flags are added, never taken
 * away. */
struct fp_ctx {
    enum fp_rm rm; /* one of the five, never FP_DYN */
    u8 flags;
};

/* a + b, a × b, a ÷ b, √a and a × b + c, each rounded once. For a − b and
 * the other three fused forms flip sign bits with fp_sign_bit. */
u64 fp_add(enum fp_format format, u64 a, u64 b, struct fp_ctx *ctx);
u64 fp_mul(enum fp_format format, u64 a, u64 b, struct fp_ctx *ctx);
u64 fp_div(enum fp_format format, u64 a, u64 b, struct fp_ctx *ctx);
u64 fp_sqrt(enum fp_format format, u64 a, struct fp_ctx *ctx);
u64 fp_fma(enum fp_format format, u64 a, u64 b, u64 c, struct fp_ctx *ctx);

/* FMIN and FMAX: minimumNumber and maximumNumber of IEEE 754-2019; −0 is
 * less than +0, a signaling NaN raises NV, one NaN yields the other operand. */
u64 fp_min(enum fp_format format, u64 a, u64 b, struct fp_ctx *ctx);
u64 fp_max(enum fp_format format, u64 a, u64 b, struct fp_ctx *ctx);

/* The same number in another format. */
u64 fp_convert(enum fp_format from, enum fp_format to, u64 a,
               struct fp_ctx *ctx);

/* An integer as FCVT finds it in an x register (the 32-bit types read its low
 * half). */
u64 fp_from_int(enum fp_format format, u64 x, enum fp_int type,
                struct fp_ctx *ctx);

/* To an integer, ready for an x register (both 32-bit types are
 * sign-extended). Out of range: NV alone and the nearest integer the type
 * has; NaN counts as +∞. */
u64 fp_to_int(enum fp_format format, u64 a, enum fp_int type,
              struct fp_ctx *ctx);

/*
 * The host's floating-point environment while guest code runs. Zero is a
 * valid start: not live. While live, the host rounds as frm says (RMM and the
 * reserved values leave nearest-even) and its sticky flags are the guest's;
 * host code that may itself compute must not run between begin and end.
 */
struct fp_env {
    u64 host;  /* what to restore */
    bool live; /* between begin and end */
};

void fp_slice_begin(struct fp_env *env, unsigned frm);

/* Restores the host's environment. Returns the flags raised since begin or
 * the last clear. */
u8 fp_slice_end(struct fp_env *env);

/* Flags raised so far, as fflags bits; none when not live. */
u8 fp_flags_collect(const struct fp_env *env);

/* Forgets the flags raised so far; nothing to do when not live. */
void fp_flags_clear(const struct fp_env *env);

/* Follows a write to frm; nothing to do when not live. */
void fp_rounding_set(const struct fp_env *env, unsigned frm);

#endif
