/*
 * The lives of address spaces: which space a root stood for at which event, and
 * how sentences call it. A frame is the root of one space after the other, and
 * a space gets its name while it runs, so this takes a reading of the trace of
 * its own.
 */
#ifndef TRACE_LIVES_H
#define TRACE_LIVES_H

#include <rvemu/emt.h>

#include "trace/dict.h"
#include "trace/options.h"
#include "trace/progress.h"

struct life {
    uint64_t root;        /* its physical page number */
    uint64_t first, last; /* numbers of events, inclusive */
    /* As it is called at its end; number 0: it never had a turn. */
    struct rvemu_explain_called called;
    bool is_wanted; /* it is, or was, called as the options ask */
};

struct lives {
    struct life *list; /* by root, then by first */
    size_t used, room;
    const struct life *last; /* that was found */
};

/* Reads all of the trace, and goes back to its beginning. Returns 0, or -1 with
 * error: memory is lacking. */
int lives_read(struct lives *lives, struct rvemu_emt *trace,
               const struct options *options, struct progress *progress,
               struct rvemu_error *error);

void lives_free(struct lives *lives);

/* The life that the root had at the event of this number, or NULL. */
const struct life *lives_find(struct lives *lives, uint64_t root,
                              uint64_t number);

/* "pid 3 (cow)", "space 2 (lab)", "space 2", or "root 0x80421" of one that
 * never had a turn; cut off at size bytes. */
void lives_name(const struct life *life, char *out, size_t size);

#endif
