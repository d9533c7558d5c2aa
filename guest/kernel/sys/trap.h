/* Trap handlers, for trap.S. */
#ifndef SYS_TRAP_H
#define SYS_TRAP_H

#include "task/trapframe.h"

/* A trap from user mode, with interrupts off. */
void trap_from_user(struct trapframe *tf);

/* A trap from the kernel itself. */
void trap_from_kernel(struct trapframe *tf);

/* The last thing before user code runs: other tasks and signals first. */
void trap_finish(struct trapframe *tf);

#endif
