/*
 * An M-mode guest that sleeps until the UART interrupts, and shows each byte
 * it gets as <byte>. `q` powers off; so does the end of input, with a word.
 * Before that it prints a number made of when each byte came, in machine time
 * and in instructions, so that two runs print the same only if they are.
 */
#define UART 0x10000000
#define PLIC 0x0c000000
#define FINISHER 0x100000
#define MTIME 0x0200bff8

    .globl _start
_start:
    li s0, UART
    li t0, 7 /* enable and clear the FIFOs */
    sb t0, 2(s0)
    li t0, 1 /* interrupt when a byte has come */
    sb t0, 1(s0)
    li s1, PLIC
    li t0, 1
    sw t0, 4 * 10(s1)
    li s2, PLIC + 0x2000
    li t0, 1 << 10
    sw t0, 0(s2)
    li s3, PLIC + 0x200000
    sw zero, 0(s3)
    li t0, 1 << 11 /* MEIE; mstatus.MIE stays 0, so wfi just falls through */
    csrw mie, t0
    la a0, ready
    jal print

sleep:
    wfi
    lw s4, 4(s3)
next:
    lbu t0, 5(s0)
    andi t0, t0, 1
    bnez t0, take
    sw s4, 4(s3)
    j sleep
take:
    lbu s5, 0(s0)
    li t0, MTIME
    ld t0, 0(t0)
    csrr t1, minstret
    slli t2, s6, 5 /* s6 = 31 s6 + time + instructions */
    sub s6, t2, s6
    add s6, s6, t0
    add s6, s6, t1
    li t0, 'q'
    beq s5, t0, finish
    li t0, 4
    beq s5, t0, end
    li t0, '<'
    sb t0, 0(s0)
    sb s5, 0(s0)
    li t0, '>'
    sb t0, 0(s0)
    j next

end:
    la a0, bye
    jal print
finish:
    li t1, 64
1:  addi t1, t1, -4
    srl t0, s6, t1
    andi t0, t0, 15
    addi t0, t0, 'A'
    sb t0, 0(s0)
    bnez t1, 1b
    li t0, FINISHER
    li t1, 0x5555
    sw t1, 0(t0)
    j .

print:
    lbu t0, 0(a0)
    beqz t0, 1f
    sb t0, 0(s0)
    addi a0, a0, 1
    j print
1:  ret

ready:
    .asciz "ready\n"
bye:
    .asciz "end\n"
