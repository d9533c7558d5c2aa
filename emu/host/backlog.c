/*
 * Console input that the machine has no room for yet.
 *
 * A terminal is read ahead of the guest, so that a key for emu gets through
 * behind whatever has been pasted; up to BACKLOG_MAX, beyond which the bytes
 * stay in the terminal and whoever sends them waits.
 */
#include "host/backlog.h"

#include <stdlib.h>
#include <string.h>

size_t backlog_count(const struct backlog *b)
{
    return b->end - b->first;
}

int backlog_reserve(struct backlog *b, size_t count)
{
    size_t wanted = backlog_count(b) + count;
    uint8_t *grown;

    if (wanted > BACKLOG_MAX)
        return -1;
    if (b->end + count <= b->capacity)
        return 0;
    if (wanted > b->capacity) {
        grown = realloc(b->bytes, 2 * wanted);
        if (!grown)
            return -1;
        b->bytes = grown;
        b->capacity = 2 * wanted;
    }
    memmove(b->bytes, b->bytes + b->first, backlog_count(b));
    b->end -= b->first;
    b->first = 0;
    return 0;
}

void backlog_put(struct backlog *b, uint8_t byte)
{
    b->bytes[b->end++] = byte;
}

const uint8_t *backlog_bytes(const struct backlog *b)
{
    return b->bytes + b->first;
}

void backlog_take(struct backlog *b, size_t count)
{
    b->first += count;
    if (b->first == b->end)
        b->first = b->end = 0;
}

void backlog_free(struct backlog *b)
{
    free(b->bytes);
    *b = (struct backlog){0};
}
