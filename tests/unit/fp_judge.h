/*
 * What IEEE 754 and the RISC-V "F" and "D" chapters say an operation yields,
 * worked out with MPFR and without a line of emu's: the result is computed
 * exactly (quotients and roots to far more places than can decide a rounding)
 * and then rounded to an integer multiple of the last place by MPFR's own
 * rounding to integers, which knows all five modes.
 *
 * And the operands to try: the corners of a format, and random ones that like
 * the corners' neighbourhood.
 */
#ifndef FP_JUDGE_H
#define FP_JUDGE_H

#include "hart/fp/fp.h"

enum judge_op {
    JUDGE_ADD,
    JUDGE_SUB,
    JUDGE_MUL,
    JUDGE_DIV,
    JUDGE_SQRT,
    JUDGE_MADD,  /* a × b + c */
    JUDGE_MSUB,  /* a × b − c */
    JUDGE_NMSUB, /* −(a × b) + c */
    JUDGE_NMADD, /* −(a × b) − c */
};

struct verdict {
    u64 bits;
    u8 flags;
};

struct verdict judge_arith(enum judge_op op, enum fp_format format,
                           const u64 operand[3], enum fp_rm rm);
struct verdict judge_convert(enum fp_format from, enum fp_format to, u64 a,
                             enum fp_rm rm);
struct verdict judge_from_int(enum fp_format format, u64 x, enum fp_int type,
                              enum fp_rm rm);
struct verdict judge_to_int(enum fp_format format, u64 a, enum fp_int type,
                            enum fp_rm rm);

/* a < b, a = b, a > b as −1, 0, 1; neither may be a NaN. */
int judge_order(enum fp_format format, u64 a, u64 b);

/* The i-th corner, for i below corner_count(). With coarse, only those that
 * can be tried three at a time. */
unsigned corner_count(bool coarse);
u64 corner(enum fp_format format, unsigned i, bool coarse);

/* Random numbers from a fixed seed. */
struct dice {
    u64 state;
};

u64 dice_roll(struct dice *dice);

/* A random operand near `other` in magnitude, or near what makes a product
 * with it underflow, or anywhere, or a corner. */
u64 dice_operand(struct dice *dice, enum fp_format format, u64 other);

#endif
