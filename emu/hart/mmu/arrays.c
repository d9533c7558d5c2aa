/* Which small arrays a hart looks its accesses up in; see arrays.h. */
#include "hart/mmu/arrays.h"

#include "hart/mmu/mmu.h"

/* MODE and ASID matter below M-mode only; SUM to S-mode only. */
static u64 context_key(const struct hart *h, unsigned priv)
{
    u64 status = h->s.csr.mstatus;
    u64 satp = h->s.csr.satp;
    u64 key = priv | (status & MSTATUS_FS ? 0 : 4);

    if (priv == PRIV_M || satp_mode(satp) == SATP_MODE_BARE)
        return key;
    key |= (u64)satp_mode(satp) << 24 | (u64)satp_asid(satp) << 8;
    key |= status & MSTATUS_MXR ? 1 << 5 : 0;
    if (priv == PRIV_S)
        key |= status & MSTATUS_SUM ? 1 << 6 : 0;
    return key;
}

void arrays_choose(struct hart *h)
{
    u64 fetch = context_key(h, h->s.priv);
    u64 data = context_key(h, hart_data_priv(h));

    h->c.fetch = contexts_get(&h->c.contexts, fetch);
    h->c.data = data == fetch ? h->c.fetch : contexts_get(&h->c.contexts, data);
}

void hart_update_context(struct hart *h)
{
    hart_drop_fetch(h);
    arrays_choose(h);
}
