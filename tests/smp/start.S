/*
 * Entry of the programs for several harts: M-mode, every hart on a stack of
 * its own, memory protection open, nothing delegated. Hart 0 runs the test;
 * the others wait for their software interrupt and do what it says. A trap
 * that nobody awaits ends the test.
 */
    .section .text.start, "ax", @progbits
    .globl _start
_start:
    csrr a0, mhartid
    la t0, trap_unexpected
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    la sp, stacks
    addi t0, a0, 1
    slli t0, t0, 13
    add sp, sp, t0
    bnez a0, serve
    call find_harts
    call test_main
    tail done

    .balign 4
    .globl trap_unexpected
trap_unexpected:
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    la sp, stacks_end
    tail unexpected

/* The handler that counts software interrupts; whoever sees the count may send
 * the next. mscratch points to the hart's counter, which two words follow. */
    .balign 4
    .globl trap_count
trap_count:
    csrrw t0, mscratch, t0
    sd t1, 8(t0)
    sd t2, 16(t0)
    csrr t1, mhartid
    slli t1, t1, 2
    li t2, 0x2000000
    add t1, t1, t2
    sw zero, 0(t1)
    fence
    ld t1, 0(t0)
    addi t1, t1, 1
    sd t1, 0(t0)
    ld t1, 8(t0)
    ld t2, 16(t0)
    csrrw t0, mscratch, t0
    mret

    .bss
    .balign 16
stacks:
    .skip 9 << 13
stacks_end:
