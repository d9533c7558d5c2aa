/*
 * Trap entry and exit, the switch between two tasks, FP state.
 *
 * While user code runs, sscratch holds the task; in the kernel it is 0 and
 * tp holds the task. One swap at entry therefore tells where the trap came
 * from without needing a register.
 */
#include "lib/csr.h"
#include "proc/frame.h"

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
    sd t1, FRAME_STATUS(sp)
    sd t2, FRAME_CAUSE(sp)
    sd t3, FRAME_TVAL(sp)
    .endm

    .macro restore_registers
    ld t0, 0(sp)
    ld t1, FRAME_STATUS(sp)
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
    addi sp, sp, -FRAME_SIZE
    save_registers
    addi t0, sp, FRAME_SIZE
    sd t0, 16(sp)
    save_csrs
    mv a0, sp
    call trap_from_kernel
    restore_registers
    addi sp, sp, FRAME_SIZE
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

/* The child of a fork starts here, with sp at its frame. */
    .globl fork_entry
fork_entry:
    call fork_begin
    j return_to_user

/* A kernel thread starts here: s0 is its function, s1 the argument. It may
 * return, if it has put a program into its user frame. */
    .globl kthread_entry
kthread_entry:
    mv a0, s1
    jalr s0
    ld sp, TASK_KERNEL_SP(tp)
    j return_to_user

/* switch_to(prev, next): leaves prev's registers behind, returns on next's
 * stack, to where next once called switch_to. */
    .globl switch_to
switch_to:
    sd ra, TASK_CONTEXT + 0(a0)
    sd sp, TASK_CONTEXT + 8(a0)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
    sd s\n, TASK_CONTEXT + 16 + 8 * \n(a0)
    .endr
    ld ra, TASK_CONTEXT + 0(a1)
    ld sp, TASK_CONTEXT + 8(a1)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
    ld s\n, TASK_CONTEXT + 16 + 8 * \n(a1)
    .endr
    mv tp, a1
    ret

    .option push
    .option arch, +f, +d
/* fp_save(task), fp_restore(task): with sstatus.FS not Off. */
    .globl fp_save
fp_save:
    addi a0, a0, TASK_FP
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsd f\n, 8 * \n(a0)
    .endr
    frcsr t0
    sd t0, 256(a0)
    ret

    .globl fp_restore
fp_restore:
    addi a0, a0, TASK_FP
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld f\n, 8 * \n(a0)
    .endr
    ld t0, 256(a0)
    fscsr t0
    ret
    .option pop

/*
 * uaccess_copy(dst, src, n): copies n bytes where one side is user memory;
 * returns how many were not copied. A fault between uaccess_start and
 * uaccess_end that do_page_fault cannot satisfy resumes at uaccess_failed
 * (trap_from_kernel). SUM is set only in here.
 */
    .globl uaccess_copy, uaccess_start, uaccess_end, uaccess_failed
uaccess_copy:
    li t6, SSTATUS_SUM
    csrs sstatus, t6
    add t0, a0, a2              /* end of dst */
    xor t1, a0, a1
    andi t1, t1, 7
    bnez t1, 3f
uaccess_start:
1:  /* bytes up to a doubleword boundary */
    andi t1, a0, 7
    beqz t1, 2f
    bgeu a0, t0, 4f
    lb t2, 0(a1)
    sb t2, 0(a0)
    addi a0, a0, 1
    addi a1, a1, 1
    j 1b
2:  /* 256 bytes a turn */
    addi t3, a0, 256
    bltu t0, t3, 5f
    .irp off, 0, 64, 128, 192
    ld t2, \off(a1)
    ld t4, \off + 8(a1)
    ld t5, \off + 16(a1)
    ld a2, \off + 24(a1)
    ld a3, \off + 32(a1)
    ld a4, \off + 40(a1)
    ld a5, \off + 48(a1)
    ld a6, \off + 56(a1)
    sd t2, \off(a0)
    sd t4, \off + 8(a0)
    sd t5, \off + 16(a0)
    sd a2, \off + 24(a0)
    sd a3, \off + 32(a0)
    sd a4, \off + 40(a0)
    sd a5, \off + 48(a0)
    sd a6, \off + 56(a0)
    .endr
    mv a0, t3
    addi a1, a1, 256
    j 2b
5:  /* the doublewords that are left */
    addi t3, a0, 8
    bltu t0, t3, 3f
    ld t2, 0(a1)
    sd t2, 0(a0)
    mv a0, t3
    addi a1, a1, 8
    j 5b
3:  /* the bytes that are left */
    bgeu a0, t0, 4f
    lb t2, 0(a1)
    sb t2, 0(a0)
    addi a0, a0, 1
    addi a1, a1, 1
    j 3b
uaccess_end:
uaccess_failed:
4:
    csrc sstatus, t6
    sub a0, t0, a0
    ret
