/*
 * The timer: one interrupt source (SBI set_timer), one list of sleepers in
 * the order of their deadlines.
 */
#include "task/timer.h"

#include "dev/sbi.h"
#include "task/task.h"

static struct list sleepers = LIST_INIT(sleepers);
static u32 hz;
static u64 next_tick;

void timer_init(u32 timebase_hz)
{
    hz = timebase_hz;
    csr_write(scounteren, 7); /* programs may read cycle, time, instret */
    timer_arm(false);
    csr_set(sie, SIE_STIE);
}

u32 time_hz(void)
{
    return hz;
}

u64 time_from_ns(u64 ns)
{
    return ns / 1000000000 * hz + ns % 1000000000 * hz / 1000000000;
}

u64 time_to_ns(u64 ticks)
{
    return ticks / hz * 1000000000 + ticks % hz * 1000000000 / hz;
}

void timer_add(struct task *t, u64 deadline)
{
    struct list *at = &sleepers;

    /* From the end: most deadlines are later than those there are. */
    while (at->prev != &sleepers &&
           list_entry(at->prev, struct task, timer)->wake_time > deadline)
        at = at->prev;
    t->wake_time = deadline;
    list_add_before(&t->timer, at);
    if (sleepers.next == &t->timer && deadline < next_tick)
        timer_arm(false);
}

void timer_del(struct task *t)
{
    list_del(&t->timer);
}

void timer_arm(bool idle)
{
    u64 deadline = ~0ul;

    next_tick = time_now() + hz / TICKS_PER_SECOND;
    if (!idle)
        deadline = next_tick;
    if (!list_empty(&sleepers)) {
        u64 wake = list_entry(sleepers.next, struct task, timer)->wake_time;

        deadline = min_u64(deadline, wake);
    }
    sbi_set_timer(deadline);
}

struct task *timer_due(u64 now)
{
    struct task *t;

    if (list_empty(&sleepers))
        return NULL;
    t = list_entry(sleepers.next, struct task, timer);
    return t->wake_time <= now ? t : NULL;
}
