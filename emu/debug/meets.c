/*
 * Whether what has just happened meets a point; see engine.h.
 *
 * A machine that has halted stands behind the step in question, or before the
 * instruction of a breakpoint. Its hits and the events that were told are of
 * that step, or of what came between slices there.
 */
#include "base/bits.h"
#include "debug/engine.h"
#include "isa/pte.h"
#include "machine/machine.h"
#include "trace/sieve.h"

enum { CSR_SATP = 0x180 };

static bool compares(const struct rvemu_test *test, u64 value)
{
    if (test->mask)
        value &= test->mask;
    switch (test->compare) {
    case RVEMU_EQ: return value == test->value;
    case RVEMU_NE: return value != test->value;
    case RVEMU_LT: return value < test->value;
    case RVEMU_LE: return value <= test->value;
    case RVEMU_GT: return value > test->value;
    case RVEMU_GE: return value >= test->value;
    }
    return false;
}

/* What a test is about. False: there is no such thing. */
static bool tested(const struct rvemu_debugger *d,
                   const struct rvemu_test *test,
                   const struct rvemu_debug_stop *stop, u64 *value)
{
    bool has_hart = stop->hart < rvemu_harts(d->machine);

    switch (test->of) {
    case RVEMU_TEST_X:
        if (has_hart)
            *value = rvemu_x(d->machine, stop->hart, test->number);
        return has_hart;
    case RVEMU_TEST_CSR:
        return has_hart &&
               rvemu_csr(d->machine, stop->hart, test->number, value) == 0;
    case RVEMU_TEST_WORD: *value = stop->event.word[test->number]; return true;
    case RVEMU_TEST_VALUE: *value = stop->access.now; return true;
    case RVEMU_TEST_OLD: *value = stop->access.old; return true;
    }
    return false;
}

/* Whether the tests of a point hold, and whoever it asks says so. */
static bool holds(const struct rvemu_debugger *d, const struct debug_point *p,
                  struct rvemu_debug_stop *stop)
{
    u64 value = 0;

    for (unsigned i = 0; i < p->of.tests; i++)
        if (!tested(d, &p->of.test[i], stop, &value) ||
            !compares(&p->of.test[i], value))
            return false;
    stop->why = RVEMU_WHY_POINT;
    stop->point = p->id;
    return !p->of.holds || p->of.holds(p->of.arg, stop);
}

/* Whether this hart, in this privilege and under this satp, is one of those of
 * a point. */
static bool is_one_of(const struct rvemu_point *of, unsigned hart,
                      unsigned priv, u64 satp)
{
    bool has_hart = hart != RVEMU_NO_HART;

    if (of->harts && !(has_hart && bit(of->harts, hart)))
        return false;
    if (of->privs && !(has_hart && bit(of->privs, priv)))
        return false;
    return !of->has_space ||
           (has_hart && rvemu_satp_root(satp) == rvemu_satp_root(of->satp));
}

static u64 satp_of(const struct rvemu_debugger *d, unsigned hart)
{
    u64 satp = 0;

    if (hart >= rvemu_harts(d->machine) ||
        rvemu_csr(d->machine, hart, CSR_SATP, &satp) < 0)
        return 0;
    return satp;
}

static bool breaks(struct rvemu_debugger *d, const struct debug_point *p,
                   const struct rvemu_stop *run, struct rvemu_debug_stop *stop)
{
    unsigned hart = run->code;

    if (run->reason != RVEMU_STOP_BREAKPOINT ||
        rvemu_pc(d->machine, hart) != p->of.va ||
        !is_one_of(&p->of, hart, rvemu_priv(d->machine, hart),
                   satp_of(d, hart)))
        return false;
    stop->hart = hart;
    stop->pc = p->of.va;
    return holds(d, p, stop);
}

static unsigned level_of(const struct debug_point *p, u64 pa)
{
    for (unsigned i = 0; i < p->entry_count; i++)
        if (pa < p->entries[i] + 8 && p->entries[i] <= pa + 7)
            return p->levels[i];
    return 0;
}

static bool hits(struct rvemu_debugger *d, const struct debug_point *p,
                 const struct watch_hit *hit, struct rvemu_debug_stop *stop)
{
    bool is_pte = p->of.kind == RVEMU_POINT_PTE;
    struct rvemu_point of = p->of;

    of.has_space &= !is_pte;
    if (hit->id != p->id || ((is_pte || of.changes) && !hit->changes) ||
        !is_one_of(&of, hit->hart, hit->priv, hit->satp))
        return false;
    stop->hart = hit->hart;
    stop->pc = hit->pc;
    stop->access = (struct rvemu_debug_access){
        .has_va = hit->has_va,
        .is_write = hit->is_write,
        .origin = hit->origin,
        .va = hit->va,
        .pa = hit->pa,
        .size = hit->size,
        .old = hit->old,
        .now = hit->now,
        .level = is_pte ? level_of(p, hit->pa) : 0,
    };
    return holds(d, p, stop);
}

static bool watches_see(struct rvemu_debugger *d, const struct debug_point *p,
                        struct rvemu_debug_stop *stop)
{
    const struct watches *watches = d->machine->watches;

    for (unsigned i = 0; i < watches->hits; i++)
        if (hits(d, p, &watches->hit[i], stop))
            return true;
    return false;
}

static bool catches(struct rvemu_debugger *d, const struct debug_point *p,
                    struct rvemu_debug_stop *stop)
{
    const struct rvemu_subscription of = {
        .harts = p->of.harts,
        .privs = p->of.privs,
        .has_va = p->of.has_va,
        .va = {p->of.va, p->of.va_last},
        .has_root = p->of.has_space,
        .root = rvemu_satp_root(p->of.satp),
    };

    for (unsigned i = 0; i < d->events; i++) {
        const struct rvemu_event *event = &d->event[i];

        if (event->kind != p->of.event ||
            !sieve_passes(&of, event,
                          event->hart == RVEMU_NO_HART
                              ? SIEVE_NO_SATP
                              : satp_of(d, event->hart)))
            continue;
        stop->hart = event->hart;
        stop->pc = event->pc;
        stop->event = *event;
        if (holds(d, p, stop))
            return true;
    }
    return false;
}

static bool is_met(struct rvemu_debugger *d, const struct debug_point *p,
                   const struct rvemu_stop *run, struct rvemu_debug_stop *stop)
{
    struct rvemu_debug_stop seen = {.position = stop->position,
                                    .at = stop->at,
                                    .time = stop->time,
                                    .is_backwards = stop->is_backwards};
    bool met = false;

    switch (p->of.kind) {
    case RVEMU_POINT_BREAK: met = breaks(d, p, run, &seen); break;
    case RVEMU_POINT_WATCH:
    case RVEMU_POINT_PTE: met = watches_see(d, p, &seen); break;
    case RVEMU_POINT_CATCH: met = catches(d, p, &seen); break;
    }
    if (met)
        *stop = seen;
    return met;
}

bool debug_meets(struct rvemu_debugger *d, const struct rvemu_stop *run,
                 bool counts, struct rvemu_debug_stop *stop)
{
    const struct rvemu_debug_stop before = *stop;
    bool found = false;

    for (unsigned i = 0; i < d->points; i++) {
        struct debug_point *p = &d->point[i];
        struct rvemu_debug_stop seen = before;

        if (!p->is_set || (d->only && p->id != d->only) ||
            !is_met(d, p, run, &seen))
            continue;
        if (counts) {
            p->hits++;
            if (p->skipped < p->of.skip) {
                p->skipped++;
                continue;
            }
        }
        if (!found)
            *stop = seen;
        found = true;
    }
    return found;
}
