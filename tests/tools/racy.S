/*
 * A bare program for three harts, each of which adds ROUNDS to one number, with
 * an atomic instruction if LOCKED is defined, else in three steps that another
 * hart may come between. The number is printed; it is right, or the machine
 * fails with 1.
 */
#define UART 0x10000000
#define FINISHER 0x100000
#define HARTS 3

    .option norelax
    .globl _start
_start:
    la s0, number
    la s1, done
    li s2, ROUNDS
    li s3, 1
again:
    li t1, 20 /* so that few turns end within an addition */
1:  addi t1, t1, -1
    bnez t1, 1b
#ifdef LOCKED
    amoadd.d zero, s3, (s0)
#else
    ld t0, 0(s0)
    addi t0, t0, 1
    sd t0, 0(s0)
#endif
    addi s2, s2, -1
    bnez s2, again
    amoadd.d zero, s3, (s1)
    csrr t0, mhartid
    bnez t0, sleep
    li t1, HARTS
2:  ld t0, 0(s1)
    bne t0, t1, 2b

    ld s4, 0(s0)
    la a0, sum
    li s5, UART
3:  lbu t0, 0(a0)
    beqz t0, 4f
    sb t0, 0(s5)
    addi a0, a0, 1
    j 3b
4:  mv t2, s4
    li t1, 1000
    li t3, 10
6:  divu t0, t2, t1
    remu t2, t2, t1
    addi t0, t0, '0'
    sb t0, 0(s5)
    divu t1, t1, t3
    bnez t1, 6b
    sb t3, 0(s5)
    li t0, FINISHER
    li t1, HARTS * ROUNDS
    li t2, 0x5555
    beq s4, t1, 5f
    li t2, 0x13333
5:  sw t2, 0(t0)
sleep:
    wfi
    j sleep

    .data
    .balign 8
number:
    .dword 0
done:
    .dword 0
sum:
    .asciz "sum "
