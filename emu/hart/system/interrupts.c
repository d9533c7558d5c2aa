/* Interrupts of a hart; see interrupts.h. */
#include "hart/system/interrupts.h"

#include "base/bits.h"

#define SUPERVISOR_INTERRUPTS (1u << INT_SSI | 1u << INT_STI | 1u << INT_SEI)
#define MACHINE_INTERRUPTS (1u << INT_MSI | 1u << INT_MTI | 1u << INT_MEI)

/* Those that can be delegated: they can be set by software, too. */
static u64 supervisor_interrupts(const struct hart *h)
{
    u64 overflow = h->isa & EXT_SET(SSCOFPMF) ? 1u << INT_LCOFI : 0;

    return SUPERVISOR_INTERRUPTS | overflow;
}

/* Which of the pending may be taken now. All that go to M-mode come before any
 * that is delegated. */
static u64 takeable(const struct hart *h, u64 pending)
{
    u64 status = h->csr.mstatus;
    u64 machine = pending & ~h->csr.mideleg;

    if (machine && (h->priv < PRIV_M || status & MSTATUS_MIE))
        return machine;
    if (h->priv < PRIV_S || (h->priv == PRIV_S && status & MSTATUS_SIE))
        return pending & h->csr.mideleg;
    return 0;
}

static u64 pending_and_enabled(const struct hart *h)
{
    return interrupts_mip(h) & h->csr.mie;
}

unsigned interrupts_next(const struct hart *h)
{
    static const u8 priority[] = {INT_MEI, INT_MSI, INT_MTI,  INT_SEI,
                                  INT_SSI, INT_STI, INT_LCOFI};
    u64 pending = pending_and_enabled(h);

    if (!pending)
        return 0;
    pending = takeable(h, pending);
    for (unsigned i = 0; i < sizeof(priority); i++)
        if (bit(pending, priority[i]))
            return priority[i];
    return 0;
}

u64 interrupts_open(const struct hart *h)
{
    return takeable(h, h->csr.mie);
}

bool interrupts_wake(const struct hart *h)
{
    return pending_and_enabled(h) != 0;
}

void interrupts_changed(struct hart *h)
{
    h->attention = true;
    if (h->waiting && interrupts_wake(h))
        clock_cut(h->clock);
}

void interrupts_drive(struct hart *h, unsigned number, bool level)
{
    if (number == INT_SEI)
        h->seip_pin = level;
    else if (level)
        h->csr.mip |= 1ull << number;
    else
        h->csr.mip &= ~(1ull << number);
    interrupts_changed(h);
}

void interrupts_update_stimer(struct hart *h)
{
    if (!(h->csr.menvcfg & MENVCFG_STCE)) {
        clock_disarm(h->clock, &h->stimer);
        return;
    }
    h->csr.mip &= ~(1ull << INT_STI);
    if (h->read_time(h->time_source) >= h->csr.stimecmp) {
        h->csr.mip |= 1ull << INT_STI;
        clock_disarm(h->clock, &h->stimer);
    } else {
        clock_arm(h->clock, &h->stimer,
                  h->time_due(h->time_source, h->csr.stimecmp));
    }
    interrupts_changed(h);
}

/* The CSRs. */

void interrupts_set_mideleg(struct hart *h, u64 value)
{
    h->csr.mideleg = value & supervisor_interrupts(h);
    h->attention = true;
}

void interrupts_set_mie(struct hart *h, u64 value)
{
    h->csr.mie = value & (supervisor_interrupts(h) | MACHINE_INTERRUPTS);
    h->attention = true;
}

u64 interrupts_sie(const struct hart *h)
{
    return h->csr.mie & h->csr.mideleg;
}

void interrupts_set_sie(struct hart *h, u64 value)
{
    u64 mask = h->csr.mideleg;

    h->csr.mie = (h->csr.mie & ~mask) | (value & mask);
    h->attention = true;
}

u64 interrupts_mip(const struct hart *h)
{
    return h->csr.mip | (u64)h->seip_pin << INT_SEI;
}

static void set_pending(struct hart *h, u64 value, u64 mask)
{
    if (h->csr.menvcfg & MENVCFG_STCE) /* the comparison drives STIP */
        mask &= ~(1ull << INT_STI);
    h->csr.mip = (h->csr.mip & ~mask) | (value & mask);
    h->attention = true;
}

void interrupts_set_mip(struct hart *h, u64 value)
{
    set_pending(h, value, supervisor_interrupts(h));
}

u64 interrupts_sip(const struct hart *h)
{
    return interrupts_mip(h) & h->csr.mideleg;
}

void interrupts_set_sip(struct hart *h, u64 value)
{
    set_pending(h, value, h->csr.mideleg & (1u << INT_SSI | 1u << INT_LCOFI));
}

void interrupts_set_stimecmp(struct hart *h, u64 value)
{
    h->csr.stimecmp = value;
    interrupts_update_stimer(h);
}
