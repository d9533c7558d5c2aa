/*
 * Signals.
 *
 * Pending signals are looked at only on the way back to user code. There a
 * task either ends, or gets a frame on its stack that looks to the handler
 * like a call, and to rt_sigreturn like the state to go back to. RISC-V has
 * no restorer in sigaction: the return address is a page of two
 * instructions, the same frame in every process.
 */
#include "proc/signal.h"

#include "fs/inode.h"
#include "lib/csr.h"
#include "lib/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "proc/exit.h"
#include "proc/sched.h"
#include "proc/syscall.h"
#include "proc/trap.h"
#include "proc/wait.h"

#define SA_RESTART 0x10000000
#define SA_NODEFER 0x40000000
#define SA_RESETHAND 0x80000000
#define UNBLOCKABLE (SIG_BIT(SIGKILL) | SIG_BIT(SIGSTOP))

/* struct rt_sigframe of riscv64 Linux */
struct sigframe {
    struct {
        i32 signo, error, code, pad;
        u64 fields[14];
    } info;
    u64 uc_flags;
    u64 uc_link;
    u64 uc_stack[3];
    u64 uc_sigmask;
    u8 unused[128]; /* the mask may grow to 1024 bits, then alignment */
    u64 regs[32];
    struct fpstate fp;
    u64 fp_reserved[33];
};

static_assert(offsetof(struct sigframe, regs) == 128 + 176, "ucontext ABI");
static_assert(sizeof(struct sigframe) == 128 + 176 + 256 + 528, "");

static struct inode *trampoline;

static struct sigaction action_of(const struct task *t, int sig)
{
    return t->actions ? t->actions[sig - 1] : (struct sigaction){0};
}

static bool ignored_by_default(int sig)
{
    return sig == SIGCHLD || sig == SIGCONT || sig == SIGURG ||
           sig == SIGWINCH || sig == SIGTSTP || sig == SIGTTIN ||
           sig == SIGTTOU || sig == SIGSTOP;
}

static bool is_ignored(const struct task *t, int sig)
{
    u64 handler = action_of(t, sig).handler;

    return handler == SIG_IGN ||
           (handler == SIG_DFL && ignored_by_default(sig));
}

bool signal_pending(const struct task *t)
{
    return (t->pending & ~t->blocked) != 0;
}

static void update_work(struct task *t)
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
    if (is_ignored(t, sig) && !(t->blocked & SIG_BIT(sig)))
        return;
    t->pending |= SIG_BIT(sig);
    update_work(t);
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
    if (action_of(t, sig).handler == SIG_IGN || (t->blocked & SIG_BIT(sig))) {
        if (t->actions)
            t->actions[sig - 1].handler = SIG_DFL;
        t->blocked &= ~SIG_BIT(sig);
    }
    t->pending |= SIG_BIT(sig);
    update_work(t);
}

void signal_reset(struct task *t)
{
    for (int sig = 1; t->actions && sig <= SIG_COUNT; sig++) {
        struct sigaction *act = &t->actions[sig - 1];

        if (act->handler != SIG_IGN)
            *act = (struct sigaction){0};
    }
}

static bool push_frame(struct trapframe *tf, int sig,
                       const struct sigaction *act, u64 mask)
{
    struct sigframe frame = {.info.signo = sig, .uc_sigmask = mask};
    u64 sp = ALIGN_DOWN(tf->regs[REG_SP] - sizeof(frame), 16);

    memcpy(frame.regs, tf->regs, sizeof(frame.regs));
    if (sig == SIGSEGV || sig == SIGBUS)
        frame.info.fields[0] = tf->tval;
    if (tf->status & SSTATUS_FS) {
        csr_set(sstatus, SSTATUS_FS);
        fp_save(current);
        csr_clear(sstatus, SSTATUS_FS);
        frame.fp = current->fp;
    }
    if (copy_to_user(sp, &frame, sizeof(frame)))
        return false;
    tf->regs[REG_PC] = act->handler;
    tf->regs[REG_RA] = SIGRETURN_VA;
    tf->regs[REG_SP] = sp;
    tf->regs[REG_A0] = (u64)sig;
    tf->regs[REG_A1] = sp + offsetof(struct sigframe, info);
    tf->regs[REG_A2] = sp + offsetof(struct sigframe, uc_flags);
    return true;
}

