/*
 * Trap entry.
 *
 * From below M-mode mscratch holds the top of this hart's stack; the frame
 * is built under it and mscratch is 0 until the way back. A trap with
 * mscratch 0 came from the firmware itself and ends the machine.
 */
#include "csr.h"
#include "layout.h"

    .macro for_each_register op
    \op x1, 0(sp)
    .set offset, 16
    .irp reg, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, \
              x17, x18, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28,    \
              x29, x30, x31
    \op \reg, offset(sp)
    .set offset, offset + 8
    .endr
    .endm

    .text
    .balign 4
    .globl trap_entry
trap_entry:
    csrrw sp, mscratch, sp
    beqz sp, .Linside
    addi sp, sp, -FRAME_SIZE
    for_each_register sd
    csrrw t0, mscratch, zero
    sd t0, 8(sp)
    csrr t0, mepc
    sd t0, FRAME_MEPC(sp)
    csrr t0, mstatus
    sd t0, FRAME_MSTATUS(sp)
    mv a0, sp
    call trap_handle
    ld t0, FRAME_MEPC(sp)
    csrw mepc, t0
    ld t0, FRAME_MSTATUS(sp)
    csrw mstatus, t0
    addi t0, sp, FRAME_SIZE
    csrw mscratch, t0
    for_each_register ld
    ld sp, 8(sp)
    mret

/* The stack pointer itself may be wrong: start at the top of the stack. */
.Linside:
    csrr t0, mhartid
    addi t0, t0, 1
    slli t0, t0, STACK_SHIFT
    la sp, stacks_start
    add sp, sp, t0
    tail trap_inside
