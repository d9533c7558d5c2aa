/*
 * What a trap saves, and where the assembly finds things in a task.
 *
 * regs[i] is x(i); the place of x0 holds sepc. The frame lies at the very
 * top of the task's kernel stack when the trap came from user mode.
 */
#ifndef TASK_TRAPFRAME_H
#define TASK_TRAPFRAME_H

#define TRAPFRAME_STATUS 256
#define TRAPFRAME_CAUSE 264
#define TRAPFRAME_TVAL 272
#define TRAPFRAME_ORIG_A0 280
#define TRAPFRAME_SIZE 288

#define TASK_KERNEL_SP 0
#define TASK_USER_SP 8
#define TASK_CONTEXT 16
#define TASK_FP 128

#ifndef __ASSEMBLER__
#include "lib/types.h"

enum reg {
    REG_PC = 0,
    REG_RA = 1,
    REG_SP = 2,
    REG_TP = 4,
    REG_A0 = 10,
    REG_A1,
    REG_A2,
    REG_A3,
    REG_A4,
    REG_A5,
    REG_A7 = 17,
};

struct trapframe {
    u64 regs[32];
    u64 status;  /* sstatus */
    u64 cause;   /* scause */
    u64 tval;    /* stval */
    u64 orig_a0; /* a0 at the ecall, to restart it after a signal */
};

static_assert(sizeof(struct trapframe) == TRAPFRAME_SIZE, "trap.S knows this");
static_assert(offsetof(struct trapframe, status) == TRAPFRAME_STATUS, "");

/* What switch_to saves: the callee-saved registers. */
struct context {
    u64 ra;
    u64 sp;
    u64 s[12];
};

struct fpstate {
    u64 f[32];
    u64 fcsr;
};
#endif

#endif
