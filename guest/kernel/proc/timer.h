/*
 * Machine time and the tasks that wait for it.
 */
#ifndef PROC_TIMER_H
#define PROC_TIMER_H

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

/* Wakes `t` at `deadline` unless it wakes before; timer_del forgets it. */
void timer_add(struct task *t, u64 deadline);
void timer_del(struct task *t);

/* Programs the next interrupt: the next scheduler tick, or only the next
 * sleeper when the hart goes idle. */
void timer_arm(bool idle);

/* The interrupt. */
void timer_interrupt(void);

#endif
