/*
 * Stores, round and round in one frame. With CODE the frame has held a
 * function, which has run; all that it held is overwritten before the loop
 * begins, so the two cost the same, or frames that programs are loaded into
 * are slow for ever after.
 */
#include "bench.h"

#define WORDS 512 /* a page */
#define ROUNDS 20000
#define RET 0x00008067u

static volatile u64 frame[WORDS] __attribute__((aligned(4096)));

static void run_code(void)
{
    u64 entries[] = {0, WORDS / 2, WORDS - 1};

    for (unsigned i = 0; i < 3; i++)
        frame[entries[i]] = RET;
    __asm__ volatile("fence.i" ::: "memory");
    for (unsigned i = 0; i < 3; i++)
        ((void (*)(void))(u64)&frame[entries[i]])();
    for (unsigned i = 0; i < WORDS; i++)
        frame[i] = 0;
    __asm__ volatile("fence.i" ::: "memory");
}

bool bench_main(void)
{
    u64 sum = 0;

#ifdef CODE
    run_code();
#else
    (void)run_code;
#endif
    for (u64 round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i < WORDS; i++)
            frame[i] = round + i;
    for (unsigned i = 0; i < WORDS; i++)
        sum += frame[i];
    bench_operations((u64)ROUNDS * WORDS);
    return bench_result(sum, (ROUNDS - 1ull) * WORDS + WORDS * (WORDS - 1) / 2);
}
