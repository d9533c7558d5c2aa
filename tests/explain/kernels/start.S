/*
 * Entry of the small kernels: M-mode opens memory, delegates page faults and
 * calls, and drops to S-mode for good. Below, the way into U-mode and back.
 *
 * sscratch holds the registers of the program that runs on this hart, or 0
 * while the kernel does; tp the hart's number.
 */
#define STACK 8192

    .section .text.start, "ax", @progbits
    .globl _start
_start:
    la t0, machine_trap
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, 1 << 8 | 1 << 12 | 1 << 13 | 1 << 15
    csrw medeleg, t0
    csrr a0, mhartid
    mv tp, a0
    addi t0, a0, 1
    li t1, STACK
    mul t0, t0, t1
    la sp, stacks
    add sp, sp, t0
    csrw satp, zero
    csrw sscratch, zero
    la t0, trap
    csrw stvec, t0
    li t0, 3 << 11
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0
    la t0, kernel_start
    csrw mepc, t0
    mret

    .balign 4
machine_trap:
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    la sp, stacks + STACK
    csrw satp, zero
    tail lost

    .balign 4
trap:
    csrrw sp, sscratch, sp
    bnez sp, from_user
    csrrw sp, sscratch, sp
    addi sp, sp, -128
    sd ra, 0(sp)
    .irp n, 0, 1, 2, 3, 4, 5, 6
    sd t\n, 8 + 8 * \n(sp)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    sd a\n, 64 + 8 * \n(sp)
    .endr
    csrr a0, scause
    csrr a1, stval
    csrr a2, sepc
    call kernel_trap
    csrw sepc, a0
    ld ra, 0(sp)
    .irp n, 0, 1, 2, 3, 4, 5, 6
    ld t\n, 8 + 8 * \n(sp)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    ld a\n, 64 + 8 * \n(sp)
    .endr
    addi sp, sp, 128
    sret

/* u64 enter_user(struct registers *): runs the program until it traps, and
 * returns scause. The agent (below) uses a0 to a2 and nothing else. */
    .globl enter_user
enter_user:
    addi sp, sp, -112
    sd ra, 0(sp)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    sd s\n, 8 + 8 * \n(sp)
    .endr
    sd sp, 0(a0)
    ld t0, 8(a0)
    csrw sepc, t0
    csrw sscratch, a0
    li t0, 1 << 8
    csrc sstatus, t0
    ld a1, 24(a0)
    ld a2, 32(a0)
    ld a0, 16(a0)
    sret
from_user:
    sd a0, 16(sp)
    sd a1, 24(sp)
    sd a2, 32(sp)
    mv a1, sp
    csrw sscratch, zero
    csrr a0, sepc
    sd a0, 8(a1)
    csrr a0, scause
    ld sp, 0(a1)
    ld ra, 0(sp)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ld s\n, 8 + 8 * \n(sp)
    .endr
    addi sp, sp, 112
    ret

/* The only program: a page that asks the kernel, over and over, what to do. */
    .balign 4096
    .globl agent
agent:
    ecall
    beqz a0, 1f
    addi a0, a0, -1
    beqz a0, 2f
    addi a0, a0, -1
    beqz a0, agent
    jr a1
1:  sd a2, 0(a1)
    j agent
2:  ld a2, 0(a1)
    j agent
    .balign 4096

    .bss
    .balign 16
stacks:
    .skip 8 * STACK
