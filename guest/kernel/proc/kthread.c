/*
 * kthreadd: requests wait in a list on their callers' stacks. It sleeps where
 * parents wait for the end of a child, so a request and an ended thread wake it
 * alike.
 */
#include "proc/kthread.h"

#include "lib/csr.h"
#include "proc/exit.h"
#include "proc/fork.h"
#include "task/wait.h"

struct request {
    struct list link;
    int (*fn)(void *arg);
    void *arg;
    const char *name;
    struct task *made;
    struct completion done;
};

static struct list requests = LIST_INIT(requests);
static struct task *daemon; /* kthreadd, once it runs */

/* The first code of a thread: interrupts on, then its own function. */
static int run(void *arg)
{
    struct request r = *(struct request *)arg;
    int status;

    complete(&((struct request *)arg)->done);
    irq_enable();
    status = r.fn(r.arg);
    irq_disable();
    do_exit((status & 0xff) << 8);
}

int kthreadd(void *arg)
{
    (void)arg;
    daemon = current;
    for (;;) {
        while (exit_reap_any(current))
            ;
        while (!list_empty(&requests)) {
            struct request *r = list_entry(requests.next, struct request, link);

            list_del(&r->link);
            r->made = kernel_thread(run, r, r->name);
            if (!r->made)
                complete(&r->done);
        }
        waitq_sleep(&daemon->child_exit, false, WAIT_FOREVER);
    }
}

struct task *kthread_create(int (*fn)(void *arg), void *arg, const char *name)
{
    struct request r = {.fn = fn, .arg = arg, .name = name};
    u64 irq = irq_save();

    completion_init(&r.done);
    list_add_tail(&r.link, &requests);
    if (daemon)
        waitq_wake_all(&daemon->child_exit);
    wait_for_completion(&r.done);
    irq_restore(irq);
    return r.made;
}
