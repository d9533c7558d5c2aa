/* Sections of a snapshot; see sections.h. */
#include "machine/sections.h"

#include <stdlib.h>
#include <zstd.h>

static bool is_before(const struct section *s, u32 kind, u32 index)
{
    return s->kind < kind || (s->kind == kind && s->index < index);
}

bool sections_add(struct sections *s, const struct section *section)
{
    if (s->count &&
        !is_before(&s->at[s->count - 1], section->kind, section->index))
        return false;
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        struct section *at = realloc(s->at, room * sizeof(*at));

        if (!at)
            return false;
        s->at = at;
        s->room = room;
    }
    s->at[s->count++] = *section;
    return true;
}

void sections_free(struct sections *s)
{
    free(s->at);
    *s = (struct sections){0};
}

const struct section *sections_find(const struct sections *s, u32 kind,
                                    u32 index)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (is_before(&s->at[middle], kind, index))
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->count && s->at[low].kind == kind &&
                   s->at[low].index == index
               ? &s->at[low]
               : NULL;
}

const u8 *section_open(const struct section *s, u8 *room)
{
    if (s->bytes)
        return s->bytes;
    return ZSTD_decompress(room, s->size, s->packed, s->packed_size) == s->size
               ? room
               : NULL;
}
