/*
 * Machine time and the tasks that wait for it.
 */
#ifndef TASK_TIMER_H
#define TASK_TIMER_H

#include "lib/csr.h"
#include "lib/types.h"

struct task;

#define TICKS_PER_SECOND 1000 /* of the scheduler */
#define USER_HZ 100           /* the unit programs are told times in */

void timer_init(u32 timebase_hz);

static inline u64 time_now(void)
{
    return csr_read(time);
}

u32 time_hz(void);
u64 time_from_ns(u64 ns);
u64 time_to_ns(u64 ticks);

/* `t` is due at `deadline`; timer_del forgets it. */
void timer_add(struct task *t, u64 deadline);
void timer_del(struct task *t);

/* Programs the next interrupt: the next scheduler tick, or only the next
 * sleeper when the hart goes idle. */
void timer_arm(bool idle);

/* The sleeper whose deadline came first, if that has come by `now`, or NULL.
 * It stays in the list until timer_del. */
struct task *timer_due(u64 now);

#endif
