/*
 * An M-mode guest that takes its input by polling, without interrupts: says
 * "ready", takes 65536 bytes, prints their sum in 16 letters (A is 0, the lowest
 * digit first), and powers off. With DELAY it makes so many rounds of a loop
 * after each byte, and prints a dot.
 */
#define UART 0x10000000
#define FINISHER 0x100000
#define COUNT 65536

    .globl _start
_start:
    li s0, UART
    sb zero, 1(s0)
    li t0, 7 /* enable and clear the FIFOs */
    sb t0, 2(s0)
    la t1, ready
print:
    lbu t0, 0(t1)
    beqz t0, begin
    sb t0, 0(s0)
    addi t1, t1, 1
    j print
begin:
    li s1, COUNT
    li s2, 0
take:
    lbu t0, 5(s0)
    andi t0, t0, 1
    beqz t0, take
    lbu t0, 0(s0)
    add s2, s2, t0
    .ifdef DELAY
    li t0, DELAY
delay:
    addi t0, t0, -1
    bnez t0, delay
    li t0, '.'
    sb t0, 0(s0)
    .endif
    addi s1, s1, -1
    bnez s1, take
    li s1, 16
digit:
    andi t0, s2, 15
    addi t0, t0, 'A'
    sb t0, 0(s0)
    srli s2, s2, 4
    addi s1, s1, -1
    bnez s1, digit
    li t0, FINISHER
    li t1, 0x5555
    sw t1, 0(t0)
    j .

ready:
    .asciz "ready\n"
