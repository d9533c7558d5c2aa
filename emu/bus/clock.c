/*
 * The deadlines: a table, and which of them comes first. A machine has a
 * handful of timers, so walking the table when the first one leaves costs
 * less than any cleverer structure.
 */
#include "bus/clock.h"

static const struct clock_timer disarmed = {.due = CLOCK_NEVER};

void clock_init(struct clock *clock)
{
    *clock = (struct clock){0};
    for (unsigned i = 0; i < CLOCK_TIMERS_MAX; i++)
        clock->s.timer[i] = disarmed;
}

unsigned clock_add_timer(struct clock *clock,
                         void (*fire)(void *owner, u64 now), void *owner)
{
    clock->wire[clock->timers] = (struct clock_wire){fire, owner};
    return clock->timers++;
}

static bool is_before(const struct clock_timer *a, const struct clock_timer *b)
{
    return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void find_first(struct clock *clock)
{
    const struct clock_timer *timer = clock->s.timer;

    clock->first = 0;
    for (unsigned i = 1; i < clock->timers; i++)
        if (is_before(&timer[i], &timer[clock->first]))
            clock->first = i;
}

void clock_restored(struct clock *clock)
{
    find_first(clock);
}

u64 clock_now(const struct clock *clock)
{
    if (!clock->runner)
        return clock->s.now;
    return clock->s.now +
           clock_of_steps(clock, clock->runner->progress(clock->runner->self));
}

void clock_disarm(struct clock *clock, unsigned timer)
{
    clock->s.timer[timer] = disarmed;
    if (timer == clock->first)
        find_first(clock);
}

void clock_arm(struct clock *clock, unsigned timer, u64 due)
{
    struct clock_state *s = &clock->s;

    if (due > CLOCK_LAST) {
        clock_disarm(clock, timer);
        return;
    }
    s->timer[timer] = (struct clock_timer){due, ++s->armings};
    if (timer == clock->first)
        find_first(clock);
    else if (is_before(&s->timer[timer], &s->timer[clock->first]))
        clock->first = timer;
    if (due < clock_now(clock) + clock_of_steps(clock, CLOCK_SLICE_MAX))
        clock_cut(clock);
}

void clock_cut(const struct clock *clock)
{
    if (clock->runner)
        clock->runner->cut(clock->runner->self);
}

void clock_advance(struct clock *clock, u64 now)
{
    clock->s.now = now;
    while (clock_next(clock) <= now) {
        const struct clock_wire *wire = &clock->wire[clock->first];

        clock_disarm(clock, clock->first);
        wire->fire(wire->owner, now);
    }
}
