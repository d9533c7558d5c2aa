/* The event `probe`; see probe.h. */
#include "hart/interp/probe.h"

#include "hart/code/probes.h"
#include "hart/mmu/fetch.h"

enum { RA = 1, SP = 2, A0 = 10 };

/* Who is told promptly is told now: no event comes between this one and what
 * the function does to registers and memory. */
static void emit(struct hart *h, u64 function, bool returned)
{
    const u64 *x = h->s.x;

    hart_event(h, RVEMU_EVENT_probe)->probe =
        (struct rvemu_ev_probe){function,  returned,  x[A0], x[A0 + 1],
                                x[A0 + 2], x[A0 + 3], x[RA], x[SP]};
    hart_tell(h);
}

bool probe_stops(struct hart *h)
{
    struct probes *probes = h->w.siblings->probes;
    const struct probe *probe = probes_find(probes, h->s.pc);
    u64 *at = &probes->stopped_at[h->w.id % PROBES_HARTS];

    if (probes->is_silent || !probe || !probe->stops ||
        *at == hart_steps(h) + 1)
        return false;
    *at = hart_steps(h) + 1;
    probes->stopped = (unsigned)h->w.id + 1;
    hart_halt(h);
    return true;
}

void probe_report(struct hart *h)
{
    struct probes *probes = h->w.siblings->probes;
    const struct probe *probe;
    u64 pc = h->s.pc, function;

    if (h->s.priv == PRIV_U)
        return;
    probe = probes_find(probes, pc);
    if (!probe)
        return;
    while (probe->site && probes_leave(probes, pc, h->s.x[SP], &function))
        emit(h, function, true);
    if (!probe->enters)
        return;
    emit(h, pc, false);
    if (probe->returns && probes_enter(probes, pc, h->s.x[RA], h->s.x[SP]))
        fetch_drop_code(h->w.siblings);
}
