/*
 * Bodies of the instructions that touch memory: loads, stores, A.
 *
 * The hit in a small array is inline; everything else is in mem.c. A load
 * from a device may ask to leave the block after it has retired, so rd is
 * written whenever no exception was raised.
 */
#ifndef HART_INTERP_EXEC_MEM_H
#define HART_INTERP_EXEC_MEM_H

#include <string.h>

#include "hart/interp/exec_int.h"
#include "hart/mmu/mem.h"

static inline u64 load_host(const u8 *host, unsigned size)
{
    switch (size) {
    case 1: return *host;
    case 2: return load_le16(host);
    case 4: return load_le32(host);
    default: return load_le64(host);
    }
}

/* `slow` is a variable of its own so that the hit's value needs no address
 * and stays in a host register. */
static inline bool load(struct hart *h, const struct insn *in, unsigned size,
                        u64 *value)
{
    u64 va = RS1 + IMM;
    const struct slot *slot = context_hit(h->c.data, ARRAY_READ, va, size);

    if (__builtin_expect(!slot, 0)) {
        u64 slow;
        bool go_on = mem_load_slow(h, in, va, size, &slow);

        *value = slow;
        return go_on;
    }
    *value = load_host((const u8 *)(uintptr_t)(va + slot->value), size);
    return true;
}

static inline bool store(struct hart *h, const struct insn *in, unsigned size,
                         u64 value)
{
    u64 va = RS1 + IMM;
    const struct slot *slot = context_hit(h->c.data, ARRAY_WRITE, va, size);

    if (__builtin_expect(!slot, 0))
        return mem_store_slow(h, in, va, size, value);
    memcpy((u8 *)(uintptr_t)(va + slot->value), &value, size);
    return true;
}

#define BODY_LOAD(op, size, destination, extended)                      \
    static inline bool exec_##op(struct hart *h, const struct insn *in) \
    {                                                                   \
        u64 value;                                                      \
        bool go_on = load(h, in, size, &value);                         \
                                                                        \
        if (go_on || !h->c.raised)                                      \
            (destination) = (extended);                                 \
        return go_on;                                                   \
    }

BODY_LOAD(lb, 1, h->s.x[in->rd], (u64)(i64)(i8)value)
BODY_LOAD(lh, 2, h->s.x[in->rd], (u64)(i64)(i16)value)
BODY_LOAD(lw, 4, h->s.x[in->rd], sext32(value))
BODY_LOAD(ld, 8, h->s.x[in->rd], value)
BODY_LOAD(lbu, 1, h->s.x[in->rd], value)
BODY_LOAD(lhu, 2, h->s.x[in->rd], value)
BODY_LOAD(lwu, 4, h->s.x[in->rd], value)

#define BODY_STORE(op, size, source)                                    \
    static inline bool exec_##op(struct hart *h, const struct insn *in) \
    {                                                                   \
        return store(h, in, size, (source));                            \
    }

BODY_STORE(sb, 1, RS2)
BODY_STORE(sh, 2, RS2)
BODY_STORE(sw, 4, RS2)
BODY_STORE(sd, 8, RS2)
BODY_STORE(fsh, 2, h->s.f[in->rs2])
BODY_STORE(fsw, 4, h->s.f[in->rs2])
BODY_STORE(fsd, 8, h->s.f[in->rs2])

/* FP loads: what is narrower than f is NaN-boxed ("D Extension"). */
#define BODY_FP_LOAD(op, size, extended)                                \
    static inline bool exec_##op(struct hart *h, const struct insn *in) \
    {                                                                   \
        u64 value;                                                      \
        bool go_on = load(h, in, size, &value);                         \
                                                                        \
        if (go_on || !h->c.raised) {                                    \
            h->s.f[in->rd] = (extended);                                \
            hart_fp_dirty(h);                                           \
        }                                                               \
        return go_on;                                                   \
    }

BODY_FP_LOAD(flh, 2, ~0ull << 16 | value)
BODY_FP_LOAD(flw, 4, 0xffffffffull << 32 | value)
BODY_FP_LOAD(fld, 8, value)

/* Operands are sign-extended words for _w: those compare like words, unsigned
 * too, so one expression serves both sizes. */
#define BODY_AMO(name, value)                                                 \
    static inline u64 combine_##name(u64 old, u64 operand)                    \
    {                                                                         \
        return (value);                                                       \
    }                                                                         \
    static inline bool exec_##name##_w(struct hart *h, const struct insn *in) \
    {                                                                         \
        return mem_amo(h, in, 4, combine_##name);                             \
    }                                                                         \
    static inline bool exec_##name##_d(struct hart *h, const struct insn *in) \
    {                                                                         \
        return mem_amo(h, in, 8, combine_##name);                             \
    }

BODY_AMO(amoswap, ((void)old, operand))
BODY_AMO(amoadd, old + operand)
BODY_AMO(amoxor, old ^ operand)
BODY_AMO(amoand, old &operand)
BODY_AMO(amoor, old | operand)
BODY_AMO(amomin, (i64)old < (i64)operand ? old : operand)
BODY_AMO(amomax, (i64)old > (i64)operand ? old : operand)
BODY_AMO(amominu, old < operand ? old : operand)
BODY_AMO(amomaxu, old > operand ? old : operand)

static inline bool exec_lr_w(struct hart *h, const struct insn *in)
{
    return mem_lr(h, in, 4);
}

static inline bool exec_lr_d(struct hart *h, const struct insn *in)
{
    return mem_lr(h, in, 8);
}

static inline bool exec_sc_w(struct hart *h, const struct insn *in)
{
    return mem_sc(h, in, 4);
}

static inline bool exec_sc_d(struct hart *h, const struct insn *in)
{
    return mem_sc(h, in, 8);
}

#endif
