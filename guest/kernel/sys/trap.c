/*
 * Traps: from user code (system calls, faults, interrupts) and from the
 * kernel itself (interrupts of kernel threads, faults on user memory).
 */
#include "sys/trap.h"

#include "dev/plic.h"
#include "dev/printk.h"
#include "dev/uart.h"
#include "file/tty.h"
#include "lib/csr.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "proc/deliver.h"
#include "sys/syscall.h"
#include "task/sched.h"
#include "task/switch.h"

static void external_interrupt(void)
{
    u32 irq;

    while ((irq = plic_claim()) != 0) {
        if (irq == uart_irq())
            tty_receive();
        plic_complete(irq);
    }
}

static void interrupt(u64 cause)
{
    switch (cause & ~SCAUSE_INTERRUPT) {
    case IRQ_S_TIMER: sched_timer_interrupt(); break;
    case IRQ_S_EXTERNAL: external_interrupt(); break;
    default: PANIC("interrupt %lu", cause & ~SCAUSE_INTERRUPT);
    }
}

static bool is_page_fault(u64 cause)
{
    return cause == CAUSE_FETCH_PAGE || cause == CAUSE_LOAD_PAGE ||
           cause == CAUSE_STORE_PAGE;
}

/* The signal of a page fault that could not be served. */
static void refuse_fault(u64 va, int err)
{
    struct task *t = current;

    switch (err) {
    case -ENOMEM:
        printk("pid %d (%s): out of memory, killed\n", t->pid, t->comm);
        signal_force(t, SIGKILL, SI_KERNEL, 0);
        break;
    case -EIO: signal_force(t, SIGBUS, BUS_ADRERR, va); break;
    default:
        signal_force(t, SIGSEGV,
                     find_vma(t->mm, va) ? SEGV_ACCERR : SEGV_MAPERR, va);
    }
}

static void user_page_fault(struct trapframe *tf)
{
    int err = do_page_fault(current->mm, tf->tval, tf->cause);

    if (err)
        refuse_fault(tf->tval, err);
}

/* The first FP instruction of a program: it starts with zeroed registers.
 * Any other illegal instruction is the program's own fault. */
static void illegal_instruction(struct trapframe *tf)
{
    if (tf->status & SSTATUS_FS) {
        signal_force(current, SIGILL, ILL_ILLOPC, tf->regs[REG_PC]);
        return;
    }
    memset(&current->fp, 0, sizeof(current->fp));
    csr_set(sstatus, SSTATUS_FS);
    fp_restore(current);
    csr_clear(sstatus, SSTATUS_FS);
    tf->status |= SSTATUS_FS_CLEAN;
}

static void exception(struct trapframe *tf)
{
    if (is_page_fault(tf->cause)) {
        user_page_fault(tf);
        return;
    }
    switch (tf->cause) {
    case CAUSE_ILLEGAL: illegal_instruction(tf); break;
    case CAUSE_BREAKPOINT:
        signal_force(current, SIGTRAP, TRAP_BRKPT, tf->regs[REG_PC]);
        break;
    case CAUSE_FETCH_MISALIGNED:
    case CAUSE_LOAD_MISALIGNED:
    case CAUSE_STORE_MISALIGNED:
        signal_force(current, SIGBUS, BUS_ADRALN, tf->tval);
        break;
    case CAUSE_FETCH_ACCESS:
    case CAUSE_LOAD_ACCESS:
    case CAUSE_STORE_ACCESS:
        signal_force(current, SIGSEGV, SEGV_ACCERR, tf->tval);
        break;
    default:
        PANIC("pid %d: trap %lu at 0x%lx", current->pid, tf->cause,
              tf->regs[REG_PC]);
    }
}

void trap_from_user(struct trapframe *tf)
{
    if (tf->cause == CAUSE_ECALL_U) {
        tf->regs[REG_PC] += 4;
        syscall_dispatch(tf);
    } else if (tf->cause & SCAUSE_INTERRUPT) {
        interrupt(tf->cause);
    } else {
        exception(tf);
    }
}

void trap_finish(struct trapframe *tf)
{
    while (current->work) {
        if (current->work & WORK_RESCHED)
            schedule();
        if (current->work & WORK_SIGNAL)
            deliver_signals(tf);
    }
}

void trap_from_kernel(struct trapframe *tf)
{
    u64 pc = tf->regs[REG_PC];

    if (tf->cause & SCAUSE_INTERRUPT) {
        interrupt(tf->cause);
        if ((current->work & WORK_RESCHED) && current != &idle_task)
            schedule();
        return;
    }
    if (is_page_fault(tf->cause) && current->mm && pc >= (u64)uaccess_start &&
        pc < (u64)uaccess_end) {
        if (tf->tval >= USER_END ||
            do_page_fault(current->mm, tf->tval, tf->cause))
            tf->regs[REG_PC] = (u64)uaccess_failed;
        return;
    }
    PANIC("pid %d (%s): kernel trap %lu at 0x%lx, stval 0x%lx", current->pid,
          current->comm, tf->cause, pc, tf->tval);
}
