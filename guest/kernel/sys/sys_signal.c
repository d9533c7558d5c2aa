/*
 * System calls about signals, but for the return from a handler, which is
 * proc/deliver.c's.
 */
#include "sys/syscall.h"

#include "lib/errno.h"
#include "mm/mm.h"
#include "ram/slab.h"
#include "task/wait.h"

i64 sys_rt_sigaction(const u64 *a)
{
    struct task *t = current;
    struct sigaction act, old;
    u64 sig = a[0];

    if (sig == 0 || sig > SIG_COUNT || a[3] != sizeof(u64))
        return -EINVAL;
    old = signal_action(t, (int)sig);
    if (a[1]) {
        if (sig == SIGKILL || sig == SIGSTOP)
            return -EINVAL;
        if (copy_from_user(&act, a[1], sizeof(act)))
            return -EFAULT;
        if (!t->actions)
            t->actions = kzalloc(SIG_COUNT * sizeof(act));
        if (!t->actions)
            return -ENOMEM;
        t->actions[sig - 1] = act;
        if (signal_is_ignored(t, (int)sig))
            t->pending &= ~SIG_BIT(sig);
        signal_update_work(t);
    }
    return a[2] ? copy_to_user(a[2], &old, sizeof(old)) : 0;
}

i64 sys_rt_sigprocmask(const u64 *a)
{
    struct task *t = current;
    u64 old = t->blocked, set;

    if (a[1]) {
        if (copy_from_user(&set, a[1], sizeof(set)))
            return -EFAULT;
        switch (a[0]) {
        case 0: t->blocked |= set; break;
        case 1: t->blocked &= ~set; break;
        case 2: t->blocked = set; break;
        default: return -EINVAL;
        }
        t->blocked &= ~UNBLOCKABLE;
        signal_update_work(t);
    }
    return a[2] ? copy_to_user(a[2], &old, sizeof(old)) : 0;
}

i64 sys_rt_sigpending(const u64 *a)
{
    u64 set = current->pending;

    return copy_to_user(a[0], &set, sizeof(set));
}

i64 sys_rt_sigsuspend(const u64 *a)
{
    struct task *t = current;
    u64 set;

    if (copy_from_user(&set, a[0], sizeof(set)))
        return -EFAULT;
    t->saved_mask = t->blocked;
    t->suspended = true;
    t->blocked = set & ~UNBLOCKABLE;
    signal_update_work(t);
    while (!signal_pending(t))
        waitq_sleep(NULL, true, WAIT_FOREVER);
    return -EINTR;
}

i64 sys_kill(const u64 *a)
{
    int pid = (int)a[0], sig = (int)a[1];
    struct task *t;

    if (sig < 0 || sig > SIG_COUNT)
        return -EINVAL;
    if (pid <= 0 && pid != -1)
        return signal_send_group(pid ? -pid : current->pgid, sig);
    if (pid == -1)
        return -EPERM;
    t = task_find(pid);
    if (!t)
        return -ESRCH;
    if (sig)
        signal_send(t, sig);
    return 0;
}
