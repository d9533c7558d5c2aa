/*
 * Where the chunks of a trace file lie.
 *
 * A whole file leads to its last index, and each index to the one before. Of a
 * file that breaks off the last whole chunk is looked for from the end, and
 * says where the last index is. Only where one of these is damaged every header
 * is read, and what is between two chunks passed over. What a hostile file can
 * have a reader do is bounded by its size.
 */
#ifndef TRACE_FILE_CONTENTS_H
#define TRACE_FILE_CONTENTS_H

#include "trace/file/layout.h"

struct contents {
    struct place *events; /* chunks of events, by offset */
    size_t events_count;
    struct place *names; /* chunks of names */
    size_t names_count;
    struct place *extras; /* of kinds that rvemu_emt_extra() gives */
    size_t extras_count;
    struct place end; /* the last chunk, if it is how the run ended */
    bool has_end;
    u64 size;                /* of the file */
    u64 cut;                 /* bytes at its end that are no whole chunk */
    u64 damaged, damaged_at; /* chunks that are none, and where the first was */
};

/* Finds the chunks of a file of this size. False: memory is lacking. */
bool contents_find(struct contents *contents, int fd, u64 size);
void contents_free(struct contents *contents);

/* Reads and unpacks the chunk at a place; `stored` is room to work in. False:
 * it is not what its place says, or damaged. */
bool contents_read(int fd, const struct place *place, struct bytes *stored,
                   struct bytes *out);

/* Reads a header. False: there is none, or its chunk is not all there. */
bool contents_header(int fd, u64 size, u64 offset, struct chunk *chunk);

#endif
