/*
 * Counts in a0, in M-mode; at 10 it enters U-mode, and an ecall from there ends
 * the run. The harts but the first spin.
 */
.globl _start, count, user, counter
_start:
    csrr t0, mhartid
    bnez t0, wait
    la t0, trap
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li a0, 0
count:
    addi a0, a0, 1
    la t1, counter
    sd a0, 0(t1)
    li t0, 10
    bne a0, t0, count
    la t0, user
    csrw mepc, t0
    li t0, 0x1800
    csrc mstatus, t0
    mret
user:
    addi a0, a0, 1
    ecall
trap:
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
wait:
    j wait
.data
.align 3
counter: .dword 0
