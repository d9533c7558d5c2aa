/*
 * The timer: one interrupt source (SBI set_timer), one list of sleepers in
 * the order of their deadlines.
 */
#include "proc/timer.h"

#include "dev/sbi.h"
#include "proc/sched.h"
#include "proc/task.h"

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
    struct list *at = sleepers.next;

    while (at != &sleepers &&
           list_entry(at, struct task, timer)->wake_time <= deadline)
        at = at->next;
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

void timer_interrupt(void)
{
    u64 now = time_now();

    while (!list_empty(&sleepers)) {
        struct task *t = list_entry(sleepers.next, struct task, timer);

        if (t->wake_time > now)
            break;
        sched_wake(t);
    }
    sched_tick();
    timer_arm(false);
}
