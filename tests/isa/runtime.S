/*
 * What a random program runs on: bare metal, RV64GC on QEMU's virt.
 *
 * The generator (programs.py) appends a table of chunks. Each begins from
 * values of its own, in M, S or U-mode, with or without translation, and
 * runs a few times; then all it can have changed is printed, a line of
 * hexadecimal words a chunk: x1 to x31, f0 to f31, fcsr, sscratch, the digest
 * of its traps, that of its memory, and two PTEs.
 *
 * x31, x2 and x8 always point into the data area and x9 is a free pointer;
 * a chunk changes all others as it likes. Every trap comes to M-mode, is
 * logged, and the instruction is stepped over, so that a chunk may trap
 * wherever it wants. Where there is translation, the code stands at its
 * physical address in a gigapage, and the data area at 0xc000_0000: two pages
 * whose frames have changed places and whose PTEs have flags of any kind.
 */
        .equ    UART, 0x10000000
        .equ    LSR, 5
        .equ    LSR_THRE, 0x20
        .equ    LSR_TEMT, 0x40
        .equ    FINISHER, 0x100000
        .equ    PASS, 0x5555
        .equ    PTE_V, 1
        .equ    PTE_CODE, 0xcf /* D A X W R V */
        .equ    PTE_U, 0x10
        .equ    MENVCFG_PBMTE, 1 << 62 /* off on QEMU's default CPU */
        .equ    MSTATUS_FS, 3 << 13
        .equ    MSTATUS_SUM_MXR, 3 << 18
        .equ    MSTATUS_MPP, 3 << 11
        .equ    MSTATUS_MPIE, 1 << 7
        .equ    MSTATUS_LOGGED, 0x1888 /* MPP, MPIE, MIE */
        .equ    STORE_ACCESS, 7
        .equ    OPCODE_AMO, 0x2f
        .equ    FUNCT5_LR, 2
        .equ    LOAD_TO_STORE, 2 /* cause 5 to 7, 13 to 15 */
        .equ    DIGEST_FACTOR, 31
        .equ    DUMP_WORDS, 31 + 32 + 6

        .text
        .globl  _start
_start:
        la      t0, trap
        csrw    mtvec, t0
        li      t0, MSTATUS_FS
        csrs    mstatus, t0
        li      t0, MENVCFG_PBMTE
        csrc    menvcfg, t0
        li      t0, -1 /* S and U-mode may touch everything */
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0
        la      t0, chunks
        la      t1, next_chunk
        sd      t0, 0(t1)

/* Offsets in a table entry; a zero code ends the table. */
        .equ    CODE, 0
        .equ    LOOPS, 8
        .equ    FCSR, 16
        .equ    STATUS, 24 /* MPP, SUM and MXR of mstatus */
        .equ    SATP_MODE, 32
        .equ    MIDDLE, 40 /* of the data area, as the chunk sees it */
        .equ    FLAGS, 48 /* of the PTEs of two pages */
        .equ    X, 64
        .equ    F, X + 31 * 8
        .equ    ENTRY, F + 32 * 8

begin_chunk:
        la      t1, data /* no reservation survives into a chunk */
        sc.w    t0, zero, (t1)
        la      s0, next_chunk
        ld      s0, 0(s0)
        ld      t0, CODE(s0)
        beqz    t0, power_off
        la      t1, trap_digest
        sd      zero, 0(t1)
        csrw    sscratch, zero
        ld      t0, LOOPS(s0)
        la      t1, loops
        sd      t0, 0(t1)
        call    fill_data
        call    build_tables
        ld      t0, FCSR(s0)
        csrw    fcsr, t0
        addi    x31, s0, F
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, \
                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        fld     f\n, (\n) * 8(x31)
        .endr
        addi    x31, s0, X
        .irp    n, 1, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, \
                20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        ld      x\n, (\n - 1) * 8(x31)
        .endr

/* Into the chunk, with registers that are not its own. */
run_chunk:
        la      x9, next_chunk
        ld      x9, 0(x9)
        ld      x8, CODE(x9)
        csrw    mepc, x8
        li      x8, MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_SUM_MXR
        csrc    mstatus, x8
        ld      x8, STATUS(x9)
        csrs    mstatus, x8
        ld      x8, SATP_MODE(x9)
        la      x31, root
        srli    x31, x31, 12
        or      x8, x8, x31
        csrw    satp, x8
        sfence.vma
        ld      x31, MIDDLE(x9)
        addi    x2, x31, 16
        addi    x8, x31, 3
        mret

