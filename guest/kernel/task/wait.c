/*
 * Wait queues and completions.
 */
#include "task/wait.h"

#include "lib/csr.h"
#include "lib/errno.h"
#include "task/sched.h"
#include "task/timer.h"

int waitq_sleep(struct waitq *q, bool interruptible, u64 deadline)
{
    struct task *t = current;

    if (interruptible && signal_pending(t))
        return -ERESTARTSYS;
    t->state = TASK_SLEEPING;
    t->interruptible = interruptible;
    if (q)
        list_add_tail(&t->queue, &q->waiters);
    if (deadline != WAIT_FOREVER)
        timer_add(t, deadline);
    schedule();
    if (deadline != WAIT_FOREVER && time_now() >= deadline)
        return -ETIMEDOUT;
    return interruptible && signal_pending(t) ? -ERESTARTSYS : 0;
}

void waitq_wake_all(struct waitq *q)
{
    while (!list_empty(&q->waiters))
        sched_wake(list_entry(q->waiters.next, struct task, queue));
    list_for_each (at, &q->pollers)
        sched_wake(list_entry(at, struct poller, link)->task);
}

void waitq_poll(struct waitq *q, struct poller *p)
{
    p->task = current;
    list_add_tail(&p->link, &q->pollers);
}

void waitq_unpoll(struct poller *p)
{
    list_del(&p->link);
}

void completion_init(struct completion *c)
{
    c->done = 0;
    waitq_init(&c->waiters);
}

void wait_for_completion(struct completion *c)
{
    u64 irq = irq_save();

    while (!c->done)
        waitq_sleep(&c->waiters, false, WAIT_FOREVER);
    c->done--;
    irq_restore(irq);
}

void complete(struct completion *c)
{
    u64 irq = irq_save();

    c->done++;
    waitq_wake_all(&c->waiters);
    irq_restore(irq);
}
