/*
 * The delivery of signals, on the way back to user code.
 *
 * A task either ends, or gets a frame on its stack that looks to the handler
 * like a call, and to rt_sigreturn like the state to go back to. RISC-V has
 * no restorer in sigaction: the return address is a page of two
 * instructions, the same frame in every process.
 */
#include "proc/deliver.h"

#include "fs/inode.h"
#include "lib/csr.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "proc/exit.h"
#include "task/switch.h"
#include "task/task.h"

/* struct rt_sigframe of riscv64 Linux */
struct sigframe {
    struct siginfo info;
    u64 info_rest[10];
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

static bool push_frame(struct trapframe *tf, const struct siginfo *info,
                       const struct sigaction *act, u64 mask)
{
    struct sigframe frame = {.info = *info, .uc_sigmask = mask};
    u64 sp = ALIGN_DOWN(tf->regs[REG_SP] - sizeof(frame), 16);

    memcpy(frame.regs, tf->regs, sizeof(frame.regs));
    if (tf->status & SSTATUS_FS) {
        csr_set(sstatus, SSTATUS_FS);
        fp_save(current);
        csr_clear(sstatus, SSTATUS_FS);
        frame.fp = current->fp;
    }
    if (copy_to_user(sp, &frame, sizeof(frame)))
        return false;
    drop_reservation(); /* the handler may store to the word in question */
    tf->regs[REG_PC] = act->handler;
    tf->regs[REG_RA] = SIGRETURN_VA;
    tf->regs[REG_SP] = sp;
    tf->regs[REG_A0] = (u64)info->signo;
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

static void handle(struct trapframe *tf, const struct siginfo *info)
{
    struct task *t = current;
    int sig = info->signo;
    struct sigaction act = signal_action(t, sig);
    u64 mask = t->mask_is_lent ? t->saved_mask : t->blocked;

    if (signal_is_ignored(t, sig))
        return;
    if (act.handler == SIG_DFL)
        do_exit(sig);
    settle_call(tf, &act);
    t->mask_is_lent = false;
    if (!push_frame(tf, info, &act, mask))
        do_exit(SIGSEGV);
    t->blocked |= act.mask;
    if (!(act.flags & SA_NODEFER))
        t->blocked |= SIG_BIT(sig);
    t->blocked &= ~UNBLOCKABLE;
    if (act.flags & SA_RESETHAND)
        t->actions[sig - 1] = (struct sigaction){0};
}

void deliver_signals(struct trapframe *tf)
{
    struct task *t = current;

    while (signal_pending(t)) {
        struct siginfo info;

        sigqueue_take(t, __builtin_ctzl(t->pending & ~t->blocked) + 1, &info);
        handle(tf, &info);
    }
    signal_return_mask(t);
    settle_call(tf, NULL);
    signal_update_work(t);
}

i64 sys_rt_sigreturn(const u64 *a)
{
    struct trapframe *tf = task_trapframe(current);
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
    signal_update_work(current);
    tf->cause = 0; /* the restored a0 is no result of a call */
    return (i64)tf->regs[REG_A0];
}

/* rt_sigreturn is call 139:  li a7, 139; ecall */
int deliver_map_trampoline(struct mm *mm)
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
