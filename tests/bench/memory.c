/*
 * Loads and stores: a sweep over 1 MiB, a copy, and a chase of pointers whose
 * order is scattered over 256 KiB.
 */
#include "bench.h"

#define WORDS 131072
#define NODES 32768
#define ROUNDS 150
#define WANTED 0x0a011f1126e14000

static u64 words[WORDS], copy[WORDS];
static u32 next[NODES];

/* A cycle through all nodes: the step is odd, hence prime to their number. */
static void link_nodes(void)
{
    u32 at = 0;

    for (u32 i = 0; i < NODES; i++) {
        u32 to = (at + 20183) % NODES;

        next[at] = to;
        at = to;
    }
}

static u64 sweep(u64 round)
{
    u64 sum = 0;

    for (u32 i = 0; i < WORDS; i++) {
        words[i] += round ^ i;
        sum += words[i];
    }
    return sum;
}

static void copy_words(void)
{
    for (u32 i = 0; i < WORDS; i += 4) {
        copy[i] = words[i];
        copy[i + 1] = words[i + 1];
        copy[i + 2] = words[i + 2];
        copy[i + 3] = words[i + 3];
    }
}

static u64 chase(u32 steps)
{
    u64 sum = 0;
    u32 at = 0;

    while (steps--) {
        at = next[at];
        sum += at ^ copy[at];
    }
    return sum;
}

bool bench_main(void)
{
    u64 sum = 0;

    link_nodes();
    for (u64 round = 0; round < ROUNDS; round++) {
        sum ^= sweep(round);
        copy_words();
        sum = sum * 31 + chase(5 * NODES);
    }
    return bench_result(sum, WANTED);
}
