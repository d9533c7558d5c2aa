/*
 * What a random program runs on: bare metal on QEMU's virt.
 *
 * The generator puts a table of chunks behind it (image.py), and in front of
 * it the constants and macros of machine.py and layout.py. Each chunk begins
 * from values of its own, in M, S or U-mode, with or without translation, and
 * runs a few times; then all it can have changed is digested and printed, a
 * line a chunk. A chunk flagged VERBOSE prints its traps and every word
 * instead.
 *
 * Every trap ends in M-mode, is logged and stepped over, so that a chunk may
 * trap wherever it wants. What is delegated reaches a stub in S-mode, which
 * traps into M-mode and then executes the sret. Interrupts are silenced where
 * they come from; a fetch that faults goes on where x9 says.
 *
 * x31, x2 and x8 always point into the window, x9 is a free pointer, x27
 * counts loops; a chunk changes all others as it likes. The trap handler has
 * x31 for itself: what a chunk has there never changes.
 *
 * Code stands at its physical address for M and S-mode, and at U_ALIAS for
 * U-mode where there is translation. What QEMU is known to do wrong and what
 * is done about it here stands in known.py.
 */
        .equ    UART, 0x10000000
        .equ    IER, 1
        .equ    IER_THRI, 2 /* interrupts while nothing is being sent */
        .equ    LSR, 5
        .equ    LSR_THRE, 0x20
        .equ    LSR_TEMT, 0x40
        .equ    FINISHER, 0x100000
        .equ    PASS, 0x5555
        .equ    FAIL, 0x3333
        .equ    PLIC_PRIORITY, 0xc000000
        .equ    PLIC_ENABLE, 0xc002000 /* of the hart's M-mode */
        .equ    PLIC_CONTEXT, 0xc200000
        .equ    CLAIM, 4
        .equ    UART_LINE, 10
        .equ    MSIP, 0x2000000
        .equ    MTIMECMP, 0x2004000
        .equ    CSR_STIMECMP, 0x14d
        .equ    MSTATUS_FS, 3 << 13
        .equ    MSTATUS_MPP, 3 << 11
        .equ    MSTATUS_MPIE, 1 << 7
        .equ    MSTATUS_MPRV, 1 << 17
        .equ    MSTATUS_TSR, 1 << 22
        .equ    INT_MSI, 3
        .equ    INT_STI, 5
        .equ    INT_MTI, 7
        .equ    INT_MEI, 11
        .equ    INT_LCOFI, 13
        .equ    FETCH_ACCESS, 1
        .equ    ILLEGAL, 2
        .equ    BREAKPOINT, 3
        .equ    LOAD_FAULT, 5 /* the bits that 5, 7, 13 and 15 share */
        .equ    STORE_ACCESS, 7
        .equ    STORE_PAGE, 15
        .equ    ECALL_U, 8
        .equ    FETCH_PAGE, 12
        .equ    LOAD_TO_STORE, 2 /* cause 5 to 7, 13 to 15 */
        .equ    OPCODE_AMO, 0x2f
        .equ    OPCODE_MISC_MEM, 0x0f
        .equ    OPCODE_CBO, 0x200f /* with funct3 */
        .equ    FUNCT5_LR, 2
        .equ    FUNCT7_SFENCE_VMA, 9
        .equ    OPCODE_SYSTEM, 0x73
        .equ    PAGE_BITS, 12
        .equ    PAGE, 1 << PAGE_BITS
        .equ    MRET, 0x30200073
        .equ    WFI, 0x10500073
        .equ    DIGEST_FACTOR, 31
        .equ    DIGEST_ROTATE, 45
        .equ    LOG_ENTRY, 4 * 8
        .equ    LOG_END_AT, 3 * 8 /* from trap_digest */
        .equ    STUB, 16 /* instructions: as many as a vector has entries */
        .equ    STUBS_SIZE, 2 * STUB * 4 + 4

/* The digest of traps is x10: nothing but it and the word is at hand. */
        .macro  mix word
        rori    x10, x10, DIGEST_ROTATE
        add     x10, x10, \word
        .endm

/* The UART's line falls, and the PLIC forgets that it was up. */
        .macro  silence_uart at, value
        li      \at, UART
        sb      zero, IER(\at)
        li      \at, PLIC_CONTEXT
        lw      \value, CLAIM(\at)
        sw      \value, CLAIM(\at)
        .endm

/* A code address of any alias becomes the physical one. */
        .macro  to_pa reg
        slli    \reg, \reg, 34
        srli    \reg, \reg, 34
        bseti   \reg, \reg, 31
        .endm

        .text
        .globl  _start
