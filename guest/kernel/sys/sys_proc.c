/*
 * System calls about processes: who they are, limits, small services.
 */
#include "sys/syscall.h"

#include "lib/errno.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "ram/frames.h"
#include "task/sched.h"
#include "task/timer.h"
#include "uapi/fork.h"

#define RLIMIT_STACK 3
#define RLIMIT_CORE 4
#define RLIMIT_NPROC 6
#define RLIMIT_NOFILE 7
#define PR_SET_NAME 15
#define PR_GET_NAME 16

i64 sys_getpid(const u64 *a)
{
    (void)a;
    return current->pid;
}

i64 sys_getppid(const u64 *a)
{
    (void)a;
    return current->parent->pid;
}

i64 sys_zero(const u64 *a)
{
    (void)a;
    return 0;
}

/* The task that a pid argument means: 0 is the caller. */
static struct task *task_arg(u64 pid)
{
    return (int)pid ? task_find((int)pid) : current;
}

i64 sys_setpgid(const u64 *a)
{
    struct task *t = task_arg(a[0]);
    int pgid = (int)a[1];

    if (!t || (t != current && t->parent != current))
        return -ESRCH;
    if (pgid < 0)
        return -EINVAL;
    t->pgid = pgid ? pgid : t->pid;
    return 0;
}

i64 sys_getpgid(const u64 *a)
{
    struct task *t = task_arg(a[0]);

    return t ? t->pgid : -ESRCH;
}

i64 sys_getsid(const u64 *a)
{
    struct task *t = task_arg(a[0]);

    return t ? t->sid : -ESRCH;
}

i64 sys_setsid(const u64 *a)
{
    (void)a;
    if (current->pgid == current->pid && current->sid != current->pid &&
        current->pid != 1)
        return -EPERM;
    current->pgid = current->sid = current->pid;
    return current->sid;
}

i64 sys_set_tid_address(const u64 *a)
{
    current->clear_tid = a[0];
    return current->pid;
}

i64 sys_uname(const u64 *a)
{
    char names[6][65] = {"Linux", "emu", "6.1.0", "emu kernel", "riscv64", ""};

    return copy_to_user(a[0], names, sizeof(names));
}

i64 sys_umask(const u64 *a)
{
    u32 old = current->umask;

    current->umask = a[0] & 0777;
    return old;
}

i64 sys_prctl(const u64 *a)
{
    char name[COMM_SIZE];

    switch (a[0]) {
    case PR_SET_NAME:
        if (copy_string_from_user(name, a[1], sizeof(name)) == -EFAULT)
            return -EFAULT;
        name[COMM_SIZE - 1] = 0;
        task_set_comm(current, name);
        return 0;
    case PR_GET_NAME: return copy_to_user(a[1], current->comm, COMM_SIZE);
    case PR_SET_FORK_MODE:
        if (a[1] > FORK_COW)
            return -EINVAL;
        current->fork_mode = (u8)a[1];
        return 0;
    case PR_GET_FORK_MODE: return current->fork_mode;
    default: return -EINVAL;
    }
}

/* The limits that are kept; each of the others is what it is. */
static struct rlimit *limit_of(struct task *t, u64 resource)
{
    switch (resource) {
    case RLIMIT_NPROC: return &t->nproc;
    case RLIMIT_NOFILE: return &t->nofile;
    default: return NULL;
    }
}

static struct rlimit fixed_limit(u64 resource)
{
    switch (resource) {
    case RLIMIT_STACK: return (struct rlimit){STACK_SIZE, STACK_SIZE};
    case RLIMIT_CORE: return (struct rlimit){0, 0};
    default: return (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
    }
}

/* Setting what is not kept to another value is refused: nothing would hold to
 * it. */
static int set_limit(struct rlimit *kept, const struct rlimit *now, u64 user)
{
    struct rlimit wanted;

    if (copy_from_user(&wanted, user, sizeof(wanted)))
        return -EFAULT;
    if (wanted.cur > wanted.max)
        return -EINVAL;
    if (wanted.max > now->max)
        return -EPERM;
    if (kept)
        *kept = wanted;
    else if (wanted.cur != now->cur || wanted.max != now->max)
        return -EINVAL;
    return 0;
}

i64 sys_prlimit64(const u64 *a)
{
    struct task *t = task_arg(a[0]);
    struct rlimit *kept, now;
    int err = 0;

    if (!t)
        return -ESRCH;
    kept = limit_of(t, a[1]);
    now = kept ? *kept : fixed_limit(a[1]);
    if (a[2])
        err = set_limit(kept, &now, a[2]);
    if (!err && a[3])
        err = copy_to_user(a[3], &now, sizeof(now));
    return err;
}

i64 sys_getrandom(const u64 *a)
{
    u8 chunk[64];

    for (u64 done = 0; done < a[1]; done += sizeof(chunk)) {
        u64 part = min_u64(a[1] - done, sizeof(chunk));

        random_fill(chunk, part);
        if (copy_to_user(a[0] + done, chunk, part))
            return -EFAULT;
    }
    return (i64)a[1];
}

i64 sys_sched_yield(const u64 *a)
{
    (void)a;
    current->work |= WORK_RESCHED;
    return 0;
}

i64 sys_sysinfo(const u64 *a)
{
    struct {
        i64 uptime;
        u64 loads[3];
        u64 total, free, shared, buffer, swap_total, swap_free;
        u16 procs, pad;
        u64 high_total, high_free;
        u32 unit;
    } info = {
        .uptime = (i64)(time_now() / time_hz()),
        .total = frames_total() * PAGE_SIZE,
        .free = frames_free_count() * PAGE_SIZE,
        .procs = (u16)task_count(),
        .unit = 1,
    };

    return copy_to_user(a[0], &info, sizeof(info));
}
