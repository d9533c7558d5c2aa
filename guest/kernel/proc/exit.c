/*
 * exit and wait4.
 *
 * A task that ends gives back everything but its struct task and kernel
 * stack, which it still stands on; whoever waits for it frees those. Its
 * children go to init. A zombie has no mm.
 */
#include "proc/exit.h"

#include "check/selfcheck.h"
#include "dev/power.h"
#include "dev/printk.h"
#include "file/file.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "task/futex.h"
#include "task/mark.h"
#include "task/sched.h"
#include "task/wait.h"

#define RUSAGE_SIZE 144
#define KTHREADD_PID 2 /* reaps whatever ends below it */

/* When init ends, so does the machine, with its status: the exit code, or
 * 128 plus the signal. */
static _Noreturn void init_ended(int status)
{
    int code = status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;

    selfcheck_all();
    inform("init has ended with status %d, power off\n", code);
    power_off(code);
}

static void give_away(struct task *child, struct task *parent)
{
    list_del(&child->sibling);
    child->parent = parent;
    child->exit_signal = SIGCHLD;
    list_add_tail(&child->sibling, &parent->children);
}

static void give_children_away(struct task *t)
{
    struct task *init = task_find(1);

    list_for_each_safe (at, &t->children) {
        struct task *child = list_entry(at, struct task, sibling);

        give_away(child, init);
        if (child->state == TASK_ZOMBIE)
            waitq_wake_all(&init->child_exit);
    }
}

static void drop_memory(struct task *t)
{
    struct mm *mm = t->mm;
    int zero = 0;

    if (!mm)
        return;
    if (t->clear_tid && mm->refs > 1) {
        copy_to_user(t->clear_tid, &zero, sizeof(zero));
        futex_wake(t->clear_tid, false, 1, FUTEX_ALL);
    }
    mark_exit(t->pid, t->exit_status, mm_satp(mm));
    t->mm = NULL;
    mm_put(mm);
    if (t->vfork_done)
        complete(t->vfork_done);
    t->vfork_done = NULL;
}

/* Whether the parent has said that it will wait for no child. */
static bool is_unwanted(const struct task *t)
{
    struct sigaction act = signal_action(t->parent, SIGCHLD);

    return act.handler == SIG_IGN || (act.flags & SA_NOCLDWAIT);
}

static void notify_parent(struct task *t)
{
    int sig = t->exit_status & 0x7f;
    struct siginfo info = {
        .signo = t->exit_signal,
        .code = sig ? CLD_KILLED : CLD_EXITED,
        .fields = {[SIGINFO_PID] = (u64)t->pid,
                   [SIGINFO_STATUS] = (u64)(sig ? sig : t->exit_status >> 8)},
    };

    if (t->exit_signal)
        signal_send(t->parent, &info);
    waitq_wake_all(&t->parent->child_exit);
    if (is_unwanted(t)) {
        give_away(t, task_find(KTHREADD_PID));
        waitq_wake_all(&t->parent->child_exit);
    }
}

void do_exit(int status)
{
    struct task *t = current;

    t->exit_status = status;
    if (t->pid == 1)
        init_ended(status);
    fdtable_put(t->files);
    t->files = NULL;
    inode_put(t->cwd);
    t->cwd = NULL;
    drop_memory(t);
    sigqueue_discard(t, ~0ul);
    give_children_away(t);
    t->state = TASK_ZOMBIE;
    notify_parent(t);
    if (t->wait_comp)
        complete(t->wait_comp);
    selfcheck_step();
    schedule();
    PANIC("pid %d runs after its end", t->pid);
}

bool exit_reap_any(struct task *parent)
{
    list_for_each (at, &parent->children) {
        struct task *child = list_entry(at, struct task, sibling);

        if (child->state == TASK_ZOMBIE) {
            release_task(child);
            return true;
        }
    }
    return false;
}

i64 sys_exit(const u64 *a)
{
    do_exit((int)(a[0] & 0xff) << 8);
}

/* Children that end with another signal than SIGCHLD, or with none, are only
 * for those who ask for all. */
static bool wanted(const struct task *child, int pid, u64 options)
{
    if (child->exit_signal != SIGCHLD && !(options & WALL))
        return false;
    if (pid > 0)
        return child->pid == pid;
    return pid == -1 || child->pgid == (pid ? -pid : current->pgid);
}

/* An ended child that `pid` means; *any tells whether there are others that
 * may yet end. */
static struct task *find_ended(int pid, u64 options, bool *any)
{
    *any = false;
    list_for_each (at, &current->children) {
        struct task *child = list_entry(at, struct task, sibling);

        if (!wanted(child, pid, options))
            continue;
        if (child->state == TASK_ZOMBIE)
            return child;
        *any = true;
    }
    return NULL;
}

i64 sys_wait4(const u64 *a)
{
    static const u8 no_usage[RUSAGE_SIZE];
    int pid = (int)a[0], status;
    struct task *child;
    bool any;

    while (!(child = find_ended(pid, a[2], &any))) {
        int err;

        if (!any)
            return -ECHILD;
        if (a[2] & WNOHANG)
            return 0;
        err = waitq_sleep(&current->child_exit, true, WAIT_FOREVER);
        if (err)
            return err;
    }
    pid = child->pid;
    status = child->exit_status;
    if ((a[1] && copy_to_user(a[1], &status, sizeof(status))) ||
        (a[3] && copy_to_user(a[3], no_usage, sizeof(no_usage))))
        return -EFAULT;
    release_task(child);
    selfcheck_step();
    return pid;
}
