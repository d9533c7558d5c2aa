/*
 * The last instructions of a hart before the supervisor.
 *
 * noreturn boot_enter(u64 a0, u64 a1, u64 pc, u64 stack_top): leave for pc in
 * S-mode with translation and supervisor interrupts off. The supervisor sees
 * nothing of the firmware in the other registers.
 */
#include "csr.h"

    .text
    .globl boot_enter
boot_enter:
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
