/*
 * Bodies of Zicbom, Zicboz and Zicbop: operations on the cache block, of 64
 * bytes, that the address in rs1 lies in, aligned or not.
 *
 * Unprivileged spec, "Cache Management Operations". There are no caches, so
 * managing a cache block moves no data and invalidating is flushing; what is
 * left of it are the rights it needs and the faults it raises. A prefetch is a
 * HINT that raises nothing and does nothing. All of it traps below M-mode until
 * menvcfg, and for U-mode senvcfg, allow it.
 */
#ifndef HART_INTERP_EXEC_CBO_H
#define HART_INTERP_EXEC_CBO_H

#include <string.h>

#include "base/bits.h"
#include "hart/state/hart.h"
#include "hart/mmu/mem.h"

/* Whether the bits of xenvcfg (one field) let this privilege run it. */
static inline bool cbo_enabled(const struct hart *h, u64 field)
{
    if (h->s.priv == PRIV_M)
        return true;
    if (!(h->s.csr.menvcfg & field))
        return false;
    return h->s.priv == PRIV_S || h->s.csr.senvcfg & field;
}

static inline bool cbo_manage(struct hart *h, const struct insn *in, u64 field)
{
    if (!cbo_enabled(h, field))
        return hart_illegal(h, in);
    return mem_manage_cache_block(h, in, h->s.x[in->rs1]);
}

static inline bool exec_cbo_inval(struct hart *h, const struct insn *in)
{
    return cbo_manage(h, in, ENVCFG_CBIE);
}

static inline bool exec_cbo_clean(struct hart *h, const struct insn *in)
{
    return cbo_manage(h, in, ENVCFG_CBCFE);
}

static inline bool exec_cbo_flush(struct hart *h, const struct insn *in)
{
    return cbo_manage(h, in, ENVCFG_CBCFE);
}

static inline bool exec_cbo_zero(struct hart *h, const struct insn *in)
{
    u64 va = h->s.x[in->rs1];
    const struct slot *slot = context_hit(h->c.data, ARRAY_WRITE, va, 1);

    if (!cbo_enabled(h, ENVCFG_CBZE))
        return hart_illegal(h, in);
    if (!slot)
        return mem_zero_cache_block(h, in, va);
    memset((u8 *)(uintptr_t)(align_down(va, CBO_BLOCK) + slot->value), 0,
           CBO_BLOCK);
    return true;
}

static inline bool exec_prefetch_i(struct hart *h, const struct insn *in)
{
    return true;
}

static inline bool exec_prefetch_r(struct hart *h, const struct insn *in)
{
    return true;
}

static inline bool exec_prefetch_w(struct hart *h, const struct insn *in)
{
    return true;
}

#endif
