/* Entry of the S-mode test programs: a stack for each hart and on into C.
 * Harts that the test starts itself come in at start_hart. */
    .section .text.start, "ax", @progbits
    .globl _start
_start:
    csrr t1, satp
    csrr t2, sstatus
    la t0, entry_satp
    sd t1, 0(t0)
    la t0, entry_sstatus
    sd t2, 0(t0)
    la sp, stacks
    addi t0, a0, 1
    slli t0, t0, 12
    add sp, sp, t0
    tail test_main

    .globl start_hart
start_hart:
    la sp, stacks
    addi t0, a0, 1
    slli t0, t0, 12
    add sp, sp, t0
    tail hart_main

/*
 * long suspend_deep(struct resumed *resumed, u64 type, u64 pc): a suspension
 * that loses all registers; pc 0 is where it goes on from. What that came with
 * is in *resumed, and 0 is returned; or the error if the call returned.
 */
    .globl suspend_deep
suspend_deep:
    sd ra, 32(a0)
    sd sp, 40(a0)
    sd gp, 48(a0)
    sd tp, 56(a0)
    .set slot, 64
    .irp reg, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
    sd \reg, slot(a0)
    .set slot, slot + 8
    .endr
    csrr t0, stvec
    sd t0, 160(a0)
    mv t0, a2
    mv a2, a0
    mv a0, a1
    mv a1, t0
    bnez a1, 1f
    la a1, 2f
1:  li a6, 3
    li a7, 0x48534d
    ecall
    ret
    .balign 4
2:  csrr t0, satp
    sd t0, 0(a1)
    csrr t0, sstatus
    sd t0, 8(a1)
    sd a0, 16(a1)
    sd a1, 24(a1)
    ld t0, 160(a1)
    csrw stvec, t0
    ld ra, 32(a1)
    ld sp, 40(a1)
    ld gp, 48(a1)
    ld tp, 56(a1)
    .set slot, 64
    .irp reg, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
    ld \reg, slot(a1)
    .set slot, slot + 8
    .endr
    li a0, 0
    ret

/*
 * u64 ecall_changes(const u64 in[8]): an ecall with a0 to a7 as given and a
 * pattern in all other registers. Returns which changed: bit i is register i,
 * a0 and a1 excepted. The word below sp must survive as well.
 */
    .globl ecall_changes
ecall_changes:
    addi sp, sp, -128
    .irp n, 1, 3, 4
    sd x\n, \n * 8 (sp)
    .endr
    sd s0, 40(sp)
    sd s1, 48(sp)
    .set slot, 56
    .irp n, 18, 19, 20, 21, 22, 23, 24, 25
    sd x\n, slot(sp)
    .set slot, slot + 8
    .endr
    csrw sscratch, sp
    addi sp, sp, -32
    sd s10, 0(sp)
    sd s11, 8(sp)
    sd a0, 16(sp)
    mv t0, a0
    ld a0, 0(t0)
    ld a1, 8(t0)
    ld a2, 16(t0)
    ld a3, 24(t0)
    ld a4, 32(t0)
    ld a5, 40(t0)
    ld a6, 48(t0)
    ld a7, 56(t0)
    .irp n, 1, 3, 4, 5, 6, 7, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, \
            28, 29, 30, 31
    li x\n, 0x5a00 + \n
    .endr
    ecall
    li a0, 0
    li a1, 0x5a00 + 5
    bne t0, a1, .Lt0
.Lback:
    .irp n, 1, 3, 4, 6, 7, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, \
            29, 30, 31
    li t0, 0x5a00 + \n
    xor t0, t0, x\n
    snez t0, t0
    slli t0, t0, \n
    or a0, a0, t0
    .endr
    csrr t0, sscratch
    addi t0, t0, -32
    xor t0, t0, sp
    snez t0, t0
    slli t0, t0, 2
    or a0, a0, t0
    csrr sp, sscratch
    ld t0, -32+16(sp)
    .irp n, 12, 13, 14, 15, 16, 17
    ld t1, (\n - 10) * 8 (t0)
    xor t1, t1, x\n
    snez t1, t1
    slli t1, t1, \n
    or a0, a0, t1
    .endr
    ld s10, -32(sp)
    ld s11, -24(sp)
    .irp n, 1, 3, 4
    ld x\n, \n * 8 (sp)
    .endr
    ld s0, 40(sp)
    ld s1, 48(sp)
    .set slot, 56
    .irp n, 18, 19, 20, 21, 22, 23, 24, 25
    ld x\n, slot(sp)
    .set slot, slot + 8
    .endr
    addi sp, sp, 128
    ret
.Lt0:
    ori a0, a0, 1 << 5
    j .Lback

/* u64 answer(void): code that a test rewrites; it returns 1, then 2. */
    .balign 4
    .globl answer
answer:
    li a0, 1
    ret
    .globl answer_two
answer_two:
    li a0, 2
    ret

    .bss
    .balign 4096
stacks:
    .skip 64 * 4096
