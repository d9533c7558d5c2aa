/* Chunks; see chunk.h. */
#include "trace/file/chunk.h"

#include <zlib.h>
#include <zstd.h>

#define LEVEL 1           /* of zstd: a run is not to wait for it … */
#define LEVEL_SNAPSHOT -4 /* … which is what a snapshot does */

static u32 crc(const u8 *bytes, size_t size)
{
    return (u32)crc32_z(0, bytes, size);
}

static u8 *put(u8 *at, u64 value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        *at++ = (u8)(value >> 8 * i);
    return at;
}

void chunk_write_header(u8 out[CHUNK_HEADER], const struct chunk *chunk)
{
    u8 *at = out + CHUNK_MAGIC_BYTES;

    memset(out, 0, CHUNK_HEADER);
    at = put(at, chunk->kind, 2);
    at = put(at, 0, 2);
    at = put(at, chunk->stored, 4);
    at = put(at, chunk->unpacked, 4);
    at = put(at, chunk->crc, 4);
    at = put(at, chunk->first, 8);
    at = put(at, chunk->events, 4);
    at = put(at, chunk->boot, 4);
    at = put(at, chunk->first_time, 8);
    at = put(at, chunk->last_time, 8);
    at = put(at, chunk->index, 8);
    at = put(at, (u64)chunk->kinds, 8);
    at = put(at, (u64)(chunk->kinds >> 64), 8);
    for (unsigned i = 0; i < CHUNK_ROOTS; i++)
        at = put(at, chunk->roots[i], 8);
    put(out, CHUNK_MAGIC, 4);
    put(out + 4, crc(out + CHUNK_MAGIC_BYTES, CHUNK_HEADER - CHUNK_MAGIC_BYTES),
        4);
}

bool chunk_read_header(const u8 in[CHUNK_HEADER], struct chunk *chunk)
{
    const u8 *rest = in + CHUNK_MAGIC_BYTES;
    struct cursor from = {.at = in, .end = rest};

    return cursor_le(&from, 4) == CHUNK_MAGIC &&
           cursor_le(&from, 4) == crc(rest, CHUNK_HEADER - CHUNK_MAGIC_BYTES) &&
           chunk_read_rest(rest, chunk);
}

bool chunk_read_rest(const u8 in[CHUNK_HEADER - CHUNK_MAGIC_BYTES],
                     struct chunk *chunk)
{
    struct cursor from = {.at = in,
                          .end = in + CHUNK_HEADER - CHUNK_MAGIC_BYTES};

    chunk->kind = (unsigned)cursor_le(&from, 2);
    cursor_take(&from, 2);
    chunk->stored = (u32)cursor_le(&from, 4);
    chunk->unpacked = (u32)cursor_le(&from, 4);
    chunk->crc = (u32)cursor_le(&from, 4);
    chunk->first = cursor_le(&from, 8);
    chunk->events = (u32)cursor_le(&from, 4);
    chunk->boot = (u32)cursor_le(&from, 4);
    chunk->first_time = cursor_le(&from, 8);
    chunk->last_time = cursor_le(&from, 8);
    chunk->index = cursor_le(&from, 8);
    chunk->kinds = cursor_le(&from, 8);
    chunk->kinds |= (rvemu_event_set)cursor_le(&from, 8) << 64;
    for (unsigned i = 0; i < CHUNK_ROOTS; i++)
        chunk->roots[i] = cursor_le(&from, 8);
    return chunk->unpacked <= CHUNK_BYTES_MAX &&
           chunk->stored <= chunk->unpacked &&
           chunk->events <= CHUNK_EVENTS_MAX;
}

bool chunk_pack(struct chunk *chunk, const struct bytes *bytes,
                struct bytes *out)
{
    size_t packed;

    out->size = 0;
    out->failed = false;
    if (bytes->failed || bytes->size > CHUNK_BYTES_MAX ||
        !bytes_reserve(out, ZSTD_compressBound(bytes->size)))
        return false;
    packed =
        ZSTD_compress(out->at, out->room, bytes->at, bytes->size,
                      chunk->kind == CHUNK_SNAPSHOT ? LEVEL_SNAPSHOT : LEVEL);
    if (ZSTD_isError(packed) || packed >= bytes->size)
        bytes_put(out, bytes->at, bytes->size);
    else
        out->size = packed;
    chunk->stored = (u32)out->size;
    chunk->unpacked = (u32)bytes->size;
    chunk->crc = crc(out->at, out->size);
    return !out->failed;
}

bool chunk_is_intact(const struct chunk *chunk, const u8 *stored)
{
    return crc(stored, chunk->stored) == chunk->crc;
}

bool chunk_unpack(const struct chunk *chunk, const u8 *stored,
                  struct bytes *out)
{
    out->size = 0;
    out->failed = false;
    if (!chunk_is_intact(chunk, stored))
        return false;
    if (chunk->stored == chunk->unpacked) {
        bytes_put(out, stored, chunk->stored);
        return !out->failed;
    }
    if (!bytes_reserve(out, chunk->unpacked))
        return false;
    out->size =
        ZSTD_decompress(out->at, chunk->unpacked, stored, chunk->stored);
    return !ZSTD_isError(out->size) && out->size == chunk->unpacked;
}
