/*
 * What a random program runs on: bare metal, M-mode, RV64GC on QEMU's virt.
 *
 * The generator (programs.py) appends a table of chunks. Each begins from
 * values of its own and runs a few times; then all it can have changed is
 * printed, a line of hexadecimal words a chunk: x1 to x31, f0 to f31, fcsr,
 * sscratch, the digest of its traps and that of its memory.
 *
 * x31, x2 and x8 always point into the data area and x9 is a free pointer;
 * a chunk changes all others as it likes. Traps are logged and the
 * instruction is stepped over, so that a chunk may trap wherever it wants.
 */
        .equ    UART, 0x10000000
        .equ    LSR, 5
        .equ    LSR_THRE, 0x20
        .equ    FINISHER, 0x100000
        .equ    PASS, 0x5555
        .equ    MSTATUS_FS, 3 << 13
        .equ    MSTATUS_LOGGED, 0x1888 /* MPP, MPIE, MIE */
        .equ    DIGEST_FACTOR, 31
        .equ    DUMP_WORDS, 31 + 32 + 4

        .text
        .globl  _start
_start:
        la      t0, trap
        csrw    mtvec, t0
        li      t0, MSTATUS_FS
        csrs    mstatus, t0
        la      t0, chunks
        la      t1, next_chunk
        sd      t0, 0(t1)

/* A table entry: code, loops, fcsr, 31 values of x, 32 of f. A zero ends. */
begin_chunk:
        la      t1, data /* no reservation survives into a chunk */
        sc.w    t0, zero, (t1)
        la      x31, next_chunk
        ld      x30, 0(x31)
        ld      t0, 0(x30)
        beqz    t0, power_off
        la      t1, code
        sd      t0, 0(t1)
        ld      t0, 8(x30)
        la      t1, loops
        sd      t0, 0(t1)
        la      t1, trap_digest
        sd      zero, 0(t1)
        csrw    sscratch, zero
        call    fill_data
        la      x31, next_chunk
        ld      x30, 0(x31)
        ld      t0, 16(x30)
        csrw    fcsr, t0
        addi    x31, x30, 24 + 31 * 8
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, \
                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        fld     f\n, (\n) * 8(x31)
        .endr
        addi    x31, x30, 24
        .irp    n, 1, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, \
                20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        ld      x\n, (\n - 1) * 8(x31)
        .endr

run_chunk:
        la      x9, code
        ld      x9, 0(x9)
        la      x2, data_middle + 16
        la      x8, data_middle + 3
        la      x31, data_middle
        jr      x9

/* Chunks jump here. */
        .globl  end_chunk
end_chunk:
        la      x31, loops
        ld      x9, 0(x31)
        addi    x9, x9, -1
        sd      x9, 0(x31)
        bnez    x9, run_chunk

        la      x31, dump
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, \
                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        sd      x\n, (\n - 1) * 8(x31)
        .endr
        addi    x31, x31, 31 * 8
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, \
                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        fsd     f\n, (\n) * 8(x31)
        .endr
        frcsr   t0
        sd      t0, 32 * 8(x31)
        csrr    t0, sscratch
        sd      t0, 33 * 8(x31)
        la      t0, trap_digest
        ld      t0, 0(t0)
        sd      t0, 34 * 8(x31)
        call    digest_data
        sd      a0, 35 * 8(x31)
        call    print_dump

        la      t1, next_chunk
        ld      t0, 0(t1)
        addi    t0, t0, (3 + 31 + 32) * 8
        sd      t0, 0(t1)
        j       begin_chunk

power_off:
        li      t0, FINISHER
        li      t1, PASS
        sw      t1, 0(t0)
1:      j       1b

/* Every doubleword of the data area: a number that its address scrambles. */
fill_data:
        la      t0, data
        la      t1, data_end
        li      t2, 0x9e3779b97f4a7c15
        mv      t3, t2
1:      sd      t3, 0(t0)
        xor     t3, t3, t0
        mul     t3, t3, t2
        addi    t0, t0, 8
        bltu    t0, t1, 1b
        ret

/* a0 = digest of the data area. */
digest_data:
        la      t0, data
        la      t1, data_end
        li      t2, DIGEST_FACTOR
        li      a0, 0
1:      ld      t3, 0(t0)
        mul     a0, a0, t2
        add     a0, a0, t3
        addi    t0, t0, 8
        bltu    t0, t1, 1b
        ret

print_dump:
        la      a1, dump
        li      a2, DUMP_WORDS
        mv      a7, ra
next_word:
        ld      a3, 0(a1)
        li      a4, 60
next_digit:
        srl     a0, a3, a4
        andi    a0, a0, 15
        addi    a0, a0, '0'
        li      t0, '9'
        bleu    a0, t0, 1f
        addi    a0, a0, 'a' - '9' - 1
1:      call    put
        addi    a4, a4, -4
        bgez    a4, next_digit
        li      a0, ' '
        call    put
        addi    a1, a1, 8
        addi    a2, a2, -1
        bnez    a2, next_word
        li      a0, '\n'
        mv      ra, a7
put:
        li      t0, UART
1:      lbu     t1, LSR(t0)
        andi    t1, t1, LSR_THRE
        beqz    t1, 1b
        sb      a0, 0(t0)
        ret

/* Adds mcause, mepc, mtval and mstatus to the digest and steps over. */
        .balign 4
trap:
        csrw    mscratch, x31
        la      x31, saved
        sd      x5, 0(x31)
        sd      x6, 8(x31)
        sd      x7, 16(x31)
        sd      x9, 24(x31)
        la      x31, trap_digest
        ld      x5, 0(x31)
        li      x6, DIGEST_FACTOR
        .irp    csr, mcause, mepc, mtval
        csrr    x7, \csr
        mul     x5, x5, x6
        add     x5, x5, x7
        .endr
        csrr    x7, mstatus
        li      x9, MSTATUS_LOGGED
        and     x7, x7, x9
        mul     x5, x5, x6
        add     x5, x5, x7
        sd      x5, 0(x31)
        csrr    x5, mepc
        lhu     x6, 0(x5)
        andi    x6, x6, 3
        addi    x5, x5, 2
        addi    x6, x6, -3
        bnez    x6, 1f
        addi    x5, x5, 2
1:      csrw    mepc, x5
        la      x31, saved
        ld      x5, 0(x31)
        ld      x6, 8(x31)
        ld      x7, 16(x31)
        ld      x9, 24(x31)
        csrr    x31, mscratch
        mret

        .bss
        .balign 8
next_chunk:
        .skip   8
code:   .skip   8
loops:  .skip   8
trap_digest:
        .skip   8
saved:  .skip   4 * 8
dump:   .skip   DUMP_WORDS * 8

/* Offsets of loads and stores reach 2 KiB and a little either way; the
 * middle is the border of two pages. */
        .balign 4096
data:   .skip   4096
data_middle:
        .skip   4096
data_end:
