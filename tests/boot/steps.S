/*
 * How far mtime gets in a loop of two million instructions: printed in hex, by
 * a program in M-mode.
 */
    .option norvc
    .equ UART, 0x10000000
    .equ FINISHER, 0x100000
    .globl _start
_start:
    li t0, 1000000
    li s2, 0x200bff8            /* mtime */
    ld s0, 0(s2)
1:  addi t0, t0, -1
    bnez t0, 1b
    ld s1, 0(s2)
    sub s1, s1, s0
    li t1, UART
    li t2, 60
2:  srl t3, s1, t2
    andi t3, t3, 15
    addi t3, t3, '0'
    li t4, '9'
    ble t3, t4, 3f
    addi t3, t3, 'a' - '0' - 10
3:  sb t3, 0(t1)
    addi t2, t2, -4
    bgez t2, 2b
    li t3, '\n'
    sb t3, 0(t1)
    li t0, FINISHER
    li t1, 0x5555
    sw t1, 0(t0)
    j .
