/* A number for many bytes; see digest.h. Four words at a time, each in a lane
 * of its own, so that a host multiplies them side by side. */
#include "base/digest.h"

#include <string.h>

#include "base/bits.h"

#define LANES 4
#define PRIME 0x9e3779b97f4a7c15ull

u64 digest(u64 so_far, const void *bytes, size_t size)
{
    u64 lane[LANES] = {so_far, so_far + 1, so_far + 2, so_far + 3};
    const u8 *at = bytes;

    while (size) {
        u64 word[LANES] = {0};
        size_t part = least(size, sizeof(word));

        memcpy(word, at, part);
        for (unsigned i = 0; i < LANES; i++) {
            lane[i] = (lane[i] ^ word[i]) * PRIME;
            lane[i] ^= lane[i] >> 32;
        }
        at += part;
        size -= part;
    }
    return stir(lane[0] ^ stir(lane[1] ^ stir(lane[2] ^ stir(lane[3]))));
}
