/*
 * What the bodies of the F, D and Zfhmin instructions are made of. The bodies,
 * one an op of isa/rv64.def, are in exec_fp_arith.h and exec_fp_convert.h;
 * loads and stores are with the other memory accesses.
 *
 * Each body that rounds has two halves. The host half, here, runs when the
 * instruction rounds as frm says, frm is a mode the host has, and the
 * operands are what they claim to be; its flags stay in the host's sticky
 * register (fp.h). The cold half (exec_fp.c) is the soft core and covers
 * everything: whenever the host half is in doubt, it starts over there, and
 * the host flags raised so far are a subset of the right ones.
 *
 * FS becomes Dirty with every write of an f register, and when an
 * instruction that writes none raises a flag.
 */
#ifndef HART_INTERP_EXEC_FP_H
#define HART_INTERP_EXEC_FP_H

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

/* The operand in f[reg]. */
static inline u64 fp_read(const struct hart *h, enum fp_format format,
                          unsigned reg)
{
    return fp_unbox(format, h->s.f[reg]);
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

#endif