_start:
        la      t0, trap
        csrw    mtvec, t0
        li      t0, PROGRAM
        la      t1, next_chunk
        sd      t0, 0(t1)
        li      t0, PLIC_PRIORITY
        li      t1, 1
        sw      t1, 4 * UART_LINE(t0)
        li      t0, PLIC_ENABLE
        li      t1, 1 << UART_LINE
        sw      t1, 0(t0)
        li      t0, PLIC_CONTEXT
        sw      zero, 0(t0)

begin_chunk:
        csrw    mstatus, zero
        li      t0, MSTATUS_FS
        csrs    mstatus, t0
        call    silence_all
        la      t1, data_digest /* no reservation survives into a chunk */
        sc.w    t0, zero, (t1)
        la      s0, next_chunk
        ld      s0, 0(s0)
        ld      t0, CODE(s0)
        beqz    t0, power_off
        la      t1, trap_digest
        sd      zero, 0(t1)
        ld      t0, PASSES(s0)
        la      t1, passes
        sd      t0, 0(t1)
        ld      t0, MIDDLE(s0)
        la      t1, middle
        sd      t0, 0(t1)
        li      t0, TRAPS_MAX
        la      t1, traps_left
        sd      t0, 0(t1)
        call    open_log
        call    fill_data
        call    poke
        write_csrs s0, t0
        addi    x31, s0, F
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, \
                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        fld     f\n, (\n) * 8(x31)
        .endr
        ld      t0, FCSR(s0)
        csrw    fcsr, t0
        addi    x31, s0, X
        .irp    n, 1, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, \
                20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        ld      x\n, (\n - 1) * 8(x31)
        .endr

/* Enters the chunk, by way of registers that are not the chunk's. */
run_chunk:
        la      x9, next_chunk
        ld      x9, 0(x9)
        ld      x8, ENTRY(x9)
        csrw    mepc, x8
        ld      x8, SATP(x9)
        csrw    satp, x8
        sfence.vma
        ld      x31, MIDDLE(x9)
        ld      x8, STATUS(x9)
        addi    x2, x31, 16
        csrw    mstatus, x8
        ld      x8, BASE_AT(x9)
        mret

/* Chunks jump here, in their own mode; the trap handler goes on. */
        .balign 4
        .globl  end_chunk
end_chunk:
        ecall

ended:
        la      x31, passes
        ld      x9, 0(x31)
        addi    x9, x9, -1
        sd      x9, 0(x31)
        bgtz    x9, run_chunk

        la      x31, traps_left /* data that PMP locks cannot be read */
        li      x9, 1 << 30
        sd      x9, 0(x31)
        la      x31, dump
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, \
                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        sd      x\n, (\n - 1) * 8(x31)
        .endr
        addi    s0, x31, 30 * 8
        dump_csrs s0, t0, t1
        li      t0, MSTATUS_FS
        csrs    mstatus, t0
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, \
                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        fsd     f\n, (\n) * 8(s0)
        .endr
        frcsr   t0
        sd      t0, 32 * 8(s0)
        la      t0, trap_digest
        ld      t0, 0(t0)
        sd      t0, 33 * 8(s0)
        call    digest_data
        sd      a0, 34 * 8(s0)
        la      s1, next_chunk
        ld      s1, 0(s1)
        call    digest_pokes
        sd      a0, 35 * 8(s0)
        ld      t0, FLAGS(s1)
        bnez    t0, 1f
        call    print_digest
        j       2f
1:      call    print_log
        call    print_dump
2:      la      t1, next_chunk
        ld      t0, 0(t1)
        li      t2, DESCRIPTOR
        add     t0, t0, t2
        sd      t0, 0(t1)
        j       begin_chunk

power_off:
        li      t1, PASS
stop:
        li      t0, UART /* what is on its way would be lost */
1:      lbu     t2, LSR(t0)
        andi    t2, t2, LSR_TEMT
        beqz    t2, 1b
        li      t0, FINISHER
        sw      t1, 0(t0)
1:      j       1b

silence_all:
        csrw    mie, zero
        csrw    mip, zero
        li      t0, MSIP
        sw      zero, 0(t0)
        li      t0, MTIMECMP
        li      t1, -1
        sd      t1, 0(t0)
        csrw    CSR_STIMECMP, t1
        silence_uart t0, t1
        ret

/* Every doubleword of the data area: a number that its address scrambles. */
fill_data:
        li      t0, DATA
        li      t1, DATA_END
        li      t2, 0x9e3779b97f4a7c15
        mv      t3, t2
1:      sd      t3, 0(t0)
        xor     t3, t3, t0
        mul     t3, t3, t2
        addi    t0, t0, 8
        bltu    t0, t1, 1b
        ret

/* The chunk's (address, value)s, ended by address 0. s0: the descriptor. */
poke:
        ld      t0, POKES(s0)
