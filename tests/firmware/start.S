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
