/*
 * fork, vfork, clone, and the birth of kernel threads: one copy_process.
 *
 * The order is the point. First everything that can fail is obtained; then
 * the parent's pages lose W and the fence runs (mm_copy); only then is the
 * child published, so nobody can ever run it before the parent is safe.
 */
#include "proc/fork.h"

#include "check/selfcheck.h"
#include "dev/printk.h"
#include "file/file.h"
#include "lib/csr.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "ram/slab.h"
#include "task/mark.h"
#include "task/sched.h"
#include "task/switch.h"
#include "task/timer.h"
#include "task/wait.h"

static bool over_limit(void)
{
    return task_count() >= current->nproc.cur;
}

static bool copy_actions(struct task *child)
{
    if (!current->actions)
        return true;
    child->actions = kmalloc(SIG_COUNT * sizeof(struct sigaction));
    if (!child->actions)
        return false;
    memcpy(child->actions, current->actions,
           SIG_COUNT * sizeof(struct sigaction));
    return true;
}

static void inherit(struct task *child)
{
    memcpy(child->comm, current->comm, COMM_SIZE);
    child->pgid = current->pgid;
    child->sid = current->sid;
    child->umask = current->umask;
    child->fork_mode = current->fork_mode;
    child->blocked = current->blocked;
    child->nproc = current->nproc;
    child->nofile = current->nofile;
    child->cwd = inode_get(current->cwd);
    child->start_time = time_now();
}

/* The child's user registers: the parent's, but for a0, and for sp and tp where
 * the call gives others. */
static void copy_frame(struct task *child, const struct clone_args *args)
{
    struct trapframe *tf = task_trapframe(child);

    *tf = *task_trapframe(current);
    if ((tf->status & SSTATUS_FS) == SSTATUS_FS_DIRTY) {
        csr_set(sstatus, SSTATUS_FS);
        fp_save(child);
        csr_clear(sstatus, SSTATUS_FS);
        tf->status = (tf->status & ~(u64)SSTATUS_FS) | SSTATUS_FS_CLEAN;
    } else if (tf->status & SSTATUS_FS) {
        child->fp = current->fp;
    }
    tf->regs[REG_A0] = 0;
    if (args->stack)
        tf->regs[REG_SP] = args->stack;
    if (args->flags & CLONE_SETTLS)
        tf->regs[REG_TP] = args->tls;
    child->context.ra = (u64)fork_entry;
    child->context.sp = child->kernel_sp;
}

static void kthread_frame(struct task *child, const struct clone_args *args)
{
    child->context.ra = (u64)kthread_entry;
    child->context.sp = child->kernel_sp;
    child->context.s[0] = (u64)args->fn;
    child->context.s[1] = (u64)args->arg;
    task_trapframe(child)->status = SSTATUS_SPIE;
    task_set_comm(child, args->name);
}

static struct mm *child_mm(const struct clone_args *args)
{
    if (args->flags & CLONE_VM) {
        mm_get(current->mm);
        return current->mm;
    }
    return mm_copy(current->mm, current->fork_mode);
}

struct task *copy_process(const struct clone_args *args, int *err)
{
    struct task *child;

    *err = -EAGAIN;
    if (over_limit())
        return NULL;
    child = task_alloc(err);
    if (!child)
        return NULL;
    *err = -ENOMEM;
    if (args->fn) {
        inherit(child);
        kthread_frame(child, args);
        return child;
    }
    child->files = fdtable_copy(current->files);
    if (!child->files || !copy_actions(child))
        goto fail;
    child->mm = child_mm(args);
    if (!child->mm)
        goto fail;
    inherit(child);
    child->exit_signal = (int)(args->flags & CLONE_SIGNAL_MASK);
    copy_frame(child, args);
    return child;
fail:
    fdtable_put(child->files);
    task_free(child);
    return NULL;
}

struct task *kernel_thread(int (*fn)(void *arg), void *arg, const char *name)
{
    struct clone_args args = {.fn = fn, .arg = arg, .name = name};
    int err;
    struct task *child = copy_process(&args, &err);

    if (!child)
        return NULL;
    task_publish(child, current);
    sched_start(child);
    return child;
}

/* The child stores its own pid itself, as the first user of its own copy of
 * that page. */
void fork_begin(void)
{
    if (current->set_tid)
        copy_to_user(current->set_tid, &current->pid, sizeof(int));
    current->set_tid = 0;
}

static void set_tids(const struct clone_args *args, struct task *child)
{
    if (args->flags & CLONE_PARENT_SETTID)
        copy_to_user(args->parent_tid, &child->pid, sizeof(int));
    if (args->flags & CLONE_CHILD_SETTID)
        child->set_tid = args->child_tid;
    if (args->flags & CLONE_CHILD_CLEARTID)
        child->clear_tid = args->child_tid;
}

i64 sys_clone(const u64 *a)
{
    struct clone_args args = {
        .flags = a[0],
        .stack = a[1],
        .parent_tid = a[2],
        .tls = a[3],
        .child_tid = a[4],
    };
    struct completion done;
    struct task *child;
    u64 before;
    int err, pid;

    if ((args.flags & CLONE_SIGNAL_MASK) > SIG_COUNT)
        return -EINVAL;
    before = selfcheck_fingerprint(current->mm);
    child = copy_process(&args, &err);
    if (!child) {
        selfcheck_unchanged(current->mm, before);
        return err;
    }
    task_publish(child, current);
    pid = child->pid;
    set_tids(&args, child);
    mark_fork(current->pid, pid, mm_satp(child->mm));
    completion_init(&done);
    if (args.flags & CLONE_VFORK)
        child->vfork_done = &done;
    sched_start(child);
    selfcheck_step();
    if (args.flags & CLONE_VFORK)
        wait_for_completion(&done);
    return pid;
}
