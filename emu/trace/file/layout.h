/*
 * The small chunks of a trace file: schema, about, end and index.
 */
#ifndef TRACE_FILE_LAYOUT_H
#define TRACE_FILE_LAYOUT_H

#include "trace/file/chunk.h"
#include "trace/file/columns.h"

/* The schema: number of kinds; of each its id, name, what it means and its
 * fields: name, the name of its unit, what it holds. A file can be read without
 * this library. */
void schema_put(struct bytes *to);

/* Takes how many fields each kind has. False: it makes no sense, or a kind has
 * more than a reader has room for. */
bool schema_take(struct cursor *from, struct widths *widths);

/* Title and set of kinds; whether what came first was not kept. */
void about_put(struct bytes *to, const char *title, rvemu_event_set kinds,
               bool has_begun_late);
bool about_take(struct cursor *from, char **title, rvemu_event_set *kinds,
                bool *has_begun_late);

/* Reason, text and status; the number of boots. */
void end_put(struct bytes *to, const struct rvemu_emt_end *end);
bool end_take(struct cursor *from, char **reason, char **text, int *status);

/* A chunk and where it lies: what an index has of each. */
#define PLACE_BYTES (8 + CHUNK_HEADER - CHUNK_MAGIC_BYTES)
struct place {
    u64 offset;
    struct chunk chunk;
    bool is_lost; /* a reader has found it damaged; in no file */
};

void place_put(struct bytes *to, const struct place *place);
bool place_take(struct cursor *from, struct place *place);

#endif
