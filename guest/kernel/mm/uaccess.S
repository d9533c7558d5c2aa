/*
 * uaccess_copy(dst, src, n): copies n bytes where one side is user memory;
 * returns how many were not copied. A fault between uaccess_start and
 * uaccess_end that do_page_fault cannot satisfy resumes at uaccess_failed
 * (trap_from_kernel). SUM is set only in here.
 */
#include "lib/csr.h"

    .text
    .globl uaccess_copy, uaccess_start, uaccess_end, uaccess_failed
uaccess_copy:
    li t6, SSTATUS_SUM
    csrs sstatus, t6
    add t0, a0, a2              /* end of dst */
    xor t1, a0, a1
    andi t1, t1, 7
    bnez t1, 3f
uaccess_start:
1:  /* bytes up to a doubleword boundary */
    andi t1, a0, 7
    beqz t1, 2f
    bgeu a0, t0, 4f
    lb t2, 0(a1)
    sb t2, 0(a0)
    addi a0, a0, 1
    addi a1, a1, 1
    j 1b
2:  /* 256 bytes a turn */
    addi t3, a0, 256
    bltu t0, t3, 5f
    .irp off, 0, 64, 128, 192
    ld t2, \off(a1)
    ld t4, \off + 8(a1)
    ld t5, \off + 16(a1)
    ld a2, \off + 24(a1)
    ld a3, \off + 32(a1)
    ld a4, \off + 40(a1)
    ld a5, \off + 48(a1)
    ld a6, \off + 56(a1)
    sd t2, \off(a0)
    sd t4, \off + 8(a0)
    sd t5, \off + 16(a0)
    sd a2, \off + 24(a0)
    sd a3, \off + 32(a0)
    sd a4, \off + 40(a0)
    sd a5, \off + 48(a0)
    sd a6, \off + 56(a0)
    .endr
    mv a0, t3
    addi a1, a1, 256
    j 2b
5:  /* the doublewords that are left */
    addi t3, a0, 8
    bltu t0, t3, 3f
    ld t2, 0(a1)
    sd t2, 0(a0)
    mv a0, t3
    addi a1, a1, 8
    j 5b
3:  /* the bytes that are left */
    bgeu a0, t0, 4f
    lb t2, 0(a1)
    sb t2, 0(a0)
    addi a0, a0, 1
    addi a1, a1, 1
    j 3b
uaccess_end:
uaccess_failed:
4:
    csrc sstatus, t6
    sub a0, t0, a0
    ret
