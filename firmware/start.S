/*
 * The first instructions of every hart.
 *
 * The boot ROM enters with a0 = hart id, a1 = device tree, a2 = pointer to
 * fw_dynamic_info, in M-mode with interrupts off. Each hart takes the stack
 * that its id names and goes on in C; one beyond HARTS_MAX sleeps for ever.
 *
 * mscratch is the top of the hart's stack while it runs below M-mode and 0
 * while it runs here: trap.S tells the two apart by it.
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