/* An interrupted call starts over, or tells that it was interrupted. */
static void settle_call(struct trapframe *tf, const struct sigaction *act)
{
    if (tf->cause != CAUSE_ECALL_U || tf->regs[REG_A0] != (u64)-ERESTARTSYS)
        return;
    if (act && !(act->flags & SA_RESTART)) {
        tf->regs[REG_A0] = (u64)-EINTR;
        return;
    }
    tf->regs[REG_PC] -= 4;
    tf->regs[REG_A0] = tf->orig_a0;
}

static void handle(struct trapframe *tf, int sig)
{
    struct task *t = current;
    struct sigaction act = action_of(t, sig);
    u64 mask = t->suspended ? t->saved_mask : t->blocked;

    if (is_ignored(t, sig))
        return;
    if (act.handler == SIG_DFL)
        do_exit(sig);
    settle_call(tf, &act);
    t->suspended = false;
    if (!push_frame(tf, sig, &act, mask))
        do_exit(SIGSEGV);
    t->blocked |= act.mask;
    if (!(act.flags & SA_NODEFER))
        t->blocked |= SIG_BIT(sig);
    t->blocked &= ~UNBLOCKABLE;
    if (act.flags & SA_RESETHAND)
        t->actions[sig - 1] = (struct sigaction){0};
}

void signal_deliver(struct trapframe *tf)
{
    struct task *t = current;

    while (signal_pending(t)) {
        int sig = __builtin_ctzl(t->pending & ~t->blocked) + 1;

        t->pending &= ~SIG_BIT(sig);
        handle(tf, sig);
    }
    if (t->suspended) {
        t->suspended = false;
        t->blocked = t->saved_mask;
    }
    settle_call(tf, NULL);
    update_work(t);
}

i64 sys_rt_sigreturn(const u64 *a)
{
    struct trapframe *tf = task_frame(current);
    struct sigframe frame;

    (void)a;
    if (copy_from_user(&frame, tf->regs[REG_SP], sizeof(frame)))
        do_exit(SIGSEGV);
    memcpy(tf->regs, frame.regs, sizeof(tf->regs));
    if (tf->status & SSTATUS_FS) {
        current->fp = frame.fp;
        csr_set(sstatus, SSTATUS_FS);
        fp_restore(current);
        csr_clear(sstatus, SSTATUS_FS);
    }
    current->blocked = frame.uc_sigmask & ~UNBLOCKABLE;
    update_work(current);
    tf->cause = 0; /* the restored a0 is no result of a call */
    return (i64)tf->regs[REG_A0];
}

i64 sys_rt_sigaction(const u64 *a)
{
    struct task *t = current;
    struct sigaction act, old;
    u64 sig = a[0];

    if (sig == 0 || sig > SIG_COUNT || a[3] != sizeof(u64))
        return -EINVAL;
    old = action_of(t, (int)sig);
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
        if (is_ignored(t, (int)sig))
            t->pending &= ~SIG_BIT(sig);
        update_work(t);
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
        update_work(t);
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
    update_work(t);
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

/* rt_sigreturn is call 139:  li a7, 139; ecall */
int signal_map_trampoline(struct mm *mm)
{
    static const u32 code[2] = {0x08b00893, 0x00000073};

    if (!trampoline) {
        trampoline = inode_new(S_IFREG | 0555);
        if (!trampoline)
            return -ENOMEM;
        if (inode_write(trampoline, 0, code, sizeof(code)) < 0)
            return -ENOMEM;
    }
    return do_mmap(mm, SIGRETURN_VA, PAGE_SIZE, VM_READ | VM_EXEC, trampoline,
                   0, sizeof(code));
}
