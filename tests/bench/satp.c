/*
 * Two address spaces with ASIDs, taken in turn without a fence. With WORK each
 * is made use of in between: a few pages are read and written.
 */
#include "paged.h"

#define ROUNDS 150000 /* of two switches */
#define PAGES 8

static u64 top[2][512] __attribute__((aligned(4096)));
static u64 middle[2][512] __attribute__((aligned(4096)));
static u64 last[2][512] __attribute__((aligned(4096)));
static u64 frame[2][PAGES][512] __attribute__((aligned(4096)));

static inline void use_space(u64 satp)
{
    __asm__ volatile("csrw satp, %0" ::"r"(satp) : "memory");
}

static void make_space(unsigned which)
{
    for (unsigned i = 0; i < 512; i++)
        top[which][i] = root[i];
    paged_link(top[which], middle[which], last[which]);
    for (unsigned i = 0; i < PAGES; i++)
        last[which][i] = pte_of(frame[which][i], PTE_RW);
}

static inline void work(u64 value)
{
    (void)value;
#ifdef WORK
    for (unsigned i = 0; i < PAGES; i++)
        *(volatile u64 *)(PAGED_VA + i * PAGE) += value;
#endif
}

bool bench_main(void)
{
    u64 first, second;

    make_space(0);
    make_space(1);
    first = satp_of(top[0], 1);
    second = satp_of(top[1], 2);
    fence_all();
    for (u64 i = 0; i < ROUNDS; i++) {
        use_space(first);
        work(1);
        use_space(second);
        work(2);
    }
    use_space(satp_of(root, 0));
    bench_operations(2 * ROUNDS);
#ifdef WORK
    return bench_result(frame[0][0][0] + frame[1][PAGES - 1][0], 3 * ROUNDS);
#else
    return bench_result(frame[0][0][0], 0);
#endif
}
