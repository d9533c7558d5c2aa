/*
 * Page faults: U-mode stores to one page after another, of which there is
 * never more than one. The handler takes the last one away and maps the one
 * that is wanted, with a fence for each.
 */
#include "paged.h"

#define ROUNDS 200000

void bench_trap(void);
extern const char user_code[];
u64 last[512] __attribute__((aligned(4096)));
u64 frame_pte; /* what the handler maps */
static u64 middle[512] __attribute__((aligned(4096)));
static u64 frame[512] __attribute__((aligned(4096)));

/* t0 is the address wanted, t2 its entry. The page of sscratch goes. */
__asm__(".text\n .balign 4\n .globl bench_trap\n"
        "bench_trap:\n"
        "  csrr t0, sscratch\n"
        "  la t1, last\n"
        "  srli t2, t0, 9\n"
        "  andi t2, t2, 0x7f8\n"
        "  add t2, t2, t1\n"
        "  sd zero, 0(t2)\n"
        "  sfence.vma t0, zero\n"
        "  csrr t0, stval\n"
        "  csrw sscratch, t0\n"
        "  srli t2, t0, 9\n"
        "  andi t2, t2, 0x7f8\n"
        "  add t2, t2, t1\n"
        "  la t1, frame_pte\n"
        "  ld t1, 0(t1)\n"
        "  sd t1, 0(t2)\n"
        "  sfence.vma t0, zero\n"
        "  sret\n"
        /* a1 rounds; a2 goes round PAGES pages. */
        "user_code:\n"
        "  li a2, 0x100000000\n"
        "  mv a3, a2\n"
        "  li a4, 64 << 12\n"
        "  add a4, a4, a2\n"
        "  li a5, 0x1000\n"
        "1: sd a1, 0(a2)\n"
        "  add a2, a2, a5\n"
        "  bltu a2, a4, 2f\n"
        "  mv a2, a3\n"
        "2: addi a1, a1, -1\n"
        "  bnez a1, 1b\n"
        "  li a7, 0\n"
        "  ecall\n");

bool bench_main(void)
{
    paged_link(root, middle, last);
    frame_pte = pte_of(frame, PTE_RW | PTE_U);
    fence_all();
    __asm__ volatile("csrw sscratch, %0" ::"r"(PAGED_VA));
    enter_user(user_code, ROUNDS);
    bench_operations(ROUNDS);
    return bench_result(frame[0], 1);
}
