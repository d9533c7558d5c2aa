/*
 * Calls to the host, from M-mode, or with USER from U-mode: prints by SYS_WRITE0
 * and SYS_WRITEC, does an ebreak that is no call, and ends with STATUS. With UART
 * it prints there, too, first.
 */
    .option norvc
    .globl _start
_start:
    la t0, trap
    csrw mtvec, t0
    .ifdef UART
    li t0, UART
    li t1, 'u'
    sb t1, (t0)
    .endif
    .ifdef USER
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f                 /* NAPOT, X, W, R */
    csrw pmpcfg0, t0
    la t0, calls
    csrw mepc, t0
    mret                        /* MPP is U at reset */
    .endif
calls:
    li a0, 4                    /* SYS_WRITE0 */
    la a1, hello
    call semihost
    li a0, 3                    /* SYS_WRITEC */
    la a1, newline
    call semihost
    li s0, 0
    ebreak                      /* no call: its neighbours are others */
    slli x0, x0, 0x1f
    ebreak
    nop
    beqz s0, fail
    li a0, 0x18                 /* SYS_EXIT */
    la a1, leave
    call semihost
fail:
    j fail

    .balign 16                  /* the three are in one page */
semihost:
    slli x0, x0, 0x1f
    ebreak
    srai x0, x0, 7
    ret

    .balign 4
trap:
    addi s0, s0, 1
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    mret

    .balign 8
leave:
    .dword 0x20026, STATUS
hello:
    .asciz "hello"
newline:
    .ascii "\n"
