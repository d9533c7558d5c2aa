/*
 * A supervisor that has its console from the firmware alone: it says `ready`,
 * then echoes each byte it gets, in brackets, up to a `q`, and powers off.
 */
#define LEGACY_PUTCHAR 1
#define LEGACY_GETCHAR 2
#define SRST 0x53525354

    .globl _start
_start:
    la s0, ready
1:  lbu a0, 0(s0)
    beqz a0, next
    jal put
    addi s0, s0, 1
    j 1b

next:
    li a7, LEGACY_GETCHAR
    ecall
    bltz a0, next
    mv s1, a0
    li t0, 'q'
    beq s1, t0, finish
    li a0, '<'
    jal put
    mv a0, s1
    jal put
    li a0, '>'
    jal put
    j next

finish:
    li a0, 0
    li a1, 0
    li a6, 0
    li a7, SRST
    ecall
    j .

put:
    li a7, LEGACY_PUTCHAR
    ecall
    ret

ready:
    .asciz "ready\n"
