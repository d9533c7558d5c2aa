/* Waiting, and giving way to other harts; see waiting.h. */
#include "hart/system/waiting.h"

#include "hart/system/interrupts.h"

bool hart_can_run(const struct hart *h)
{
    return !h->s.waiting || interrupts_wake(h);
}

static bool sibling_can_run(const struct hart *h)
{
    const struct siblings *all = h->w.siblings;

    for (unsigned i = 0; i < all->count; i++)
        if (all->hart[i] != h && hart_can_run(all->hart[i]))
            return true;
    return false;
}

bool hart_pause(struct hart *h, const struct insn *in)
{
    h->c.in = in;
    h->s.paused_at = hart_steps(h) + 1;
    if (!sibling_can_run(h))
        return true;
    h->s.slice.ends = SLICE_YIELDED;
    h->c.attention = true;
    return false;
}

void hart_leave_turn(struct hart *h)
{
    if (h->s.reserved && trace_wants(h->w.trace, RVEMU_EVENT_reservation))
        hart_event(h, RVEMU_EVENT_reservation)->reservation =
            (struct rvemu_ev_reservation){RVEMU_RESERVATION_LOST,
                                          h->s.reserved_pa};
    h->s.reserved = 0;
}
