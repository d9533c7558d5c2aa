/*
 * Sleeping: wait queues and completions.
 *
 * Condition and sleep are one step because interrupts are off, so a wake-up
 * cannot fall between them.
 */
#ifndef TASK_WAIT_H
#define TASK_WAIT_H

#include "task/task.h"

#define WAIT_FOREVER (~0ul)

/* Sleeps in `q` (NULL: nowhere) until woken, until a signal comes if
 * `interruptible`, or until the time `deadline` in ticks. The caller tests
 * its condition again: 0 woken, -ERESTARTSYS, -ETIMEDOUT. */
int waitq_sleep(struct waitq *q, bool interruptible, u64 deadline);

/* Wakes who sleeps in it and who polls it. */
void waitq_wake_all(struct waitq *q);

/* A task that waits for several queues sleeps in none: it hangs a poller into
 * each, on its own stack, and takes it out when it has slept. */
struct poller {
    struct list link;
    struct task *task;
};

void waitq_poll(struct waitq *q, struct poller *p);
void waitq_unpoll(struct poller *p);

/* Something that happens: complete() counts it, wait_for_completion() waits
 * until it has been counted, and takes one away. */
struct completion {
    u32 done;
    struct waitq waiters;
};

void completion_init(struct completion *c);
void wait_for_completion(struct completion *c);
void complete(struct completion *c);

#endif
