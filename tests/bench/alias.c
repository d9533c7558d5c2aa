/*
 * Arrays a power of two apart, as large allocations are: COUNT of them are
 * read and written side by side, a few words of each at a time. What looks a
 * page up by the low bits of its number alone finds the one it has just
 * thrown out missing.
 */
#include "bench.h"

#define APART 0x100000 /* bytes: 256 pages */
#define MOST 16
#define WORDS 1024 /* of each, in use: two pages */
#define ROUNDS 400
#define WANTED 0x31c949924e5ec000

static u64 (*const array)[APART / 8] = (void *)0x81000000;

/* array[to] = array[from] + 1, in pieces, for count arrays round. */
static void go_round(unsigned count)
{
    for (unsigned word = 0; word < WORDS; word += 4)
        for (unsigned to = 0; to < count; to++) {
            const u64 *from = &array[to ? to - 1 : count - 1][word];

            for (unsigned i = 0; i < 4; i++)
                array[to][word + i] += from[i] + i;
        }
}

bool bench_main(void)
{
    u64 sum = 0;

    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned count = 2; count <= MOST; count *= 2)
            go_round(count);
    for (unsigned i = 0; i < MOST; i++)
        for (unsigned word = 0; word < WORDS; word++)
            sum = sum * 31 + array[i][word];
    return bench_result(sum, WANTED);
}
