/* The small arrays as harts use them; see arrays.h. */
#include "hart/mmu/arrays.h"

#include "base/bits.h"
#include "isa/pte.h"

/* Keys of contexts: MODE and ASID matter below M-mode only. */
static u64 space_key(const struct hart *h, unsigned priv)
{
    u64 satp = h->s.csr.satp;

    if (priv == PRIV_M || satp_mode(satp) == SATP_MODE_BARE)
        return priv;
    return priv | (u64)satp_mode(satp) << 24 | (u64)satp_asid(satp) << 8;
}

static u64 fetch_key(const struct hart *h)
{
    return space_key(h, h->s.priv) | (h->s.csr.mstatus & MSTATUS_FS ? 0 : 4);
}

/* SUM matters to S-mode only, neither it nor MXR where nothing is mapped. */
static u64 data_key(const struct hart *h)
{
    unsigned priv = hart_data_priv(h);
    u64 key = space_key(h, priv), status = h->s.csr.mstatus;

    if (key == priv)
        return key;
    key |= status & MSTATUS_MXR ? 1 << 5 : 0;
    if (priv == PRIV_S)
        key |= status & MSTATUS_SUM ? 1 << 6 : 0;
    return key;
}

/* All that the two keys are made from. */
static u64 context_state(const struct hart *h)
{
    u64 status = h->s.csr.mstatus;

    return CONTEXT_CHOSEN | h->s.priv | hart_data_priv(h) << 2 |
           (status & MSTATUS_FS ? 1 << 4 : 0) |
           (status & (MSTATUS_SUM | MSTATUS_MXR)) >> 13 |
           h->s.csr.satp >> 44 << 8;
}

void arrays_choose(struct hart *h)
{
    struct contexts *contexts = &h->c.contexts;
    u64 state = context_state(h);
    struct context_choice *choice = contexts_choice(contexts, state);

    if (choice->state != state) {
        struct context *data =
            contexts_get(contexts, CONTEXT_DATA, data_key(h));
        struct context *fetch =
            contexts_get(contexts, CONTEXT_FETCH, fetch_key(h));

        *choice = (struct context_choice){state, data, fetch};
    }
    h->c.data = choice->data;
    h->c.fetch = choice->fetch;
}

void hart_update_context(struct hart *h)
{
    hart_drop_fetch(h);
    arrays_choose(h);
}

void arrays_protect(const struct siblings *all, u64 pa)
{
    const struct ram *ram = &all->bus->ram;
    const u8 *host = ram_host(ram, align_down(pa, PAGE_SIZE));
    u8 *flags = ram_frame_flags(ram, pa);

    if (!(*flags & FRAME_WRITABLE))
        return;
    for (unsigned i = 0; i < all->count; i++)
        contexts_drop_write(&all->hart[i]->c.contexts, host);
    *flags &= (u8)~FRAME_WRITABLE;
}
