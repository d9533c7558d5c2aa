/*
 * Bytes of a trace file: a buffer that grows, and a cursor that stays inside.
 *
 * Numbers are LEB128 (DWARF 5, section 7.6), signed differences of 64-bit words
 * zigzag-folded so that small ones of either sign are short. What is too much
 * for memory, or beyond the end, is remembered instead of returned: one look at
 * the end of a job is enough.
 */
#ifndef TRACE_FILE_BYTES_H
#define TRACE_FILE_BYTES_H

#include <stdlib.h>
#include <string.h>

#include "base/types.h"

#define NUMBER_BYTES 10 /* the longest number */

struct bytes { /* all zero is an empty one */
    u8 *at;
    size_t size, room;
    bool failed; /* memory was lacking: what is in it is of no use */
};

void bytes_free(struct bytes *bytes);

/* Makes room for so many more. False: there is none, and nothing is put. */
bool bytes_grow(struct bytes *bytes, size_t more);

static inline bool bytes_reserve(struct bytes *bytes, size_t more)
{
    return bytes->room - bytes->size >= more || bytes_grow(bytes, more);
}

void bytes_put(struct bytes *bytes, const void *from, size_t size);
void bytes_put_le(struct bytes *bytes, u64 value, unsigned size);
void bytes_put_text(struct bytes *bytes, const char *text);

static inline void bytes_put_number(struct bytes *bytes, u64 value)
{
    if (!bytes_reserve(bytes, NUMBER_BYTES))
        return;
    for (; value >= 0x80; value >>= 7)
        bytes->at[bytes->size++] = (u8)(value | 0x80);
    bytes->at[bytes->size++] = (u8)value;
}

static inline u64 fold(u64 difference)
{
    return difference << 1 ^ (u64)((i64)difference >> 63);
}

static inline u64 unfold(u64 number)
{
    return number >> 1 ^ -(number & 1);
}

struct cursor {
    const u8 *at, *end;
    bool failed; /* something lay beyond the end, and was taken for 0 */
};

static inline u64 cursor_number(struct cursor *cursor)
{
    u64 value = 0;

    for (unsigned shift = 0; shift < 70; shift += 7) {
        u8 byte;

        if (cursor->at == cursor->end)
            break;
        byte = *cursor->at++;
        if (shift < 64)
            value |= (u64)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    cursor->failed = true;
    return 0;
}

/* All of what is in a buffer, which stays. */
struct cursor cursor_of(const struct bytes *bytes);

static inline struct cursor cursor_at(const u8 *bytes, size_t size)
{
    return (struct cursor){.at = bytes, .end = bytes + size};
}

u64 cursor_le(struct cursor *cursor, unsigned size);

/* The next so many bytes; NULL when there are fewer. */
const u8 *cursor_take(struct cursor *cursor, size_t size);

/* A text as bytes_put_text() has put it, with a NUL behind it, to be freed.
 * NULL: there is none, it is longer than 64 KiB, or memory is lacking. */
char *cursor_text(struct cursor *cursor);

#endif
