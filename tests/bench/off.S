/*
 * The guest that powers off at once: what is left is the emulator's own
 * start and end.
 */
    .section .text.start, "ax", @progbits
    .globl _start
_start:
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
1:  wfi
    j 1b
