/* Trap handlers that trap.S calls, and its routines that C calls. */
#ifndef PROC_TRAP_H
#define PROC_TRAP_H

#include "proc/task.h"

/* A trap from user mode, with interrupts off. */
void trap_from_user(struct trapframe *tf);

/* A trap from the kernel itself. */
void trap_from_kernel(struct trapframe *tf);

/* The last thing before user code runs: other tasks and signals first. */
void trap_finish(struct trapframe *tf);

/* Where new tasks begin (proc/trap.S). */
void fork_entry(void);
void kthread_entry(void);

void switch_to(struct task *prev, struct task *next);

/* FP registers from and to task->fp; sstatus.FS must not be Off. */
void fp_save(struct task *t);
void fp_restore(struct task *t);

#endif
