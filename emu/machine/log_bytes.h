/*
 * An input log, and marks of a run, in bytes.
 *
 * A mark is what had become of a machine at some step: a checksum of each of
 * its parts (parts.h).
 */
#ifndef MACHINE_LOG_BYTES_H
#define MACHINE_LOG_BYTES_H

#include "machine/input_log.h"
#include "trace/file/bytes.h"

void log_put(struct bytes *bytes, const struct input_log *log);

/* Appends the entries to a log of a machine with so many harts. False: they
 * cannot be, or memory is lacking. */
bool log_get(struct input_log *log, struct cursor *cursor, unsigned harts);

struct rvemu;

/* A mark of now; its place in the bytes is what is read again. */
void mark_put(struct bytes *bytes, struct rvemu *machine);

struct mark {
    struct moment at;
    u64 time, count; /* of parts */
    const u8 *sums;  /* theirs, 8 bytes each */
};

/* False: there is no more. */
bool mark_get(struct mark *mark, struct cursor *cursor);

/* What of the machine is not as the mark has it: the first part that differs,
 * or "step" if it is at another; NULL: all is. */
const char *mark_differs(const struct mark *mark, struct rvemu *machine,
                         unsigned *index);

#endif
