/* Where the chunks of a trace file lie; see contents.h. */
#define _GNU_SOURCE /* memmem */
#include "trace/file/contents.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "base/bits.h"

#define PIECE (256u << 10) /* that is read at a time to look for a chunk */

/* How much of a file's end is looked through for the last whole chunk, at first
 * and at the most: with chunks that are as long as can be, it is in twice that.
 */
#define REACH_MIN 4096u
#define REACH_MAX ((u64)REACH_MIN << 15)
static_assert(REACH_MAX > 2 * (CHUNK_BYTES_MAX + CHUNK_HEADER),
              "a whole chunk is found before half a one");

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

/* Reads what is stored of the chunk at a place. False: it is not there. */
static bool read_stored(int fd, const struct place *place, struct bytes *stored)
{
    size_t size = CHUNK_HEADER + (size_t)place->chunk.stored;
    u8 expected[CHUNK_HEADER];

    stored->size = 0;
    if (!bytes_reserve(stored, size) ||
        read_at(fd, place->offset, stored->at, size) != size)
        return false;
    chunk_write_header(expected, &place->chunk);
    return !memcmp(stored->at, expected, CHUNK_HEADER);
}

bool contents_read(int fd, const struct place *place, struct bytes *stored,
                   struct bytes *out)
{
    return read_stored(fd, place, stored) &&
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
    case CHUNK_SNAPSHOT:
    case CHUNK_INPUT:
        return append(&contents->extras, &contents->extras_count, place);
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
    free(contents->extras);
    *contents = (struct contents){.events = NULL};
}

/* ---- by headers ---- */

/* Looks for chunks by the magic number of their headers. */
struct search {
    int fd;
    u64 size; /* of the file */
    u64 from; /* of what is in the piece */
    size_t got;
    u8 *piece; /* PIECE bytes */
};

static bool search_open(struct search *search, int fd, u64 size)
{
    *search = (struct search){.fd = fd, .size = size, .piece = malloc(PIECE)};
    return search->piece;
}

/* Where the next header lies, from offset on; the file's size: nowhere. */
static u64 search_next(struct search *search, u64 offset, struct chunk *chunk)
{
    const u8 magic[4] = {CHUNK_MAGIC & 0xff, CHUNK_MAGIC >> 8 & 0xff,
                         CHUNK_MAGIC >> 16 & 0xff, CHUNK_MAGIC >> 24};

    while (offset + CHUNK_HEADER <= search->size) {
        u64 end = search->from + search->got;
        const u8 *found;

        if (offset < search->from || offset + sizeof(magic) > end) {
            search->from = offset;
            search->got = read_at(search->fd, offset, search->piece, PIECE);
            end = offset + search->got;
        }
        found = memmem(search->piece + (offset - search->from), end - offset,
                       magic, sizeof(magic));
        if (!found && search->got < PIECE)
            break;
        if (!found) {
            offset = end - (sizeof(magic) - 1);
            continue;
        }
        offset = search->from + (u64)(found - search->piece);
        if (contents_header(search->fd, search->size, offset, chunk))
            return offset;
        offset++;
    }
    return search->size;
}

static void lose(struct contents *contents, u64 offset)
{
    if (!contents->damaged++)
        contents->damaged_at = offset;
}

/* An index is not needed where every header is read; but if it is damaged, the
 * file is. */
static void check_index(struct contents *contents, int fd,
                        const struct place *place)
{
    struct bytes stored = {.at = NULL};

    if (!read_stored(fd, place, &stored) ||
        !chunk_is_intact(&place->chunk, stored.at + CHUNK_HEADER))
        lose(contents, place->offset);
    bytes_free(&stored);
}

/* Goes from chunk to chunk, to the end of the file. */
static bool walk(struct contents *contents, struct search *search, u64 offset)
{
    struct place place = {.offset = offset};

    while (place.offset < search->size) {
        u64 gap = place.offset;

        if (!contents_header(search->fd, search->size, gap, &place.chunk)) {
            place.offset = search_next(search, gap + 1, &place.chunk);
            if (place.offset == search->size) {
                contents->cut += place.offset - gap;
                break;
            }
            lose(contents, gap);
        }
        if (place.chunk.kind == CHUNK_INDEX)
            check_index(contents, search->fd, &place);
        if (!add_place(contents, &place))
            return false;
        place.offset += CHUNK_HEADER + (u64)place.chunk.stored;
    }
    return true;
}

/* ---- by indexes ---- */

/* Looks for the last whole chunk, from the end. */
static bool find_last(struct search *search, struct place *last)
{
    bool found = false;

    for (u64 reach = REACH_MIN; !found && reach <= REACH_MAX; reach *= 32) {
        struct place place = {.offset = FILE_HEADER};

        if (search->size > FILE_HEADER + reach)
            place.offset = search->size - reach;
        for (;;) {
            place.offset = search_next(search, place.offset, &place.chunk);
            if (place.offset == search->size)
                break;
            *last = place;
            found = true;
            place.offset += CHUNK_HEADER + (u64)place.chunk.stored;
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

/* Takes the places in an index: of chunks one behind the other, between the
 * index before it, which ends at `from`, and itself, at `to`. So nobody can say
 * more than there is room for. */
static bool take_index(struct contents *contents, const struct bytes *raw,
                       u64 from, u64 to)
{
    struct cursor cursor = cursor_of(raw);

    while (cursor.at < cursor.end) {
        struct place place;
        u64 size;

        if (!place_take(&cursor, &place))
            return false;
        size = CHUNK_HEADER + (u64)place.chunk.stored;
        if (place.offset < from || place.offset > to ||
            to - place.offset < size || !add_place(contents, &place))
            return false;
        from = place.offset + size;
    }
    return true;
}

static bool read_index(struct contents *contents, int fd,
                       const struct place *index, u64 from)
{
    struct bytes stored = {.at = NULL}, raw = {.at = NULL};
    u64 most = (index->offset - from) / CHUNK_HEADER * PLACE_BYTES;
    bool good = index->offset >= from && index->chunk.unpacked <= most &&
                contents_read(fd, index, &stored, &raw) &&
                take_index(contents, &raw, from, index->offset);

    bytes_free(&stored);
    bytes_free(&raw);
    return good;
}

static bool follow(struct contents *contents, struct search *search,
                   const struct place *last)
{
    struct place *index = NULL;
    size_t count = 0;
    u64 behind = FILE_HEADER;
    u64 newest =
        last->chunk.kind == CHUNK_INDEX ? last->offset : last->chunk.index;
    bool good = list_indexes(search->fd, search->size, newest, &index, &count);

    for (size_t i = count; good && i-- > 0;) {
        good = read_index(contents, search->fd, &index[i], behind);
        behind = index[i].offset + CHUNK_HEADER + index[i].chunk.stored;
    }
    free(index);
    return good && walk(contents, search, behind) && !contents->damaged;
}

bool contents_find(struct contents *contents, int fd, u64 size)
{
    struct search search;
    struct place last = {.offset = 0};
    bool found, good;

    *contents = (struct contents){.size = size};
    if (!search_open(&search, fd, size))
        return false;
    found = find_last(&search, &last);
    if (found)
        search.size = last.offset + CHUNK_HEADER + last.chunk.stored;
    good = found && follow(contents, &search, &last);
    if (!good) {
        contents_free(contents);
        contents->size = size;
        good = walk(contents, &search, FILE_HEADER);
    }
    contents->cut += size - search.size;
    contents->has_end &= contents->end.offset == last.offset;
    free(search.piece);
    return good;
}
