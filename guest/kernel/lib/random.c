/*
 * A splitmix64 sequence: deterministic, which is what a machine that must
 * run the same way twice wants. Not for secrets.
 */
#include "lib/random.h"

#include "lib/string.h"

static u64 state;

void random_init(const void *seed, u32 len)
{
    const u8 *bytes = seed;

    for (u32 i = 0; i < len; i++)
        state = state * 31 + bytes[i];
}

static u64 next(void)
{
    u64 z = state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

void random_fill(void *buf, size_t n)
{
    u8 *to = buf;

    while (n) {
        u64 word = next();
        size_t part = min_u64(n, sizeof(word));

        memcpy(to, &word, part);
        to += part;
        n -= part;
    }
}