/* Chunks jump here, in their own mode; the trap handler goes on. */
        .globl  end_chunk
        .balign 4
end_chunk:
        ecall

ended:
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
        la      t0, leaf
        ld      t1, 0(t0)
        sd      t1, 36 * 8(x31)
        ld      t1, 8(t0)
        sd      t1, 37 * 8(x31)
        call    print_dump

        la      t1, next_chunk
        ld      t0, 0(t1)
        li      t2, ENTRY
        add     t0, t0, t2
        sd      t0, 0(t1)
        j       begin_chunk

power_off:
        li      t0, UART /* what is on its way would be lost */
1:      lbu     t1, LSR(t0)
        andi    t1, t1, LSR_TEMT
        beqz    t1, 1b
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

/* root[2] holds the code, root[3] -> middle[0] -> leaf[0 and 1] the window.
 * s0: the table entry. */
build_tables:
        la      t0, root
        li      t1, 0x80000000 >> 2 | PTE_CODE
        ld      t2, STATUS(s0)
        li      t3, MSTATUS_MPP
        and     t2, t2, t3
        bnez    t2, 1f
        ori     t1, t1, PTE_U
1:      sd      t1, 2 * 8(t0)
        la      t1, middle
        srli    t1, t1, 2
        ori     t1, t1, PTE_V
        sd      t1, 3 * 8(t0)
        la      t0, middle
        la      t1, leaf
        srli    t1, t1, 2
        ori     t1, t1, PTE_V
        sd      t1, 0(t0)
        la      t0, leaf
        la      t1, data_middle
        srli    t1, t1, 2
        ld      t2, FLAGS(s0)
        or      t1, t1, t2
        sd      t1, 0(t0)
        la      t1, data
        srli    t1, t1, 2
        ld      t2, FLAGS + 8(s0)
        or      t1, t1, t2
        sd      t1, 8(t0)
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
        csrr    x7, mepc
        mul     x5, x5, x6
        add     x5, x5, x7
        /* QEMU 7.2 splits a misaligned load of what is no RAM into aligned
         * ones and faults on the first of those. */
        csrr    x7, mcause
        ori     x7, x7, LOAD_TO_STORE
        addi    x7, x7, -STORE_ACCESS
        snez    x9, x7
        csrr    x7, mtval
        bnez    x9, 1f
        andi    x7, x7, -8
1:      mul     x5, x5, x6
        add     x5, x5, x7
        /* An AMO that may not read is a load to QEMU 7.2. The specification:
         * "AMOs never raise load page-fault exceptions"; so with the others. */
        csrr    x7, mepc
        lhu     x9, 0(x7)
        andi    x9, x9, 0x7f
        addi    x9, x9, -OPCODE_AMO
        bnez    x9, 1f
        lhu     x9, 2(x7)
        srli    x9, x9, 11
        addi    x9, x9, -FUNCT5_LR
        beqz    x9, 1f
        csrr    x7, mcause
        ori     x7, x7, LOAD_TO_STORE
        j       2f
1:      csrr    x7, mcause
2:      mul     x5, x5, x6
        add     x5, x5, x7
        csrr    x7, mstatus
        li      x9, MSTATUS_LOGGED
        and     x7, x7, x9
        mul     x5, x5, x6
        add     x5, x5, x7
        sd      x5, 0(x31)
        csrr    x5, mepc
        la      x6, end_chunk
        beq     x5, x6, 2f
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
2:      la      x31, saved
        ld      x5, 0(x31)
        ld      x6, 8(x31)
        ld      x7, 16(x31)
        j       ended

        .bss
        .balign 8
next_chunk:
        .skip   8
loops:  .skip   8
trap_digest:
        .skip   8
saved:  .skip   4 * 8
dump:   .skip   DUMP_WORDS * 8

        .balign 4096
root:   .skip   4096
middle: .skip   4096
leaf:   .skip   4096

/* Offsets of loads and stores reach 2 KiB and a little either way; the
 * middle is the border of two pages. */
data:   .skip   4096
data_middle:
        .skip   4096
data_end:
