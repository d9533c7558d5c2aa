/*
 * Signals: actions and sending.
 *
 * Pending signals are looked at only on the way back to user code; proc/
 * deliver.c acts on them there.
 */
#include "task/signal.h"

#include "lib/errno.h"
#include "task/sched.h"

struct sigaction signal_action(const struct task *t, int sig)
{
    return t->actions ? t->actions[sig - 1] : (struct sigaction){0};
}

static bool ignored_by_default(int sig)
{
    return sig == SIGCHLD || sig == SIGCONT || sig == SIGURG ||
           sig == SIGWINCH || sig == SIGTSTP || sig == SIGTTIN ||
           sig == SIGTTOU || sig == SIGSTOP;
}

bool signal_is_ignored(const struct task *t, int sig)
{
    u64 handler = signal_action(t, sig).handler;

    return handler == SIG_IGN ||
           (handler == SIG_DFL && ignored_by_default(sig));
}

bool signal_pending(const struct task *t)
{
    return (t->pending & ~t->blocked) != 0;
}

void signal_update_work(struct task *t)
{
    if (signal_pending(t))
        t->work |= WORK_SIGNAL;
    else
        t->work &= ~(u32)WORK_SIGNAL;
}

void signal_send(struct task *t, int sig)
{
    /* Kernel threads have no user code to return to. */
    if (t->state == TASK_ZOMBIE || !t->mm)
        return;
    if (signal_is_ignored(t, sig) && !(t->blocked & SIG_BIT(sig)))
        return;
    t->pending |= SIG_BIT(sig);
    signal_update_work(t);
    if (signal_pending(t) && t->interruptible)
        sched_wake(t);
}

int signal_send_group(int pgid, int sig)
{
    int err = -ESRCH;

    list_for_each (at, task_list()) {
        struct task *t = list_entry(at, struct task, all);

        if (t->pgid != pgid || t->state == TASK_ZOMBIE || !t->mm)
            continue;
        if (sig)
            signal_send(t, sig);
        err = 0;
    }
    return err;
}

void signal_force(struct task *t, int sig)
{
    if (signal_action(t, sig).handler == SIG_IGN ||
        (t->blocked & SIG_BIT(sig))) {
        if (t->actions)
            t->actions[sig - 1].handler = SIG_DFL;
        t->blocked &= ~SIG_BIT(sig);
    }
    t->pending |= SIG_BIT(sig);
    signal_update_work(t);
}

void signal_reset(struct task *t)
{
    for (int sig = 1; t->actions && sig <= SIG_COUNT; sig++) {
        struct sigaction *act = &t->actions[sig - 1];

        if (act->handler != SIG_IGN)
            *act = (struct sigaction){0};
    }
}
