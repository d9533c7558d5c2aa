/*
 * Chunks: what a trace file is a row of (docs/trace-format.md).
 *
 * The file begins with 16 bytes: "\x89emt\r\n\x1a\n", which a transfer as text
 * would damage, the version and the size of a chunk's header. A chunk is a
 * header and its bytes, packed by zstd where that is shorter. All numbers are
 * little-endian.
 *
 *      0  magic                    u32
 *      4  CRC-32 of bytes 8 to 127 u32
 *      8  kind                     u16    enum chunk_kind
 *     10  0                        u16
 *     12  bytes stored             u32
 *     16  bytes when unpacked      u32    the same: not packed
 *     20  CRC-32 of what is stored u32
 *     24  number of the first event u64   of the next one, if it holds none
 *     32  events                   u32
 *     36  boot                     u32
 *     40  time of the first        u64
 *     48  time of the last         u64
 *     56  place of the index before it in the file u64   0: none
 *     64  set of kinds of events   u128
 *     80  roots (roots.h)          4 × u64
 *    112  0                        16
 */
#ifndef TRACE_FILE_CHUNK_H
#define TRACE_FILE_CHUNK_H

#include <rvemu/emt.h>

#include "trace/file/bytes.h"

#define FILE_MAGIC \
    "\x89"         \
    "emt\r\n\x1a\n"
#define FILE_HEADER 16
#define CHUNK_MAGIC 0xb7746d65u
#define CHUNK_HEADER 128
#define CHUNK_BYTES_MAX (16u << 20) /* of one, unpacked */
#define CHUNK_EVENTS_MAX (1u << 20)
#define CHUNK_MAGIC_BYTES 8 /* magic and CRC of a header */
#define CHUNK_ROOTS 4

/* Numbers are never used again. A reader passes over what it does not know;
 * those from SNAPSHOT on are kept for what a trace may carry one day. */
enum chunk_kind {
    CHUNK_SCHEMA = 1, /* kinds of events and their fields (schema.h) */
    CHUNK_ABOUT,      /* what is run */
    CHUNK_EVENTS,     /* columns.h */
    CHUNK_NAMES,      /* book.h: answers from the first event on */
    CHUNK_INDEX,      /* places and headers of those since the last */
    CHUNK_END,        /* how the run ended: the last of a whole file */
    CHUNK_SNAPSHOT,   /* of a machine */
    CHUNK_INPUT,      /* what came from outside, and when */
    CHUNK_OBSERVER    /* an observer's state at its place */
};

struct chunk {
    unsigned kind;
    u32 boot, stored, unpacked, crc;
    u64 first; /* event */
    u32 events;
    u64 first_time, last_time;
    u64 index;
    rvemu_event_set kinds;
    u64 roots[CHUNK_ROOTS];
};

/* All but the first CHUNK_MAGIC_BYTES say something: an index has no more of a
 * header, so that nobody takes what is in it for a chunk. */
void chunk_write_header(u8 out[CHUNK_HEADER], const struct chunk *chunk);

/* False: it is none, is damaged, or says what cannot be. */
bool chunk_read_header(const u8 in[CHUNK_HEADER], struct chunk *chunk);

/* The same of what is behind CHUNK_MAGIC_BYTES. */
bool chunk_read_rest(const u8 in[CHUNK_HEADER - CHUNK_MAGIC_BYTES],
                     struct chunk *chunk);

/* Packs bytes and fills in the chunk's sizes and CRC; `out` is emptied first.
 * False: memory is lacking. */
bool chunk_pack(struct chunk *chunk, const struct bytes *bytes,
                struct bytes *out);

/* Whether what is stored is what a header has announced. */
bool chunk_is_intact(const struct chunk *chunk, const u8 *stored);

/* Unpacks what a header has announced. False: it is damaged, or memory is
 * lacking. */
bool chunk_unpack(const struct chunk *chunk, const u8 *stored,
                  struct bytes *out);

#endif
