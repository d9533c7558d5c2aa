/*
 * System calls about signals, but for the return from a handler, which is
 * proc/deliver.c's.
 */
#include "sys/syscall.h"

#include "lib/errno.h"
#include "mm/mm.h"
#include "ram/slab.h"
#include "sys/timespec.h"
#include "task/timer.h"
#include "task/wait.h"

/* siginfo_t, for programs. */
struct user_siginfo {
    struct siginfo info;
    u64 rest[10];
};

i64 sys_rt_sigaction(const u64 *a)
{
    struct task *t = current;
    struct sigaction act, old;
    u64 sig = a[0];

    if (sig == 0 || sig > SIG_COUNT)
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
            sigqueue_discard(t, SIG_BIT(sig));
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
    signal_lend_mask(t, set);
    while (!signal_pending(t))
        waitq_sleep(NULL, true, WAIT_FOREVER);
    return -EINTR;
}

/* Sends to one task that a pid names; signal 0 only asks for it. */
static i64 send_to(int pid, const struct siginfo *info)
{
    struct task *t = task_find(pid);

    if (info->signo < 0 || info->signo > SIG_COUNT)
        return -EINVAL;
    if (!t)
        return -ESRCH;
    return info->signo ? signal_send(t, info) : 0;
}

static struct siginfo from_us(u64 sig, int code)
{
    return (struct siginfo){.signo = (int)sig,
                            .code = code,
                            .fields = {[SIGINFO_PID] = (u64)current->pid}};
}

i64 sys_kill(const u64 *a)
{
    struct siginfo info = from_us(a[1], SI_USER);
    int pid = (int)a[0];

    if (info.signo < 0 || info.signo > SIG_COUNT)
        return -EINVAL;
    if (pid == -1)
        return -EPERM;
    if (pid <= 0)
        return signal_send_group(pid ? -pid : current->pgid, &info);
    return send_to(pid, &info);
}

/* A process is one thread, and both have one number. */
i64 sys_tkill(const u64 *a)
{
    struct siginfo info = from_us(a[1], SI_TKILL);

    return (int)a[0] > 0 ? send_to((int)a[0], &info) : -EINVAL;
}

i64 sys_tgkill(const u64 *a)
{
    struct siginfo info = from_us(a[2], SI_TKILL);

    if ((int)a[0] <= 0 || (int)a[1] <= 0)
        return -EINVAL;
    return a[0] == a[1] ? send_to((int)a[1], &info) : -ESRCH;
}

/* What the sender tells is its own, but it may not pose as kill or as the
 * kernel to others. */
static i64 queue_to(int pid, u64 sig, u64 user_info)
{
    struct siginfo info;

    if (copy_from_user(&info, user_info, sizeof(info)))
        return -EFAULT;
    if ((info.code >= 0 || info.code == SI_TKILL) && pid != current->pid)
        return -EPERM;
    info.signo = (int)sig;
    return send_to(pid, &info);
}

i64 sys_rt_sigqueueinfo(const u64 *a)
{
    return queue_to((int)a[0], a[1], a[2]);
}

i64 sys_rt_tgsigqueueinfo(const u64 *a)
{
    if ((int)a[0] <= 0 || (int)a[1] <= 0)
        return -EINVAL;
    return a[0] == a[1] ? queue_to((int)a[1], a[2], a[3]) : -ESRCH;
}

/* Sleeps until one of the signals in t->awaited is pending: its number. */
static i64 await_signal(struct task *t, u64 end)
{
    while (!(t->pending & t->awaited)) {
        if (end != WAIT_FOREVER && time_now() >= end)
            return -EAGAIN;
        if (waitq_sleep(NULL, true, end) == -ERESTARTSYS &&
            !(t->pending & t->awaited))
            return -EINTR;
    }
    return __builtin_ctzl(t->pending & t->awaited) + 1;
}

i64 sys_rt_sigtimedwait(const u64 *a)
{
    struct user_siginfo told = {0};
    struct task *t = current;
    u64 end = WAIT_FOREVER, set;
    i64 sig = 0;

    if (copy_from_user(&set, a[0], sizeof(set)))
        return -EFAULT;
    if (a[2])
        sig = time_end_of(a[2], &end);
    if (sig)
        return sig;
    t->awaited = set & ~UNBLOCKABLE;
    sig = await_signal(t, end);
    t->awaited = 0;
    if (sig < 0)
        return sig;
    sigqueue_take(t, (int)sig, &told.info);
    signal_update_work(t);
    return a[1] && copy_to_user(a[1], &told, sizeof(told)) ? -EFAULT : sig;
}
