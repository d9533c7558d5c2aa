/*
 * Loads and stores at random over 1 GiB, mapped by 2-MiB pages with BIG, by
 * 4-KiB pages without: more pages than a TLB or a cache of translations has
 * room for. The memory behind them is 32 MiB, over and over.
 */
#include "paged.h"

#define ROUNDS 1000000
#define WANTED 0x236636064d20220d
#define SPAN (1ull << 30)
#define BIG_PAGE (1ull << 21)
#define MEMORY 0x84000000ull /* physical, and so much of it: */
#define MEMORY_SIZE (1ull << 25)

static u64 middle[512] __attribute__((aligned(4096)));
#ifndef BIG
static u64 last[512][512] __attribute__((aligned(4096)));
#endif

static u64 frame_pte(u64 offset)
{
    return pte_of((const void *)(MEMORY + offset % MEMORY_SIZE), PTE_RW);
}

static void map_all(void)
{
    root[PAGED_VA >> 30] = pte_of(middle, PTE_V);
    for (u64 i = 0; i < 512; i++) {
#ifdef BIG
        middle[i] = frame_pte(i * BIG_PAGE);
#else
        middle[i] = pte_of(last[i], PTE_V);
        for (u64 k = 0; k < 512; k++)
            last[i][k] = frame_pte(i * BIG_PAGE + k * PAGE);
#endif
    }
    fence_all();
}

bool bench_main(void)
{
    u64 random = 88172645463325252, sum = 0;

    map_all();
    for (u64 i = 0; i < ROUNDS; i++) {
        volatile u64 *word;

        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        word = (volatile u64 *)(PAGED_VA + random % SPAN / 8 * 8);
        sum += *word;
        *word = sum ^ random;
    }
    bench_operations(ROUNDS);
    return bench_result(sum, WANTED);
}
