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

int signal_send(struct task *t, const struct siginfo *info)
{
    u64 bit = SIG_BIT(info->signo);
    int err;

    /* Kernel threads have no user code to return to. */
    if (t->state == TASK_ZOMBIE || !t->mm)
        return 0;
    if (signal_is_ignored(t, info->signo) && !((t->blocked | t->awaited) & bit))
        return 0;
    err = sigqueue_add(t, info);
    signal_update_work(t);
    if ((signal_pending(t) || (t->awaited & bit)) && t->interruptible)
        sched_wake(t);
    return err;
}

void signal_send_kernel(struct task *t, int sig)
{
    struct siginfo info = {.signo = sig, .code = SI_KERNEL};

    signal_send(t, &info);
}

int signal_send_group(int pgid, const struct siginfo *info)
{
    int err = -ESRCH;

    list_for_each (at, task_list()) {
        struct task *t = list_entry(at, struct task, all);

        if (t->pgid != pgid || t->state == TASK_ZOMBIE || !t->mm)
            continue;
        if (info->signo)
            signal_send(t, info);
        err = 0;
    }
    return err;
}

void signal_force(struct task *t, int sig, int code, u64 address)
{
    struct siginfo info = {
        .signo = sig, .code = code, .fields = {[SIGINFO_ADDRESS] = address}};

    if (signal_action(t, sig).handler == SIG_IGN ||
        (t->blocked & SIG_BIT(sig))) {
        if (t->actions)
            t->actions[sig - 1].handler = SIG_DFL;
        t->blocked &= ~SIG_BIT(sig);
    }
    sigqueue_add(t, &info);
    signal_update_work(t);
}

void signal_lend_mask(struct task *t, u64 set)
{
    t->saved_mask = t->blocked;
    t->mask_is_lent = true;
    t->blocked = set & ~UNBLOCKABLE;
    signal_update_work(t);
}

void signal_return_mask(struct task *t)
{
    if (!t->mask_is_lent)
        return;
    t->mask_is_lent = false;
    t->blocked = t->saved_mask;
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
