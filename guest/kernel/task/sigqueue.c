/*
 * Signals that wait to be taken, and what is told with each.
 *
 * Two things say what is pending: a bit for each signal, which every look at a
 * task goes by, and a list of what is told. A signal below SIGRTMIN is pending
 * once or not at all; of those from there on each one that was sent counts, and
 * they are taken in the order in which they came. Memory that ran out costs a
 * signal what is told with it, never the signal itself.
 */
#include "task/signal.h"

#include "lib/errno.h"
#include "ram/slab.h"
#include "task/task.h"

struct entry {
    struct list link;
    struct siginfo info;
};

static struct entry *entry_at(struct list *link)
{
    return list_entry(link, struct entry, link);
}

static void drop(struct task *t, struct entry *e)
{
    list_del(&e->link);
    t->queued--;
    kfree(e);
}

static struct entry *first(const struct task *t, int sig)
{
    list_for_each (at, &t->sigqueue) {
        if (entry_at(at)->info.signo == sig)
            return entry_at(at);
    }
    return NULL;
}

int sigqueue_add(struct task *t, const struct siginfo *info)
{
    bool counts = info->signo >= SIGRTMIN;
    bool again = (t->pending & SIG_BIT(info->signo)) != 0;
    struct entry *e = NULL;

    if (again && !counts)
        return 0;
    if (t->queued < SIGQUEUE_MAX)
        e = kmalloc(sizeof(*e));
    if (!e && counts && info->code == SI_QUEUE)
        return -EAGAIN;
    t->pending |= SIG_BIT(info->signo);
    if (!e)
        return 0;
    e->info = *info;
    list_add_tail(&e->link, &t->sigqueue);
    t->queued++;
    return 0;
}

void sigqueue_take(struct task *t, int sig, struct siginfo *info)
{
    struct entry *e = first(t, sig);

    *info = (struct siginfo){.signo = sig};
    if (e) {
        *info = e->info;
        drop(t, e);
    }
    if (!first(t, sig))
        t->pending &= ~SIG_BIT(sig);
}

void sigqueue_discard(struct task *t, u64 set)
{
    list_for_each_safe (at, &t->sigqueue) {
        if (SIG_BIT(entry_at(at)->info.signo) & set)
            drop(t, entry_at(at));
    }
    t->pending &= ~set;
}
