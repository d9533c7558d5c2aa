/*
 * Events as the bytes of a chunk, and back.
 *
 * A model (model.h) says what is expected of each. Kind, hart, privilege and
 * which of its words came otherwise than expected make its head; heads are
 * numbered as they first come, so that nearly every event is one byte in the
 * column of heads. A word that was not expected is its distance from what was,
 * in the column of its field. Columns hold like things, and are packed well by
 * whoever packs the chunk.
 *
 *   number of events, number of heads
 *   each head: kind, hart, privilege, the set of words (bit 0 time, 1 pc,
 *   2 + n field n)
 *   number of columns; of each its id (0 heads, 1 times, 2 pcs, 3 + 8 kind +
 *   field) and size in bytes, by rising id; then the columns
 */
#ifndef TRACE_FILE_COLUMNS_H
#define TRACE_FILE_COLUMNS_H

#include "trace/file/bytes.h"
#include "trace/file/model.h"

#define COLUMN_HEADS 0
#define COLUMN_TIMES 1
#define COLUMN_PCS 2
#define COLUMN_FIELDS 3
#define COLUMNS (COLUMN_FIELDS + RVEMU_EVENT_KINDS_MAX * RVEMU_EVENT_WORDS)

/* How many fields each kind has; of kinds that are not there, 0. */
struct widths {
    u8 fields[RVEMU_EVENT_KINDS_MAX];
};

/* The widths of the kinds that this library knows. */
void widths_known(struct widths *widths);

struct columns_out;

/* NULL when memory is lacking. */
struct columns_out *columns_out_new(const struct widths *widths);
void columns_out_free(struct columns_out *out);

/* Adds events, of kinds with fields. */
void columns_put(struct columns_out *out, const struct rvemu_event *events,
                 size_t count);

/* Which kinds they are of. */
rvemu_event_set columns_kinds(const struct columns_out *out);

/* Appends the bytes of all events and starts anew. False: memory was lacking
 * somewhere on the way. */
bool columns_take(struct columns_out *out, struct bytes *to);

struct columns_in;

/* NULL when memory is lacking. */
struct columns_in *columns_in_new(const struct widths *widths);
void columns_in_free(struct columns_in *in);

/* Begins to read so many events in these bytes, which must stay. False: they
 * are none. */
bool columns_open(struct columns_in *in, const u8 *bytes, size_t size,
                  u32 events);

/* The next event; of fields beyond RVEMU_EVENT_WORDS nothing is given. False:
 * there are no more, or (columns_failed()) the bytes make no sense. */
bool columns_next(struct columns_in *in, struct rvemu_event *event);
bool columns_failed(const struct columns_in *in);

#endif
