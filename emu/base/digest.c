/*
 * Eight words at a time, each into a lane of its own, so that a host can work
 * on all of them at once:
 *
 *     lane = rotl(lane ^ word, 29) * 9e3779b97f4a7c15 (hex)
 *
 * What is left is filled up with zeroes to eight words. In the end the lanes
 * are stirred into one number, with the size. Each step is a bijection of its
 * lane, so that no change of one word is ever lost.
 */
#include "base/digest.h"

#include <string.h>

#include "base/bits.h"

#define LANES 8
#define FACTOR 0x9e3779b97f4a7c15ull

static inline u64 turn(u64 value, unsigned count)
{
    return value << count | value >> (64 - count);
}

static inline void take(u64 lane[LANES], const u8 *from)
{
    for (unsigned i = 0; i < LANES; i++)
        lane[i] = turn(lane[i] ^ load_le64(from + 8 * i), 29) * FACTOR;
}

u64 digest(u64 before, const void *bytes, size_t size)
{
    u64 lane[LANES], result = stir(before ^ size);
    const u8 *at = bytes;
    u8 rest[8 * LANES] = {0};

    for (unsigned i = 0; i < LANES; i++)
        lane[i] = before + i * FACTOR;
    for (size_t left = size / sizeof(rest); left > 0; left--) {
        take(lane, at);
        at += sizeof(rest);
    }
    if (size % sizeof(rest)) {
        memcpy(rest, at, size % sizeof(rest));
        take(lane, rest);
    }
    for (unsigned i = 0; i < LANES; i++)
        result = stir(result ^ lane[i]) + FACTOR;
    return result;
}

u64 digest_of(const void *bytes, size_t size)
{
    return digest(0, bytes, size);
}
