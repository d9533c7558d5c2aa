/* Where the chunks of a trace file lie; see contents.h. */
#define _GNU_SOURCE /* memmem */
#include "trace/file/contents.h"

#include <errno.h>
#include <unistd.h>

#include "base/bits.h"

#define PIECE (256u << 10) /* that is read at a time to look for a chunk */

/* Reads as much as there is, up to size. */
static size_t read_at(int fd, u64 offset, u8 *to, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = pread(fd, to + done, size - done, (off_t)(offset + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

bool contents_header(int fd, u64 size, u64 offset, struct chunk *chunk)
{
    u8 header[CHUNK_HEADER];

    return offset <= size && size - offset >= CHUNK_HEADER &&
           read_at(fd, offset, header, CHUNK_HEADER) == CHUNK_HEADER &&
           chunk_read_header(header, chunk) &&
           chunk->stored <= size - offset - CHUNK_HEADER;
}

bool contents_read(int fd, const struct place *place, struct bytes *stored,
                   struct bytes *out)
{
    size_t size = CHUNK_HEADER + (size_t)place->chunk.stored;
    u8 expected[CHUNK_HEADER];

    stored->size = 0;
    if (!bytes_reserve(stored, size) ||
        read_at(fd, place->offset, stored->at, size) != size)
        return false;
    chunk_write_header(expected, &place->chunk);
    return !memcmp(stored->at, expected, CHUNK_HEADER) &&
           chunk_unpack(&place->chunk, stored->at + CHUNK_HEADER, out);
}

/* ---- lists ---- */

static bool append(struct place **list, size_t *count,
                   const struct place *place)
{
    struct place *grown = *list;

    if (!(*count & (*count - 1))) {
        grown = realloc(*list, (*count ? 2 * *count : 1) * sizeof(**list));
        if (!grown)
            return false;
        *list = grown;
    }
    grown[(*count)++] = *place;
    return true;
}

static bool add_place(struct contents *contents, const struct place *place)
{
    switch (place->chunk.kind) {
    case CHUNK_EVENTS:
        return append(&contents->events, &contents->events_count, place);
    case CHUNK_NAMES:
        return append(&contents->names, &contents->names_count, place);
    case CHUNK_END:
        contents->end = *place;
        contents->has_end = true;
        return true;
    default: return true;
    }
}

void contents_free(struct contents *contents)
{
    free(contents->events);
    free(contents->names);
    *contents = (struct contents){.events = NULL};
}

/* ---- by headers ---- */

/* The next place from offset on where a chunk could begin; `size`: none. */
static u64 find_magic(int fd, u64 offset, u64 size)
{
    const u8 magic[4] = {CHUNK_MAGIC & 0xff, CHUNK_MAGIC >> 8 & 0xff,
                         CHUNK_MAGIC >> 16 & 0xff, CHUNK_MAGIC >> 24};
    u8 *piece = malloc(PIECE);

    while (piece && offset < size) {
        size_t got = read_at(fd, offset, piece, PIECE);
        const u8 *found = memmem(piece, got, magic, sizeof(magic));

        if (found) {
            offset += (u64)(found - piece);
            free(piece);
            return offset;
        }
        if (got < PIECE)
            break;
        offset += got - (sizeof(magic) - 1);
    }
    free(piece);
    return size;
}

/* Goes from chunk to chunk. */
static bool walk(struct contents *contents, int fd, u64 offset, u64 end)
{
    struct place place = {.offset = offset};

    while (place.offset < end) {
        if (contents_header(fd, end, place.offset, &place.chunk)) {
            if (!add_place(contents, &place))
                return false;
            place.offset += CHUNK_HEADER + (u64)place.chunk.stored;
            continue;
        }
        if (!contents->damaged++)
            contents->damaged_at = place.offset;
        do
            place.offset = find_magic(fd, place.offset + 1, end);
        while (place.offset < end &&
               !contents_header(fd, end, place.offset, &place.chunk));
    }
    return true;
}

/* ---- by indexes ---- */

/* Looks for the last whole chunk, from the end. */
static bool find_last(int fd, u64 size, struct place *last)
{
    u64 low = size > CHUNK_BYTES_MAX + 2 * CHUNK_HEADER
                  ? size - CHUNK_BYTES_MAX - 2 * CHUNK_HEADER
                  : FILE_HEADER;
    bool found = false;

    for (u64 reach = 4096; !found && reach <= 2ull * CHUNK_BYTES_MAX;
         reach *= 32) {
        u64 at = size > reach + low ? size - reach : low;

        while ((at = find_magic(fd, at, size)) < size) {
            struct chunk chunk;

            if (contents_header(fd, size, at, &chunk)) {
                *last = (struct place){at, chunk};
                found = true;
                at += CHUNK_HEADER + (u64)chunk.stored;
            } else {
                at++;
            }
        }
    }
    return found;
}

/* The indexes from the last to the first, which is the last in the list. */
static bool list_indexes(int fd, u64 size, u64 offset, struct place **list,
                         size_t *count)
{
    u64 before = size;

    while (offset) {
        struct place place = {.offset = offset};

        if (offset >= before ||
            !contents_header(fd, size, offset, &place.chunk) ||
            place.chunk.kind != CHUNK_INDEX || !append(list, count, &place))
            return false;
        before = offset;
        offset = place.chunk.index;
    }
    return true;
}

static bool take_index(struct contents *contents, const struct bytes *raw)
{
    struct cursor from = {.at = raw->at, .end = raw->at + raw->size};
    u64 before = 0;

    while (from.at < from.end) {
        struct place place;

        if (!place_take(&from, &place) || place.offset < before ||
            !add_place(contents, &place))
            return false;
        before = place.offset;
    }
    return true;
}

static bool follow(struct contents *contents, int fd, u64 size,
                   const struct place *last)
{
    struct bytes stored = {.at = NULL}, raw = {.at = NULL};
    struct place *index = NULL;
    size_t count = 0;
    u64 behind = FILE_HEADER;
    u64 newest =
        last->chunk.kind == CHUNK_INDEX ? last->offset : last->chunk.index;
    bool good = list_indexes(fd, size, newest, &index, &count);

    for (size_t i = count; good && i-- > 0;) {
        good = contents_read(fd, &index[i], &stored, &raw) &&
               take_index(contents, &raw);
        behind = index[i].offset + CHUNK_HEADER + index[i].chunk.stored;
    }
    free(index);
    bytes_free(&stored);
    bytes_free(&raw);
    return good && walk(contents, fd, behind, size) && !contents->damaged;
}

bool contents_find(struct contents *contents, int fd, u64 size)
{
    struct place last = {.offset = 0};
    u64 end = FILE_HEADER;

    *contents = (struct contents){.size = size};
    if (find_last(fd, size, &last))
        end = last.offset + CHUNK_HEADER + last.chunk.stored;
    if (end > FILE_HEADER && !follow(contents, fd, end, &last)) {
        contents_free(contents);
        *contents = (struct contents){.size = size};
        if (!walk(contents, fd, FILE_HEADER, end))
            return false;
    }
    contents->cut = size - end;
    contents->has_end &= contents->end.offset == last.offset;
    return true;
}
