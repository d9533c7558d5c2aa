/* Where the chunks of a trace go; see sink.h. */
#include "trace/file/sink.h"

#include <errno.h>
#include <unistd.h>

#define INDEXED 64 /* chunks between two indexes at the least */
#define SPREAD                                                     \
    4 /* and so many times the square root of all chunks: whoever  \
       * opens a file reads either few indexes or, where it breaks \
       * off, few headers behind the last one */

struct kept {
    struct kept *next;
    struct chunk chunk;
    u8 stored[];
};

void sink_init(struct sink *sink, int fd, u64 keep)
{
    *sink = (struct sink){.fd = fd, .keep = keep};
}

void sink_free(struct sink *sink)
{
    while (sink->first) {
        struct kept *next = sink->first->next;

        free(sink->first);
        sink->first = next;
    }
    bytes_free(&sink->places);
    bytes_free(&sink->packed);
    bytes_free(&sink->raw);
}

static void fail(struct sink *sink, int error)
{
    if (!sink->error)
        sink->error = error ? error : EIO;
}

/* Cuts off what is behind the last whole chunk. What is no plain file cannot
 * be cut, and has no place to begin with. */
static void cut(const struct sink *sink)
{
    if (ftruncate(sink->fd, (off_t)sink->offset) < 0)
        return;
}

static bool write_all(struct sink *sink, const u8 *bytes, size_t size)
{
    while (size && !sink->error) {
        ssize_t written = write(sink->fd, bytes, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            fail(sink, errno);
            cut(sink);
            return false;
        }
        bytes += written;
        size -= (size_t)written;
    }
    return !sink->error;
}

static void write_chunk(struct sink *sink, struct chunk *chunk,
                        const u8 *stored)
{
    struct place place = {.offset = sink->offset};
    u8 header[CHUNK_HEADER];

    chunk->index = sink->index;
    chunk_write_header(header, chunk);
    if (!write_all(sink, header, sizeof(header)) ||
        !write_all(sink, stored, chunk->stored))
        return;
    sink->offset += CHUNK_HEADER + chunk->stored;
    if (chunk->kind == CHUNK_INDEX) {
        sink->index = place.offset;
        return;
    }
    place.chunk = *chunk;
    place_put(&sink->places, &place);
    sink->placed++;
    sink->chunks++;
}

static bool wants_index(const struct sink *sink)
{
    return sink->placed >= INDEXED &&
           sink->placed * sink->placed >= SPREAD * SPREAD * sink->chunks;
}

static void write_index(struct sink *sink, const struct chunk *at)
{
    struct chunk chunk = {
        .kind = CHUNK_INDEX, .boot = at->boot, .first = at->first};

    if (!sink->placed)
        return;
    if (!chunk_pack(&chunk, &sink->places, &sink->packed)) {
        fail(sink, ENOMEM);
        return;
    }
    write_chunk(sink, &chunk, sink->packed.at);
    sink->places.size = 0;
    sink->placed = 0;
}

static void drop(struct sink *sink, struct kept **at)
{
    struct kept *old = *at;

    sink->kept_bytes -= old->chunk.stored;
    *at = old->next;
    free(old);
}

/* Gives up the oldest events, and the names in front of them; and where names
 * come without events, the oldest of those that wait for some. */
static void drop_old(struct sink *sink)
{
    while (sink->kept_bytes > sink->keep) {
        struct kept **waiting = &sink->first;
        unsigned events = 0;

        for (struct kept **at = &sink->first; *at; at = &(*at)->next) {
            if ((*at)->chunk.kind != CHUNK_EVENTS)
                continue;
            events++;
            waiting = &(*at)->next;
        }
        if (events > 1) {
            while (sink->first->chunk.kind != CHUNK_EVENTS)
                drop(sink, &sink->first);
            drop(sink, &sink->first);
            sink->has_dropped = true;
        } else if (*waiting && *waiting != sink->last) {
            drop(sink, waiting);
        } else {
            break;
        }
    }
}

u64 sink_oldest(const struct sink *sink)
{
    return sink->has_dropped ? sink->first->chunk.first : 0;
}

static void keep_chunk(struct sink *sink, const struct chunk *chunk)
{
    struct kept *kept = malloc(sizeof(*kept) + chunk->stored);

    if (!kept) {
        fail(sink, ENOMEM);
        return;
    }
    kept->next = NULL;
    kept->chunk = *chunk;
    memcpy(kept->stored, sink->packed.at, chunk->stored);
    if (sink->last)
        sink->last->next = kept;
    else
        sink->first = kept;
    sink->last = kept;
    sink->kept_bytes += chunk->stored;
    drop_old(sink);
}

void sink_put(struct sink *sink, struct chunk *chunk, const struct bytes *bytes)
{
    if (sink->error)
        return;
    if (!chunk_pack(chunk, bytes, &sink->packed)) {
        fail(sink, ENOMEM);
        return;
    }
    if (sink->fd < 0) {
        keep_chunk(sink, chunk);
        return;
    }
    write_chunk(sink, chunk, sink->packed.at);
    if (wants_index(sink))
        write_index(sink, chunk);
}

void sink_begin(struct sink *sink, const char *title, rvemu_event_set kinds)
{
    struct chunk schema = {.kind = CHUNK_SCHEMA};
    struct chunk about = {.kind = CHUNK_ABOUT};

    sink->raw.size = 0;
    bytes_put(&sink->raw, FILE_MAGIC, 8);
    bytes_put_le(&sink->raw, RVEMU_EMT_VERSION, 4);
    bytes_put_le(&sink->raw, CHUNK_HEADER, 4);
    if (sink->raw.failed || !write_all(sink, sink->raw.at, sink->raw.size)) {
        fail(sink, ENOMEM);
        return;
    }
    sink->offset = FILE_HEADER;
    sink->raw.size = 0;
    schema_put(&sink->raw);
    sink_put(sink, &schema, &sink->raw);
    sink->raw.size = 0;
    about_put(&sink->raw, title, kinds, sink->has_dropped);
    sink_put(sink, &about, &sink->raw);
}

void sink_put_kept(struct sink *sink)
{
    for (struct kept *at = sink->first; at && !sink->error; at = at->next) {
        write_chunk(sink, &at->chunk, at->stored);
        if (wants_index(sink))
            write_index(sink, &at->chunk);
    }
}

void sink_end(struct sink *sink, struct chunk *chunk,
              const struct rvemu_emt_end *end)
{
    if (sink->error)
        return;
    write_index(sink, chunk);
    chunk->kind = CHUNK_END;
    sink->raw.size = 0;
    end_put(&sink->raw, end);
    sink_put(sink, chunk, &sink->raw);
}
