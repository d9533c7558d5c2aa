/*
 * A fence for one page that is in use: written, fenced, written again, while
 * others are in use beside it.
 */
#include "paged.h"

#define ROUNDS 400000
#define PAGES 8

static u64 middle[512] __attribute__((aligned(4096)));
static u64 last[512] __attribute__((aligned(4096)));
static u64 frame[PAGES][512] __attribute__((aligned(4096)));

bool bench_main(void)
{
    u64 sum = 0;

    paged_link(root, middle, last);
    for (unsigned i = 0; i < PAGES; i++)
        last[i] = pte_of(frame[i], PTE_RW);
    fence_all();
    for (u64 i = 0; i < ROUNDS; i++) {
        u64 va = PAGED_VA + i % PAGES * PAGE;

        ++*(volatile u64 *)va;
        fence_page(va);
    }
    for (unsigned i = 0; i < PAGES; i++)
        sum += frame[i][0];
    bench_operations(ROUNDS);
    return bench_result(sum, ROUNDS);
}
