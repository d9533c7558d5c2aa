/*
 * LR, SC and AMOs are aligned always, whatever other accesses may do ("A
 * Extension": "the address held in rs1 must be naturally aligned"). What
 * fails is a store for SC and AMOs and a load for LR, with the address in
 * mtval; nothing is written and no register changes. An SC without a
 * reservation is no exception. Ends with the number of the case that failed.
 */
        .equ    FINISHER, 0x100000
        .equ    PASS, 0x5555
        .equ    FAIL, 0x3333
        .equ    LOAD_MISALIGNED, 4
        .equ    STORE_MISALIGNED, 6
        .equ    OLD, 77 /* in rd before */

        .option norvc
        .macro  expect cause, insn:vararg
        addi    s11, s11, 1
        li      a0, OLD
        li      s0, -1
        \insn
        li      t0, \cause
        bne     s0, t0, fail
        bne     s1, a1, fail
        li      t0, OLD
        bne     a0, t0, fail
        .endm

        .globl  _start
_start:
        la      t0, trap
        csrw    mtvec, t0
        li      s11, 0
        li      a2, -1
        .irp    offset, 1, 2, 3
        la      a1, data + \offset
        expect  LOAD_MISALIGNED, lr.w a0, (a1)
        expect  STORE_MISALIGNED, sc.w a0, a2, (a1)
        .irp    amo, amoswap.w, amoadd.w, amoxor.w, amoand.w, amoor.w, \
                amomin.w, amomax.w, amominu.w, amomaxu.w
        expect  STORE_MISALIGNED, \amo a0, a2, (a1)
        .endr
        .endr
        .irp    offset, 1, 2, 3, 4, 5, 6, 7
        la      a1, data + \offset
        expect  LOAD_MISALIGNED, lr.d a0, (a1)
        expect  STORE_MISALIGNED, sc.d a0, a2, (a1)
        .irp    amo, amoswap.d, amoadd.d, amoxor.d, amoand.d, amoor.d, \
                amomin.d, amomax.d, amominu.d, amomaxu.d
        expect  STORE_MISALIGNED, \amo a0, a2, (a1)
        .endr
        .endr

        addi    s11, s11, 1
        ld      t0, data
        ld      t1, expected
        bne     t0, t1, fail
        ld      t0, data + 8
        bnez    t0, fail
        li      t1, PASS
        j       finish
fail:   slli    t1, s11, 16
        li      t0, FAIL
        or      t1, t1, t0
finish: li      t0, FINISHER
        sw      t1, 0(t0)
1:      j       1b

        .balign 4
trap:
        csrr    s0, mcause
        csrr    s1, mtval
        csrr    s2, mepc
        addi    s2, s2, 4
        csrw    mepc, s2
        mret

        .balign 8
data:   .dword  0x0123456789abcdef, 0
expected:
        .dword  0x0123456789abcdef
