/* Interrupts of a hart; see interrupts.h. */
#include "hart/system/interrupts.h"

#include "base/bits.h"

#define SUPERVISOR_INTERRUPTS (1u << INT_SSI | 1u << INT_STI | 1u << INT_SEI)
#define MACHINE_INTERRUPTS (1u << INT_MSI | 1u << INT_MTI | 1u << INT_MEI)

/* The interrupts that can be delegated: software can set them, too. */
static u64 supervisor_interrupts(const struct hart *h)
{
    u64 overflow = h->w.isa & EXT_SET(SSCOFPMF) ? 1u << INT_LCOFI : 0;

    return SUPERVISOR_INTERRUPTS | overflow;
}

/* Which of the pending interrupts may be taken now. All that go to M-mode come
 * before any that is delegated. */
static u64 takeable(const struct hart *h, u64 pending)
{
    u64 status = h->s.csr.mstatus;
    u64 machine = pending & ~h->s.csr.mideleg;

    if (machine && (h->s.priv < PRIV_M || status & MSTATUS_MIE))
        return machine;
    if (h->s.priv < PRIV_S || (h->s.priv == PRIV_S && status & MSTATUS_SIE))
        return pending & h->s.csr.mideleg;
    return 0;
}

static u64 pending_and_enabled(const struct hart *h)
{
    return interrupts_mip(h) & h->s.csr.mie;
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
    return takeable(h, h->s.csr.mie);
}

bool interrupts_wake(const struct hart *h)
{
    return pending_and_enabled(h) != 0;
}

/* Says which pending bits the hart has, and had not, and the reverse. */
static void report(struct hart *h, u64 before, u64 after, bool software)
{
    u64 changed = before ^ after;

    for (; changed; changed &= changed - 1) {
        unsigned number = (unsigned)__builtin_ctzll(changed);
        struct rvemu_event *event;

        event = software ? hart_event(h, RVEMU_EVENT_irq)
                         : siblings_event(h->w.siblings, RVEMU_EVENT_irq);
        event->irq = (struct rvemu_ev_irq){h->w.id, CAUSE_INTERRUPT | number,
                                           bit(after, number), software};
    }
}

/* The bits of mip that are stored there change. */
static void change_mip(struct hart *h, u64 value, bool software)
{
    u64 before = h->s.csr.mip;

    h->s.csr.mip = value;
    if (value != before && trace_wants(h->w.trace, RVEMU_EVENT_irq))
        report(h, before, value, software);
}

static void drive_seip(struct hart *h, bool level)
{
    if (h->s.seip_pin == level)
        return;
    h->s.seip_pin = level;
    if (trace_wants(h->w.trace, RVEMU_EVENT_irq))
        report(h, (u64)!level << INT_SEI, (u64)level << INT_SEI, false);
}

void interrupts_changed(struct hart *h)
{
    h->c.attention = true;
    if (h->s.waiting && interrupts_wake(h))
        clock_cut(h->w.clock);
}

void interrupts_drive(struct hart *h, unsigned number, bool level)
{
    u64 mask = 1ull << number;

    if (number == INT_SEI)
        drive_seip(h, level);
    else
        change_mip(h, level ? h->s.csr.mip | mask : h->s.csr.mip & ~mask,
                   false);
    interrupts_changed(h);
}

/* No event: it is noticed where a guest could look next, which may be a step
 * later in one run than in another of the same guest. */
void interrupts_overflow(struct hart *h)
{
    h->s.csr.mip |= 1ull << INT_LCOFI;
    h->c.attention = true;
}

void interrupts_update_stimer(struct hart *h)
{
    u64 changes;
    bool is_due;

    if (!(h->s.csr.menvcfg & MENVCFG_STCE)) {
        clock_disarm(h->w.clock, h->w.stimer);
        return;
    }
    is_due =
        h->w.timer_due(h->w.time_source, h->w.id, h->s.csr.stimecmp, &changes);
    change_mip(h, (h->s.csr.mip & ~(1ull << INT_STI)) | (u64)is_due << INT_STI,
               false);
    clock_arm(h->w.clock, h->w.stimer, changes);
    interrupts_changed(h);
}

/* The CSRs. */

void interrupts_set_mideleg(struct hart *h, u64 value)
{
    h->s.csr.mideleg = value & supervisor_interrupts(h);
    h->c.attention = true;
}

void interrupts_set_mie(struct hart *h, u64 value)
{
    h->s.csr.mie = value & (supervisor_interrupts(h) | MACHINE_INTERRUPTS);
    h->c.attention = true;
}

u64 interrupts_sie(const struct hart *h)
{
    return h->s.csr.mie & h->s.csr.mideleg;
}

void interrupts_set_sie(struct hart *h, u64 value)
{
    u64 mask = h->s.csr.mideleg;

    h->s.csr.mie = (h->s.csr.mie & ~mask) | (value & mask);
    h->c.attention = true;
}

u64 interrupts_mip(const struct hart *h)
{
    return h->s.csr.mip | (u64)h->s.seip_pin << INT_SEI;
}

static void set_pending(struct hart *h, u64 value, u64 mask)
{
    if (h->s.csr.menvcfg & MENVCFG_STCE) /* the comparison drives STIP */
        mask &= ~(1ull << INT_STI);
    change_mip(h, (h->s.csr.mip & ~mask) | (value & mask), true);
    h->c.attention = true;
}

void interrupts_set_mip(struct hart *h, u64 value)
{
    set_pending(h, value, supervisor_interrupts(h));
}

u64 interrupts_sip(const struct hart *h)
{
    return interrupts_mip(h) & h->s.csr.mideleg;
}

void interrupts_set_sip(struct hart *h, u64 value)
{
    set_pending(h, value, h->s.csr.mideleg & (1u << INT_SSI | 1u << INT_LCOFI));
}

void interrupts_set_stimecmp(struct hart *h, u64 value)
{
    h->s.csr.stimecmp = value;
    interrupts_update_stimer(h);
}
