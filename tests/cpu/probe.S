/*
 * Executes the words of suite.py one after the other in M-mode and writes of
 * each whether it was an illegal instruction (1) or anything else (0); then
 * misa on a line of its own. No instruction of an extension, since any of
 * them may be off: RV64I and CSRs, without stack.
 *
 * Every word finds the same registers: all of them point into the middle of
 * memory that may be read and written. Where to go on, word trapped or not,
 * is in mscratch.
 */
        .option norvc
        .option norelax

        .macro  PROBE
        la      t0, verdict
        sb      zero, 0(t0)
        la      t0, 2f
        csrw    mscratch, t0
        la      t0, prepare
        jalr    ra, t0
        .endm

        .macro  RESULT
2:      la      t0, show
        jalr    ra, t0
        .endm

        .text
        .globl  _start
_start:
        la      t0, handler
        csrw    mtvec, t0
        li      t0, 0x2000              /* FS, if there is one */
        csrw    mstatus, t0
        j       words

        .balign 4
handler:
        csrr    t0, mcause
        addi    t0, t0, -2
        seqz    t0, t0
        la      t1, verdict
        sb      t0, 0(t1)
        csrr    t0, mscratch
        jr      t0

/* All registers but ra into the middle of `room`. */
prepare:
        la      x2, room + 2048
        mv      x3, x2
        mv      x4, x2
        mv      x5, x2
        mv      x6, x2
        mv      x7, x2
        mv      x8, x2
        mv      x9, x2
        mv      x10, x2
        mv      x11, x2
        mv      x12, x2
        mv      x13, x2
        mv      x14, x2
        mv      x15, x2
        ret

show:
        la      t0, verdict
        lbu     t0, 0(t0)
        addi    t0, t0, '0'
        li      t1, 0x10000000
        sb      t0, 0(t1)
        ret

        .globl  finish
finish:
        li      t1, 0x10000000
        li      t0, '\n'
        sb      t0, 0(t1)
        csrr    t2, misa
        li      t3, 60
1:      srl     t0, t2, t3
        andi    t0, t0, 15
        addi    t0, t0, '0'
        li      t4, '9'
        ble     t0, t4, 2f
        addi    t0, t0, 'a' - '0' - 10
2:      sb      t0, 0(t1)
        addi    t3, t3, -4
        bgez    t3, 1b
        li      t0, '\n'
        sb      t0, 0(t1)
        li      t1, 0x100000
        li      t0, 0x5555
        sw      t0, 0(t1)
        j       .

        .bss
        .balign 4096
room:   .space  4096
verdict:
        .space  8

        .text
words:
