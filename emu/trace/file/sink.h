/*
 * Where the chunks of a trace go: into a file or, as long as nobody knows
 * whether it will be wanted, into memory, of which the oldest events are given
 * up with the names in front of them.
 *
 * A file never has half a chunk at its end for long: what could not be written
 * whole is cut off again.
 */
#ifndef TRACE_FILE_SINK_H
#define TRACE_FILE_SINK_H

#include "trace/file/layout.h"

struct kept; /* a chunk in memory */

struct sink {
    int fd; /* -1: none yet, and chunks are kept */
    u64 offset;
    u64 index;           /* where the last one lies; 0: there is none */
    struct bytes places; /* for the next one */
    u64 placed;
    u64 chunks; /* of all indexes so far, and of this one */
    struct bytes packed, raw;
    struct kept *first, *last;
    u64 keep, kept_bytes;
    bool has_dropped;
    int error; /* errno of what failed, or 0 */
};

/* Begins: fd -1 keeps at least one chunk of events, and of more no more bytes
 * than `keep`. */
void sink_init(struct sink *sink, int fd, u64 keep);
void sink_free(struct sink *sink);

/* Writes the beginning of a file. */
void sink_begin(struct sink *sink, const char *title, rvemu_event_set kinds);

/* Adds a chunk with these bytes, of which the caller has filled in all but
 * sizes and places. */
void sink_put(struct sink *sink, struct chunk *chunk,
              const struct bytes *bytes);

/* The number of the oldest event that is kept, 0 if none was given up. */
u64 sink_oldest(const struct sink *sink);

/* Writes what was kept to a file that has begun. */
void sink_put_kept(struct sink *sink);

/* Writes what is at the end of a file: an index, and how the run ended.
 * `chunk` has its place. */
void sink_end(struct sink *sink, struct chunk *chunk,
              const struct rvemu_emt_end *end);

#endif
