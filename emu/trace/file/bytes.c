/* Bytes of a trace file; see bytes.h. */
#include "trace/file/bytes.h"

#define TEXT_MAX 65536

void bytes_free(struct bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct bytes){.at = NULL};
}

bool bytes_grow(struct bytes *bytes, size_t more)
{
    size_t room = bytes->room ? bytes->room : 256;
    u8 *grown;

    while (room - bytes->size < more)
        room *= 2;
    grown = realloc(bytes->at, room);
    if (!grown) {
        bytes->failed = true;
        return false;
    }
    bytes->at = grown;
    bytes->room = room;
    return true;
}

void bytes_put(struct bytes *bytes, const void *from, size_t size)
{
    if (!size || !bytes_reserve(bytes, size))
        return;
    memcpy(bytes->at + bytes->size, from, size);
    bytes->size += size;
}

void bytes_put_le(struct bytes *bytes, u64 value, unsigned size)
{
    if (!bytes_reserve(bytes, size))
        return;
    for (unsigned i = 0; i < size; i++)
        bytes->at[bytes->size++] = (u8)(value >> 8 * i);
}

void bytes_put_text(struct bytes *bytes, const char *text)
{
    size_t length = strlen(text);

    if (length > TEXT_MAX)
        length = TEXT_MAX;
    bytes_put_number(bytes, length);
    bytes_put(bytes, text, length);
}

struct cursor cursor_of(const struct bytes *bytes)
{
    const u8 *at = bytes->size ? bytes->at : (const u8 *)"";

    return (struct cursor){.at = at, .end = at + bytes->size};
}

u64 cursor_le(struct cursor *cursor, unsigned size)
{
    const u8 *from = cursor_take(cursor, size);
    u64 value = 0;

    for (unsigned i = 0; from && i < size; i++)
        value |= (u64)from[i] << 8 * i;
    return value;
}

const u8 *cursor_take(struct cursor *cursor, size_t size)
{
    const u8 *taken = cursor->at;

    if ((size_t)(cursor->end - cursor->at) < size) {
        cursor->failed = true;
        return NULL;
    }
    cursor->at += size;
    return taken;
}

char *cursor_text(struct cursor *cursor)
{
    u64 length = cursor_number(cursor);
    const u8 *from = length <= TEXT_MAX ? cursor_take(cursor, length) : NULL;
    char *text = from ? malloc(length + 1) : NULL;

    if (!text) {
        cursor->failed = true;
        return NULL;
    }
    memcpy(text, from, length);
    text[length] = '\0';
    return text;
}
