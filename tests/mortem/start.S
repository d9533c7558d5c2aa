/*
 * Entry of the kernel that fails in many ways: M-mode opens memory, delegates
 * all, and drops to S-mode. Traps of the kernel and of a program come in as
 * xv6's do: kernel_vector saves on the stack it finds and calls; user_vector
 * saves into the frame that sscratch has and jumps, s0 and ra still the
 * program's.
 */
#define STACK 16384

    .section .text.start, "ax", @progbits
    .globl _start
_start:
    la t0, machine_vector
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, 0xb1ff
    csrw medeleg, t0
    csrr a0, mhartid
    mv tp, a0
    addi t0, a0, 1
    li t1, STACK
    mul t0, t0, t1
    la sp, stacks
    add sp, sp, t0
    li s0, 0
    csrw satp, zero
    la t0, kernel_vector
    csrw stvec, t0
    li t0, 3 << 11
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0
    la t0, kernel_main
    csrw mepc, t0
    li ra, 0
    mret

    .balign 4
machine_vector:
    j machine_vector

    .balign 4
    .globl kernel_vector
kernel_vector:
    addi sp, sp, -128
    sd ra, 0(sp)
    .irp n, 0, 1, 2, 3, 4, 5, 6
    sd t\n, 8 + 8 * \n(sp)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    sd a\n, 64 + 8 * \n(sp)
    .endr
    call kernel_trap
    ld ra, 0(sp)
    .irp n, 0, 1, 2, 3, 4, 5, 6
    ld t\n, 8 + 8 * \n(sp)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    ld a\n, 64 + 8 * \n(sp)
    .endr
    addi sp, sp, 128
    sret

/* _Noreturn void enter_user(u64 pc, u64 sp, u64 kernel_sp): from then on traps
 * go to user_vector, on that stack. */
    .globl enter_user
enter_user:
    la t0, user_vector
    csrw stvec, t0
    csrw sscratch, a2
    csrw sepc, a0
    mv sp, a1
    li t0, 1 << 8
    csrc sstatus, t0
    li s0, 0
    li ra, 0
    sret

/* user_trap(frame) never returns: it may leave_trap(frame). */
    .balign 4
    .globl user_vector
user_vector:
    csrrw sp, sscratch, sp
    addi sp, sp, -240
    sd ra, 0(sp)
    .irp n, 0, 1, 2, 3, 4, 5, 6
    sd t\n, 8 + 8 * \n(sp)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    sd a\n, 64 + 8 * \n(sp)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    sd s\n, 128 + 8 * \n(sp)
    .endr
    mv a0, sp
    la t0, user_trap
    jr t0

    .globl leave_trap
leave_trap:
    mv sp, a0
    ld ra, 0(sp)
    .irp n, 0, 1, 2, 3, 4, 5, 6
    ld t\n, 8 + 8 * \n(sp)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    ld a\n, 64 + 8 * \n(sp)
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ld s\n, 128 + 8 * \n(sp)
    .endr
    addi sp, sp, 240
    csrrw sp, sscratch, sp
    sret

    .section .rodata
    .balign 4096
    .globl program, program_end
program:
    .incbin PROGRAM
program_end:

    .bss
    .balign 16
stacks:
    .skip 2 * STACK
