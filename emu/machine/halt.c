/* Where a machine halts for a debugger; see halt.h. */
#include "machine/halt.h"

#include "hart/code/probes.h"
#include "machine/machine.h"

static void rewire(struct rvemu *m)
{
    m->trace.halts = m->halt.is_silent ? 0 : m->halt.kinds;
    m->probes->is_silent = m->halt.is_silent;
    watches_arm(m->watches, !m->halt.is_silent);
}

void machine_halt_events(struct rvemu *m, rvemu_event_set kinds)
{
    m->halt.kinds = kinds;
    rewire(m);
}

bool machine_watch(struct rvemu *m, const struct watch *watch)
{
    if (!watches_add(m->watches, watch))
        return false;
    for (unsigned i = 0; i < m->harts.count; i++)
        contexts_clear(&m->hart[i].c.contexts);
    return true;
}

bool machine_unwatch(struct rvemu *m, int id)
{
    return watches_remove(m->watches, id);
}

void machine_halt_silently(struct rvemu *m, bool silent)
{
    m->halt.is_silent = silent;
    rewire(m);
}

void machine_halt_hart(struct rvemu *m, unsigned hart, u64 step, bool before)
{
    m->halt.has_hart = true;
    m->halt.before = before;
    m->halt.hart = hart;
    m->halt.step = step;
}

void machine_pass_breakpoint(struct rvemu *m, unsigned hart)
{
    m->probes->stopped_at[hart] = hart_steps(&m->hart[hart]) + 1;
}

void machine_meet_breakpoints(struct rvemu *m)
{
    for (unsigned i = 0; i < PROBES_HARTS; i++)
        m->probes->stopped_at[i] = 0;
}

bool machine_is_halted(const struct rvemu *m)
{
    return m->trace.halted || m->watches->hits || m->halt.is_due ||
           m->probes->stopped;
}

u64 machine_steps_to_halt(struct rvemu *m, const struct hart *h)
{
    struct halt *halt = &m->halt;
    u64 made = hart_steps(h);

    if (!halt->has_hart || halt->hart != h->w.id)
        return UINT64_MAX;
    if (halt->before && made >= halt->step) {
        halt->is_due = true;
        return 0;
    }
    return halt->step > made ? halt->step - made : UINT64_MAX;
}

void machine_has_run(struct rvemu *m, struct hart *h)
{
    const struct halt *halt = &m->halt;

    if (h->s.slice.ends == SLICE_HALTED)
        h->s.slice.ends = SLICE_GOES_ON;
    if (halt->has_hart && !halt->before && halt->hart == h->w.id &&
        hart_steps(h) == halt->step)
        m->halt.is_due = true;
}

void machine_halt_begin(struct rvemu *m)
{
    m->probes->stopped = 0;
    m->watches->hits = 0;
    m->trace.halted = false;
    m->halt.is_due = false;
}

void machine_halt_end(struct rvemu *m, struct rvemu_stop *stop)
{
    struct probes *probes = m->probes;

    if (!m->s.stopped && probes->stopped)
        *stop = (struct rvemu_stop){.reason = RVEMU_STOP_BREAKPOINT,
                                    .code = probes->stopped - 1};
    else if (!m->s.stopped && machine_is_halted(m))
        stop->reason = RVEMU_STOP_DEBUGGER;
    m->halt.has_hart = false;
}
