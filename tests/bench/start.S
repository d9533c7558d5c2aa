/*
 * Entry of the benchmark programs, which own the machine: M-mode, no
 * firmware, hart 0. With PAGED they run in S-mode under Sv39, memory and
 * devices mapped to themselves by two gigapages, as a kernel would run: its
 * traps are its own, it may read the counters, and U-mode has memory once
 * more, a gigabyte higher. What bench_main returns, passed or not, ends the
 * machine.
 */
    .equ FINISHER, 0x100000
    .equ PASS, 0x5555
    .equ FAIL, 0x13333

    .section .text.start, "ax", @progbits
    .globl _start
_start:
    la sp, stack_end
#ifdef PAGED
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    la t0, root
    srli t1, t0, 12
    li t2, 8 << 60
    or t1, t1, t2
    csrw satp, t1
    sfence.vma
    li t0, 0xb1ff /* all that S-mode may have but its own ecall */
    csrw medeleg, t0
    li t0, 7
    csrw mcounteren, t0
    li t0, 1 << 11
    csrs mstatus, t0
    la t0, 1f
    csrw mepc, t0
    mret
1:
#endif
    call bench_main
    li t0, FINISHER
    li t1, PASS
    bnez a0, 2f
    li t1, FAIL
2:  sw t1, 0(t0)
3:  wfi
    j 3b

#ifdef PAGED
/* D A W R V for the devices, D A X W R V for RAM, and U for RAM again. */
    .data
    .balign 4096
    .globl root
root:
    .dword 0x00000000 >> 2 | 0xc7
    .dword 0
    .dword 0x80000000 >> 2 | 0xcf
    .dword 0x80000000 >> 2 | 0xdf
    .skip 4096 - 32
#endif

    .bss
    .balign 16
    .skip 65536
stack_end:
