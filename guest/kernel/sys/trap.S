/*
 * Trap entry and exit.
 *
 * While user code runs, sscratch holds the task; in the kernel it is 0 and
 * tp holds the task. One swap at entry therefore tells where the trap came
 * from without needing a register.
 */
#include "lib/csr.h"
#include "task/trapframe.h"

    .macro save_registers
    sd x1, 8(sp)
    sd x3, 24(sp)
    .irp n, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd x\n, \n * 8(sp)
    .endr
    .endm

    .macro save_csrs
    csrr t0, sepc
    csrr t1, sstatus
    csrr t2, scause
    csrr t3, stval
    sd t0, 0(sp)
    sd t1, TRAPFRAME_STATUS(sp)
    sd t2, TRAPFRAME_CAUSE(sp)
    sd t3, TRAPFRAME_TVAL(sp)
    .endm

    .macro restore_registers
    ld t0, 0(sp)
    ld t1, TRAPFRAME_STATUS(sp)
    csrw sepc, t0
    csrw sstatus, t1
    ld x1, 8(sp)
    ld x3, 24(sp)
    .irp n, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld x\n, \n * 8(sp)
    .endr
    .endm

    .text
    .balign 4
    .globl trap_entry
trap_entry:
    csrrw tp, sscratch, tp
    bnez tp, from_user

from_kernel:
    csrrw tp, sscratch, tp      /* tp: the task; sscratch: 0 again */
    addi sp, sp, -TRAPFRAME_SIZE
    save_registers
    addi t0, sp, TRAPFRAME_SIZE
    sd t0, 16(sp)
    save_csrs
    mv a0, sp
    call trap_from_kernel
    restore_registers
    addi sp, sp, TRAPFRAME_SIZE
    sret

from_user:
    sd sp, TASK_USER_SP(tp)
    ld sp, TASK_KERNEL_SP(tp)
    save_registers
    ld t0, TASK_USER_SP(tp)
    csrrw t1, sscratch, zero    /* the user's tp */
    sd t0, 16(sp)
    sd t1, 32(sp)
    save_csrs
    mv a0, sp
    call trap_from_user

    .globl return_to_user
return_to_user:
    mv a0, sp
    call trap_finish
    csrw sscratch, tp
    restore_registers
    ld tp, 32(sp)
    ld sp, 16(sp)
    sret
