/*
 * Trap entry and the three places where the firmware expects a trap.
 *
 * From below M-mode mscratch holds the top of this hart's stack; the frame
 * is built under it and mscratch is 0 until the way back. A trap with
 * mscratch 0 came from the firmware itself and ends the machine.
 *
 * An expected trap is caught by pointing mtvec just behind the instruction:
 * whether it traps or not, execution goes on there, and what follows it in
 * line runs only if it did not. mtvec wants that label 4-byte aligned.
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

/* The stack may be what is wrong: start again at this hart's own top. */
.Linside:
    csrr t0, mhartid
    addi t0, t0, 1
    slli t0, t0, STACK_SHIFT
    la sp, stacks_start
    add sp, sp, t0
    tail trap_inside

/*
 * bool trap_load_word(u64 va, u64 mstatus, u64 *value): load as the mode that
 * mstatus.MPP and MPRV name would. False if it trapped, and mcause and mtval
 * say why.
 */
    .globl trap_load_word
trap_load_word:
    la t0, 1f
    csrrw t0, mtvec, t0
    csrr t1, mstatus
    mv t2, a0
    li a0, 0
    csrw mstatus, a1
    ld t2, 0(t2)
    li a0, 1
    .balign 4
1:  csrw mstatus, t1
    csrw mtvec, t0
    beqz a0, 2f
    sd t2, 0(a2)
2:  ret

/* bool trap_set_menvcfg(u64 bits): false if there is no menvcfg. */
    .globl trap_set_menvcfg
trap_set_menvcfg:
    la t0, 1f
    csrrw t0, mtvec, t0
    mv t1, a0
    li a0, 0
    csrs CSR_MENVCFG, t1
    li a0, 1
    .balign 4
1:  csrw mtvec, t0
    ret

/* bool trap_set_stimecmp(u64 time): false if there is no stimecmp. */
    .globl trap_set_stimecmp
trap_set_stimecmp:
    la t0, 1f
    csrrw t0, mtvec, t0
    mv t1, a0
    li a0, 0
    csrw CSR_STIMECMP, t1
    li a0, 1
    .balign 4
1:  csrw mtvec, t0
    ret
