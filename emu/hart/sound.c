/*
 * What a hart's state can hold: hart_is_sound().
 *
 * Of registers that a guest can write anyway nothing is asked. Looked at is
 * what the hart itself keeps sound: what it takes for an index, a shift, a
 * mode or a place in RAM, and what its slices begin with.
 */
#include "hart/run.h"
#include "isa/pte.h"

static bool is_mode(u64 priv)
{
    return priv == PRIV_U || priv == PRIV_S || priv == PRIV_M;
}

static bool are_flags(const struct hart_state *s)
{
    return (s->waiting | s->reserved | s->seip_pin | s->inval_open) <= 1 &&
           s->sbi.open <= 1;
}

static bool is_satp(u64 satp)
{
    u64 mode = satp_mode(satp);

    return mode == SATP_MODE_BARE ||
           (mode >= SATP_MODE_SV39 && mode <= SATP_MODE_SV57);
}

/* Between slices all places are one. */
static bool is_slice(const struct slice *slice)
{
    return !slice->budget && slice->start == slice->stop &&
           slice->stop == slice->end && slice->ends <= SLICE_YIELDED &&
           slice->end <= INT64_MAX;
}

static bool are_counters(const struct counters *c)
{
    u32 all = 1u << COUNTER_CY | 1u << COUNTER_IR | COUNTERS_HPM;

    for (unsigned i = 0; i < COUNTERS; i++)
        if (c->counts[i] >= COUNTED_KINDS)
            return false;
    return !((c->inhibited | c->active | c->filtered | c->armed) & ~all);
}

static bool is_fetch_page(const struct hart *h)
{
    const struct hart_state *s = &h->s;

    if (s->page_known > FETCH_HALVES)
        return false;
    return s->page_known != FETCH_PAGE ||
           (!(s->page_pa % PAGE_SIZE) &&
            ram_has_page(&h->w.bus->ram, s->page_pa));
}

/* A hart without PMP has no entries. */
static bool is_pmp(const struct pmp *pmp)
{
    u8 any = 0;

    for (unsigned i = 0; i < PMP_ENTRIES; i++)
        any |= pmp->s.cfg[i];
    return pmp->there || !any;
}

bool hart_is_sound(const struct hart *h)
{
    const struct hart_state *s = &h->s;

    return !s->x[0] && !s->x[CODE_X_SINK] && !(s->pc & 1) && is_mode(s->priv) &&
           is_mode((s->csr.mstatus & MSTATUS_MPP) >> 11) && s->frm <= 7 &&
           s->fflags <= 31 && are_flags(s) && is_satp(s->csr.satp) &&
           is_slice(&s->slice) && are_counters(&s->counters) &&
           is_fetch_page(h) && is_pmp(&h->pmp) && tlb_is_sound(&h->tlb);
}
