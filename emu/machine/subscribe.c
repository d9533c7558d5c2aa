/*
 * Who listens to a machine: the functions of rvemu/machine.h about events.
 *
 * Who listens changes how code is decoded and which tables are watched; so none
 * of it is done while a subscriber is being told.
 */
#include <assert.h>

#include "hart/code/probes.h"
#include "hart/mmu/fetch.h"
#include "hart/mmu/fetched.h"
#include "hart/mmu/suspects.h"
#include "hart/mmu/tables.h"
#include "machine/machine.h"
#include "trace/observers.h"

/* The kinds that need page tables to be watched. */
#define TABLE_KINDS                                               \
    (RVEMU_EVENT_BIT(pte_write) | RVEMU_EVENT_BIT(pte_found) |    \
     RVEMU_EVENT_BIT(root_lost) | RVEMU_EVENT_BIT(frame_copied) | \
     RVEMU_EVENT_BIT(alias_store))

/* What cannot fail is not done while a subscriber is called, either. */
static void expect_nobody_told(const struct rvemu *m)
{
    assert(!m->trace.telling);
}

/* Who listens has changed: decoded code and small arrays go by that. */
static void listeners_changed(struct rvemu *m)
{
    tables_watch(m->tables,
                 m->harts.ahead || (m->trace.wanted & TABLE_KINDS) != 0);
    suspects_watch(m->suspects, trace_wants(&m->trace, RVEMU_EVENT_stale_use));
    fetched_watch(&m->harts, trace_wants(&m->trace, RVEMU_EVENT_stale_fetch));
    fetch_drop_code(&m->harts);
}

int rvemu_subscription_begin(rvemu *m, const struct rvemu_subscription *of)
{
    int id = m->trace.telling ? -1 : trace_subscribe(&m->trace, of);

    if (id > 0)
        listeners_changed(m);
    return id;
}

int rvemu_subscription_end(rvemu *m, int id)
{
    if (m->trace.telling || trace_unsubscribe(&m->trace, id) < 0)
        return -1;
    listeners_changed(m);
    return 0;
}

int rvemu_subscription_told(rvemu *m, int id, struct rvemu_mark *told)
{
    return m->trace.telling ? -1 : trace_told(&m->trace, id, told);
}

int rvemu_subscribe(rvemu *m, rvemu_event_set kinds, rvemu_event_fn *call,
                    void *arg)
{
    const struct rvemu_subscription of = {
        .kinds = kinds, .call = call, .arg = arg};

    return rvemu_subscription_begin(m, &of) < 0 ? -1 : 0;
}

int rvemu_unsubscribe(rvemu *m, rvemu_event_fn *call, void *arg)
{
    return rvemu_subscription_end(m, trace_find(&m->trace, call, arg));
}

void rvemu_set_history(rvemu *m, uint64_t until)
{
    expect_nobody_told(m);
    trace_begin_again(&m->trace, until);
}

struct rvemu_observed *rvemu_observers_save(rvemu *m)
{
    expect_nobody_told(m);
    return observers_save(&m->trace);
}

void rvemu_observers_restore(rvemu *m, const struct rvemu_observed *observed)
{
    expect_nobody_told(m);
    observers_restore(&m->trace, observed);
}

void rvemu_observers_drop(struct rvemu_observed *observed)
{
    observers_drop(observed);
}

void rvemu_set_prompt(rvemu *m, rvemu_event_set kinds)
{
    expect_nobody_told(m);
    trace_set_prompt(&m->trace, kinds);
}

int rvemu_probe_add(rvemu *m, uint64_t va, bool returns)
{
    if (m->trace.telling || !probes_add(m->probes, va, returns))
        return -1;
    fetch_drop_code(&m->harts);
    return 0;
}

int rvemu_breakpoint(rvemu *m, uint64_t va, bool on)
{
    if (!probes_break(m->probes, va, on))
        return -1;
    fetch_drop_code(&m->harts);
    return 0;
}

int rvemu_probe_remove(rvemu *m, uint64_t va)
{
    if (m->trace.telling || !probes_remove(m->probes, va))
        return -1;
    fetch_drop_code(&m->harts);
    return 0;
}
