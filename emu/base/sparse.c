/* Bytes that are mostly zero; see sparse.h. */
#include "base/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define LINE 64

struct sparse {
    size_t size; /* unpacked */
    size_t lines;
    size_t weight;
    u64 map[]; /* a bit for each line that is there; then those lines */
};

static const u8 zeroes[LINE];

static size_t map_words(size_t lines)
{
    return (lines + 63) / 64;
}

/* Bytes of a line, which is the last one or not. */
static size_t length(size_t size, size_t line)
{
    return least(LINE, size - line * LINE);
}

static bool is_there(const u8 *bytes, size_t size, size_t line)
{
    return memcmp(bytes + line * LINE, zeroes, length(size, line)) != 0;
}

struct sparse *sparse_new(const void *bytes, size_t size)
{
    size_t lines = (size + LINE - 1) / LINE, there = 0, head;
    struct sparse *s;
    u8 *to;

    for (size_t i = 0; i < lines; i++)
        there += is_there(bytes, size, i);
    head = sizeof(*s) + map_words(lines) * sizeof(u64);
    s = calloc(1, head + there * LINE);
    if (!s)
        return NULL;
    *s = (struct sparse){size, lines, head + there * LINE};
    to = (u8 *)s + head;
    for (size_t i = 0; i < lines; i++) {
        if (!is_there(bytes, size, i))
            continue;
        s->map[i / 64] |= 1ull << i % 64;
        memcpy(to, (const u8 *)bytes + i * LINE, length(size, i));
        to += LINE;
    }
    return s;
}

void sparse_load(const struct sparse *s, void *bytes)
{
    const u8 *from = (const u8 *)&s->map[map_words(s->lines)];

    for (size_t i = 0; i < s->lines; i++) {
        u8 *to = (u8 *)bytes + i * LINE;

        if (s->map[i / 64] >> i % 64 & 1) {
            memcpy(to, from, length(s->size, i));
            from += LINE;
        } else {
            memset(to, 0, length(s->size, i));
        }
    }
}

size_t sparse_weight(const struct sparse *s)
{
    return s->weight;
}
