/*
 * Entry of the bare-metal test programs: M-mode, hart 0, memory protection
 * open, nothing delegated. A trap that no run() awaits ends the test.
 */
    .section .text.start, "ax", @progbits
    .globl _start
_start:
    csrr t0, mhartid
    bnez t0, park
    la t0, trap_unexpected
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    la sp, stack_end
    call test_main
    tail done
park:
    wfi
    j park

    .balign 4
    .globl trap_unexpected
trap_unexpected:
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    la sp, stack_end
    tail unexpected

    .bss
    .balign 16
    .skip 16384
stack_end:
