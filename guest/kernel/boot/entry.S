/*
 * The first instructions: entered at the lowest address of the image with
 * the MMU off, a0 = hart id, a1 = physical address of the device tree.
 *
 * Clears .bss, builds a root table of gigapages, turns Sv39 on and continues
 * in C at the high address. The gigapage at 2 GiB is mapped twice, low and
 * high, since the instruction after the satp write is still fetched from the
 * low one; mm/kmap.c replaces this table soon after.
 *
 *   entry 2         pa 0x8000_0000  identity, only for the jump
 *   entries 256 on  pa 0x0000_0000  linear, whatever there is
 */
#include "lib/csr.h"
#include "lib/layout.h"

#define GIGAPAGE(gib) ((gib) << 28)
#define GIGAPAGE_RWX(gib) (GIGAPAGE(gib) | 0xcf) /* D A X W R V */
#define GLOBAL 0x20

#define SBI_PUTCHAR 1        /* legacy */
#define SBI_RESET 0x53525354 /* "SRST" */
#define SBI_RESET_SHUTDOWN 0
#define SBI_RESET_FAILURE 1

    .section .text.entry, "ax"
    .globl _start
_start:
    csrw sie, zero
    csrw sstatus, zero

    lla t0, bss_start
    lla t1, bss_end
1:
    sd zero, 0(t0)
    addi t0, t0, 8
    bltu t0, t1, 1b

    lla t0, boot_root
    li t1, GIGAPAGE_RWX(2)
    sd t1, 2 * 8(t0)
    lla t2, boot_root + 256 * 8
    li t1, GIGAPAGE_RWX(0) | GLOBAL
    li t3, GIGAPAGE(1)
    lla t4, boot_root + PAGE_SIZE
1:
    sd t1, 0(t2)
    add t1, t1, t3
    addi t2, t2, 8
    bltu t2, t4, 1b

    srli t0, t0, PAGE_SHIFT
    li t1, SATP_MODE_SV39
    or t0, t0, t1
    sfence.vma
    csrw satp, t0
    sfence.vma
    csrr t1, satp
    bne t0, t1, no_sv39

    li t2, LINEAR_BASE
    lla t0, high
    add t0, t0, t2
    jr t0
high:
    lla sp, boot_stack + KSTACK_SIZE
    lla tp, idle_task
    lla t0, trap_entry
    csrw stvec, t0
    csrw sscratch, zero
    call start_kernel

    /* satp ignores a mode that the hart does not have. Nothing works yet but
     * SBI calls: a character at a time, then the end. */
no_sv39:
    lla s0, no_sv39_text
    li a7, SBI_PUTCHAR
1:
    lbu a0, 0(s0)
    beqz a0, 2f
    ecall
    addi s0, s0, 1
    j 1b
2:
    li a7, SBI_RESET
    li a6, 0
    li a0, SBI_RESET_SHUTDOWN
    li a1, SBI_RESET_FAILURE
    ecall
    j .

    .section .rodata
no_sv39_text:
    .asciz "emu kernel: this hart has no Sv39, which the kernel needs\n"

    .bss
    .balign PAGE_SIZE
    .globl boot_root
boot_root:
    .space PAGE_SIZE
