/*
 * The scheduler: preemptive round robin on one hart.
 */
#ifndef TASK_SCHED_H
#define TASK_SCHED_H

#include "task/task.h"

/* `child_first`: a new child runs before its parent goes on. */
void sched_init(bool child_first);

/* Gives the hart to the next task; returns when it is our turn again. The
 * caller has interrupts off, and has set its state if it is to sleep. */
void schedule(void);

/* Makes a sleeping task runnable, out of whatever it waits in. */
void sched_wake(struct task *t);

/* Lets a new task run for the first time. */
void sched_start(struct task *t);

/* The timer interrupt: sleepers wake, and a time slice may be over. */
void sched_timer_interrupt(void);

/* Whether a task waits in the run queue, for selfcheck. */
struct list *sched_run_queue(void);

u64 sched_switches(void);

/* What task 0 does for ever. */
_Noreturn void idle_loop(void);

#endif