1:      ld      t1, 0(t0)
        ld      t2, 8(t0)
        beqz    t1, 2f
        sd      t2, 0(t1)
        addi    t0, t0, 16
        j       1b
2:      ret

/* a0 = digest of what was poked, which becomes 0. s1: the descriptor. */
digest_pokes:
        ld      t0, POKES(s1)
        li      t2, DIGEST_FACTOR
        li      a0, 0
1:      ld      t1, 0(t0)
        beqz    t1, 2f
        ld      t3, 0(t1)
        sd      zero, 0(t1)
        mul     a0, a0, t2
        add     a0, a0, t3
        addi    t0, t0, 16
        j       1b
2:      ret

/* a0 = digest of the data area. Where PMP is locked it traps. */
digest_data:
        li      t0, DATA
        li      t1, DATA_END
        li      t2, DIGEST_FACTOR
        li      a0, 0
        li      t3, 0
1:      ld      t3, 0(t0)
        mul     a0, a0, t2
        add     a0, a0, t3
        addi    t0, t0, 8
        bltu    t0, t1, 1b
        ret

print_digest:
        la      t0, dump
        li      t1, DUMP_WORDS
        li      t2, DIGEST_FACTOR
        li      a3, 0
1:      ld      t3, 0(t0)
        mul     a3, a3, t2
        add     a3, a3, t3
        addi    t0, t0, 8
        addi    t1, t1, -1
        bnez    t1, 1b
        mv      a7, ra
        call    print_word
        mv      ra, a7
        j       end_line

print_dump:
        la      a1, dump
        li      a2, DUMP_WORDS
        j       print_line

/* The traps, four words a line. */
print_log:
        mv      s2, ra
        li      s3, LOG
        la      s4, log_next
        ld      s4, 0(s4)
1:      bgeu    s3, s4, 2f
        mv      a1, s3
        li      a2, LOG_ENTRY / 8
        call    print_line
        addi    s3, s3, LOG_ENTRY
        j       1b
2:      mv      ra, s2
        ret

/* a2 words at a1, and the end of the line. */
print_line:
        mv      a7, ra
1:      ld      a3, 0(a1)
        call    print_word
        li      a0, ' '
        call    put
        addi    a1, a1, 8
        addi    a2, a2, -1
        bnez    a2, 1b
        mv      ra, a7
end_line:
        li      a0, '\n'
put:
        li      t0, UART
1:      lbu     t1, LSR(t0)
        andi    t1, t1, LSR_THRE
        beqz    t1, 1b
        sb      a0, 0(t0)
        ret

/* a3 in hexadecimal. */
print_word:
        mv      a6, ra
        li      a4, 60
1:      srl     a0, a3, a4
        andi    a0, a0, 15
        addi    a0, a0, '0'
        li      t0, '9'
        bleu    a0, t0, 2f
        addi    a0, a0, 'a' - '9' - 1
2:      call    put
        addi    a4, a4, -4
        bgez    a4, 1b
        mv      ra, a6
        ret

/* The log is open for a verbose chunk only. */
open_log:
        ld      t0, FLAGS(s0)
        li      t1, LOG
        la      t2, log_next
        sd      t1, 0(t2)
        la      t2, log_end
        beqz    t0, 1f
        li      t1, LOG_END
1:      sd      t1, 0(t2)
        ret

/* For vectored mtvec and stvec: interrupt n arrives at entry n. */
        .balign 64
        .globl  vectors
vectors:
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        .option push
        .option norvc
        j       vector\n
        .option pop
        .endr
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
vector\n:
        csrr    x31, mcause
        slli    x31, x31, 1
        addi    x31, x31, -2 * \n
        bnez    x31, wrong_vector
        j       trap
        .endr
vector0:
        csrr    x31, mcause
        bgez    x31, trap
wrong_vector:
        li      t1, FAIL
        j       stop

/* S-mode's handlers: into M-mode, by what is not delegated. */
        .balign 64
        .globl  stubs, stub_ecall, stub_illegal, stub_vectors
stubs:
stub_ecall:
        .rept   STUB
        ecall
        .endr
stub_illegal:
        .rept   STUB
        .4byte  0xffffffff
        .endr
stub_sret:
        sret

        .include "handler.S"

        .bss
        .balign 4096 /* no store may be to a page of code: QEMU is slow there */
next_chunk:
        .skip   8
passes: .skip   8
middle: .skip   8
traps_left:
        .skip   8
trap_digest:
        .skip   8
trap_status:
        .skip   8
log_next:
        .skip   8
log_end:
        .skip   8
data_digest:
        .skip   8
saved:  .skip   6 * 8
dump:   .skip   DUMP_WORDS * 8
