/*
 * The deadline queue: a list in order of due time. A machine has a handful of
 * timers, so walking the list costs less than any cleverer structure.
 */
#include "bus/clock.h"

void clock_init(struct clock *clock)
{
    *clock = (struct clock){0};
}

u64 clock_now(const struct clock *clock)
{
    if (!clock->runner)
        return clock->now;
    return clock->now + clock->runner->progress(clock->runner->self);
}

void clock_disarm(struct clock *clock, struct timer *timer)
{
    for (struct timer **at = &clock->first; *at; at = &(*at)->next) {
        if (*at == timer) {
            *at = timer->next;
            break;
        }
    }
    timer->due = CLOCK_NEVER;
    timer->next = NULL;
}

void clock_arm(struct clock *clock, struct timer *timer, u64 due)
{
    struct timer **at = &clock->first;

    clock_disarm(clock, timer);
    if (due > CLOCK_LAST)
        return;
    while (*at && (*at)->due <= due)
        at = &(*at)->next;
    timer->due = due;
    timer->next = *at;
    *at = timer;
    if (due < clock->slice_end)
        clock_cut(clock);
}

void clock_cut(const struct clock *clock)
{
    if (clock->runner)
        clock->runner->cut(clock->runner->self);
}

u64 clock_next(const struct clock *clock)
{
    return clock->first ? clock->first->due : CLOCK_NEVER;
}

void clock_advance(struct clock *clock, u64 now)
{
    clock->now = now;
    while (clock->first && clock->first->due <= now) {
        struct timer *timer = clock->first;

        clock_disarm(clock, timer);
        timer->fire(timer->owner, now);
    }
}
