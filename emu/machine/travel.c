/*
 * Going back and forward in a machine's run: the functions of rvemu/history.h.
 *
 * Going to a position restores the latest snapshot before it, unless the
 * machine stands between the two, and makes the steps from there again. On the
 * way it leaves snapshots at distances before the position that fall by
 * NEAR_FACTOR down to NEAR_LEAST: who goes on going back from there, step by
 * step, has short ways from then on.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "machine/history.h"
#include "machine/machine.h"
#include "machine/parts.h"

#define NEAR_LEAST 16384 /* steps */
#define NEAR_FACTOR 4
#define NEAR_STEPS 6

static void expect_nobody_told(const struct rvemu *m)
{
    assert(!m->trace.telling);
}

int rvemu_history_begin(rvemu *m, const struct rvemu_history_config *config,
                        struct rvemu_error *error)
{
    expect_nobody_told(m);
    if (m->history)
        return error_set(error, "history is kept already");
    return history_new(m, config, error);
}

void rvemu_history_end(rvemu *m)
{
    expect_nobody_told(m);
    if (!m->history)
        return;
    rvemu_history_branch(m);
    history_free(m);
}

uint64_t rvemu_position(const rvemu *m)
{
    return m->s.steps;
}

bool rvemu_history_range(const rvemu *m, uint64_t *first, uint64_t *last)
{
    const struct history *h = m->history;

    if (!h || h->lost)
        return false;
    *first = h->all[0]->at.steps;
    *last = m->again ? history_end(h)->at.steps : m->s.steps;
    return true;
}

bool rvemu_history_before(const rvemu *m, uint64_t position, uint64_t *snapshot)
{
    size_t at;

    if (!m->history || !history_find(m->history, position, &at))
        return false;
    *snapshot = m->history->all[at]->at.steps;
    return true;
}

bool rvemu_history_is_past(const rvemu *m)
{
    return m->again;
}

/* Runs on to a position, leaving snapshots on the way. */
static void run_to(struct rvemu *m, u64 position)
{
    u64 distance = NEAR_LEAST;

    for (unsigned i = 1; i < NEAR_STEPS; i++)
        distance *= NEAR_FACTOR;
    for (; distance >= NEAR_LEAST; distance /= NEAR_FACTOR) {
        if (position - m->s.steps < distance + distance / 2)
            continue;
        machine_run_to(m, position - distance);
        if (m->again && !m->history->lost)
            history_take(m);
    }
    machine_run_to(m, position);
}

/* Whether the machine stands behind the snapshot, and not behind the position.
 */
static bool is_between(const struct rvemu *m, size_t at, u64 position)
{
    const struct history *h = m->history;

    return m->again && h->now >= at && m->s.steps < position;
}

/* From the past or, as the present was left, from the end. */
static int go(struct rvemu *m, u64 position)
{
    struct history *h = m->history;
    size_t at = h->count - 1;

    if (position < history_end(h)->at.steps) {
        if (!history_find(h, position, &at))
            return -1;
        if (is_between(m, at, position)) {
            run_to(m, position);
            return 0;
        }
    }
    if (history_restore(m, at) < 0)
        return -1;
    if (position < history_end(h)->at.steps)
        run_to(m, position);
    return 0;
}

int rvemu_history_goto(rvemu *m, uint64_t position, struct rvemu_error *error)
{
    struct history *h = m->history;
    uint64_t first, last;

    expect_nobody_told(m);
    if (h && (h->lost || m->log.lost))
        return error_set(error, "host memory was lacking: history is lost");
    if (!rvemu_history_range(m, &first, &last))
        return error_set(error, "no history is kept");
    if (position < first || position > last)
        return error_set(error,
                         "history goes from %llu to %llu, %llu is not in it",
                         (unsigned long long)first, (unsigned long long)last,
                         (unsigned long long)position);
    if (position == last && !m->again)
        return h->gone_to++, 0;
    if (history_leave(m) < 0)
        return error_set(error, "out of host memory");
    trace_begin_again(&m->trace, history_end(h)->time);
    if (go(m, position) < 0) {
        history_stay(m);
        trace_go_on(&m->trace, m->clock.s.now);
        return error_set(error, "out of host memory, or a disk's file cannot "
                                "be read");
    }
    history_thin(m);
    h->gone_to++;
    if (m->s.steps == position)
        return 0;
    h->lost = true;
    return error_set(error, "the same steps came out otherwise");
}

int rvemu_history_branch(rvemu *m)
{
    expect_nobody_told(m);
    if (!m->history)
        return -1;
    if (!m->again)
        return 0;
    if (m->log.keepers > 1)
        return -1;
    trace_go_on(&m->trace, m->clock.s.now);
    return history_cut(m);
}

void rvemu_history_counts(const rvemu *m, struct rvemu_history_counts *counts)
{
    const struct history *h = m->history;

    *counts = (struct rvemu_history_counts){0};
    if (!h)
        return;
    *counts = (struct rvemu_history_counts){
        .snapshots = h->count,
        .bytes = history_weight(h),
        .gone_to = h->gone_to,
        .steps_again = h->steps_again,
    };
}
