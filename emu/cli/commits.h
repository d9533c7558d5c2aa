/* What each instruction did, as a line of text. See commits.c. */
#ifndef CLI_COMMITS_H
#define CLI_COMMITS_H

#include <stddef.h>

#include <rvemu/trace.h>

#define COMMITS_LINE 2048 /* bytes that hold any line */
#define COMMITS_WRITES 8
#define COMMITS_ACCESSES 2

/* An instruction under way: what it has been seen to do. */
struct commits {
    unsigned writes, loads, stores;
    struct {
        unsigned key; /* of the register: the writes stand in this order */
        uint64_t value;
    } write[COMMITS_WRITES];
    struct rvemu_ev_load load[COMMITS_ACCESSES];
    struct rvemu_ev_store store[COMMITS_ACCESSES];
};

/* Takes an event of RVEMU_EVENTS_COMMIT. When that completes an instruction,
 * writes its line into out, with a newline, and returns its length; else 0.
 * Start with a zeroed struct. */
size_t commits_feed(struct commits *commits, const struct rvemu_event *event,
                    char *out);

#endif
