/* What a hart knows of itself; see hart.h. */
#include "hart/state/hart.h"

#include "trace/sieve.h"

u64 hart_steps(const struct hart *h)
{
    u64 pending = 0; /* charged, but not yet done */

    if (h->c.in)
        pending = block_left(h->c.block, h->c.in);
    return h->s.slice.stop - (u64)h->s.slice.budget - pending;
}

u64 hart_progress(const struct hart *h)
{
    return hart_steps(h) - h->s.slice.start;
}

u64 hart_retired(const struct hart *h)
{
    return hart_steps(h) - h->s.traps;
}

void hart_cut(struct hart *h)
{
    h->s.slice.ends = SLICE_CUT;
    h->c.attention = true;
}

void hart_halt(struct hart *h)
{
    if (!slice_is_running(&h->s.slice))
        return;
    if (h->s.slice.ends == SLICE_GOES_ON)
        h->s.slice.ends = SLICE_HALTED;
    h->c.attention = true;
}

void hart_host_begin(struct hart *h)
{
    if (h->c.fp.live)
        h->s.fflags |= fp_slice_end(&h->c.fp);
}

void hart_host_end(struct hart *h)
{
    if (slice_is_running(&h->s.slice) && !h->c.fp.live)
        fp_slice_begin(&h->c.fp, h->s.frm);
}

static void deliver(struct hart *h)
{
    hart_host_begin(h);
    trace_deliver(h->w.trace);
    hart_host_end(h);
}

void hart_tell(struct hart *h)
{
    if (h->w.trace->is_due)
        deliver(h);
}

struct rvemu_event *hart_event(struct hart *h, unsigned kind)
{
    return hart_event_at(h, kind, clock_now(h->w.clock),
                         h->c.in ? h->s.page_va + h->c.in->off : h->s.pc);
}

struct rvemu_event *hart_event_at(struct hart *h, unsigned kind, u64 time,
                                  u64 pc)
{
    struct rvemu_event *event;

    if (trace_is_full(h->w.trace))
        deliver(h);
    event = trace_new(h->w.trace, kind, h->s.csr.satp);
    event->time = time;
    event->pc = pc;
    event->hart = (u8)h->w.id;
    event->priv = h->s.priv;
    if (h->w.trace->halted)
        hart_halt(h);
    return event;
}

struct rvemu_event *siblings_event(const struct siblings *all, unsigned kind)
{
    struct rvemu_event *event;

    for (unsigned i = 0; i < all->count; i++)
        if (slice_is_running(&all->hart[i]->s.slice))
            return hart_event(all->hart[i], kind);
    event = trace_new(all->trace, kind, SIEVE_NO_SATP);
    event->time = clock_now(all->clock);
    event->hart = RVEMU_NO_HART;
    event->priv = RVEMU_NO_PRIV;
    return event;
}
