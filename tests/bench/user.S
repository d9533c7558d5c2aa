/*
 * Into U-mode and back. enter_user(code, a1) runs code, an address in memory,
 * at its place for U-mode, until an ecall for which a7 is 0, and returns its
 * a0. It finds a1, and may use registers a and t.
 *
 * Any other trap goes to bench_trap, the program's own: it may use t0 to t6,
 * and goes back by sret.
 */
    .equ USER_OFFSET, 0x40000000
    .equ SPP, 1 << 8

    .section .text
    .globl enter_user
    .balign 4
enter_user:
    addi sp, sp, -16
    sd ra, 0(sp)
    la t0, trap
    csrw stvec, t0
    li t0, USER_OFFSET
    add t0, t0, a0
    csrw sepc, t0
    li t0, SPP
    csrc sstatus, t0
    li a7, 1
    sret

    .balign 4
trap:
    bnez a7, bench_trap
    ld ra, 0(sp)
    addi sp, sp, 16
    ret
