/*
 * Whole pages: page_copy(dst, src) and page_zero(dst), both page aligned.
 *
 * Sixteen doublewords a turn: a copy is 32 turns of 35 instructions. This
 * is most of what a copy-on-write fault costs, hence by hand.
 */
    .text
    .globl page_copy
    .type page_copy, @function
page_copy:
    li t0, 4096
    add t0, t0, a0
1:
    .irp off, 0, 32, 64, 96
    ld a2, \off(a1)
    ld a3, \off + 8(a1)
    ld a4, \off + 16(a1)
    ld a5, \off + 24(a1)
    sd a2, \off(a0)
    sd a3, \off + 8(a0)
    sd a4, \off + 16(a0)
    sd a5, \off + 24(a0)
    .endr
    addi a1, a1, 128
    addi a0, a0, 128
    bltu a0, t0, 1b
    ret
    .size page_copy, . - page_copy

    .globl page_zero
    .type page_zero, @function
page_zero:
    li t0, 4096
    add t0, t0, a0
1:
    .irp off, 0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120
    sd zero, \off(a0)
    .endr
    addi a0, a0, 128
    bltu a0, t0, 1b
    ret
    .size page_zero, . - page_zero
