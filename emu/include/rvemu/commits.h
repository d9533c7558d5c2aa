/*
 * What each instruction did, as a line of text: the format of riscv-isa-sim's
 * --log-commits, which other tools read. See analysis/commits.c.
 */
#ifndef RVEMU_COMMITS_H
#define RVEMU_COMMITS_H

#include <stddef.h>

#include <rvemu/trace.h>

#define RVEMU_COMMITS_LINE 2048 /* bytes that hold any line */
#define RVEMU_COMMITS_WRITES 8
#define RVEMU_COMMITS_ACCESSES 2

/* An instruction under way: what it has been seen to do. All zero is a valid
 * start. */
struct rvemu_commits {
    unsigned writes, loads, stores;
    struct {
        unsigned key; /* of the register: the writes stand in this order */
        uint64_t value;
    } write[RVEMU_COMMITS_WRITES];
    struct rvemu_ev_load load[RVEMU_COMMITS_ACCESSES];
    struct rvemu_ev_store store[RVEMU_COMMITS_ACCESSES];
};

/* Takes an event; those of other kinds than RVEMU_EVENTS_COMMIT are ignored.
 * When it completes an instruction, writes its line into out, which has
 * RVEMU_COMMITS_LINE bytes, with a newline and without a NUL, and returns its
 * length; else 0. */
size_t rvemu_commits_feed(struct rvemu_commits *commits,
                          const struct rvemu_event *event, char *out);

#endif
