/*
 * The switch between two tasks, and their FP registers; see switch.h.
 */
#include "task/trapframe.h"

    .text
/* switch_to(prev, next): leaves prev's registers behind, returns on next's
 * stack, to where next once called switch_to. A hart keeps its reservation, so
 * prev's is dropped here, or its SC could succeed after next has stored: any SC
 * does that, whether it stores or not. This one stores what is there. */
    .globl switch_to
switch_to:
    sd ra, TASK_CONTEXT + 0(a0)
    addi t0, a0, TASK_CONTEXT
    sc.d zero, ra, (t0)
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

/* drop_reservation(): the SC fails, or stores below the stack. */
    .globl drop_reservation
drop_reservation:
    addi t0, sp, -8
    sc.d zero, zero, (t0)
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
