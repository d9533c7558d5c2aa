/*
 * The first instructions of every hart, and the last before the supervisor.
 *
 * The boot ROM enters with a0 = hart id, a1 = device tree, a2 = pointer to
 * fw_dynamic_info, in M-mode with interrupts off. Each hart takes the stack
 * that its id names and goes on in C; one beyond HARTS_MAX sleeps for ever.
 *
 * mscratch is the top of the hart's stack while it runs below M-mode and 0
 * while it runs here: that is how trap.S tells the two apart.
 */
#include "csr.h"
#include "layout.h"

    .section .text.start, "ax", @progbits
    .globl _start
_start:
    csrw mie, zero
    csrw mscratch, zero
    la t0, trap_entry
    csrw mtvec, t0
    li t0, HARTS_MAX
    bgeu a0, t0, .Lpark
    la sp, stacks_start
    addi t0, a0, 1
    slli t0, t0, STACK_SHIFT
    add sp, sp, t0
    tail firmware_main

.Lpark:
    wfi
    j .Lpark

/*
 * noreturn hart_enter_supervisor(u64 a0, u64 a1, u64 pc, u64 stack_top):
 * leave for pc in S-mode with translation and supervisor interrupts off.
 * The supervisor sees nothing of the firmware in the other registers.
 */
    .text
    .globl hart_enter_supervisor
hart_enter_supervisor:
    csrw mepc, a2
    csrw mscratch, a3
    li t0, MSTATUS_STALE
    csrc mstatus, t0
    li t0, MSTATUS_MPP_S | MSTATUS_FS
    csrs mstatus, t0
    csrw satp, zero
    csrw stvec, zero
    csrw sscratch, zero
    sfence.vma
    fence.i
    .irp reg, ra, sp, gp, tp, t0, t1, t2, s0, s1, a2, a3, a4, a5, a6, a7
    li \reg, 0
    .endr
    .irp reg, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6
    li \reg, 0
    .endr
    mret
