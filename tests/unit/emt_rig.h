/*
 * Traces in files for tests: random events, the file that they make, what it
 * is a row of, and how it is read again.
 */
#ifndef EMT_RIG_H
#define EMT_RIG_H

#include <rvemu/emt.h>

#include "trace/file/chunk.h"

#define RIG_EVENTS_MAX 400000

struct rig_event {
    struct rvemu_event event;
    unsigned boot;
};

struct rig {
    char path[64]; /* of the file, in a folder that is its own */
    u64 seed;
    struct rig_event *made;
    size_t count;
    u64 time;
    unsigned boot;
    struct rvemu_emt_options options; /* everything, at first */
    struct rvemu_emt_writer *writer;
};

/* A chunk of a file, as its header has it. */
struct rig_chunk {
    u64 offset, size;
    struct chunk chunk;
};

/* What a file is a row of, read from its beginning to its end. */
struct rig_file {
    u8 *bytes;
    size_t size;
    struct rig_chunk *chunk;
    size_t chunks;
};

void rig_init(struct rig *rig, u64 seed);
void rig_fini(struct rig *rig); /* the file is gone, too */

u64 rig_random(struct rig *rig);
/* From 0 to below. */
u64 rig_below(struct rig *rig, u64 below);

/* Opens the file, with the options. */
void rig_create(struct rig *rig);
/* Makes so many events and feeds them. */
void rig_feed(struct rig *rig, size_t count);
void rig_boot(struct rig *rig);
/* Says that the run has ended and closes the file. */
void rig_close(struct rig *rig);

struct rvemu_emt *rig_open(const struct rig *rig);

/* Reads on to the end, and fails where that is not what was made from this
 * event on. */
void rig_read_rest(const struct rig *rig, struct rvemu_emt *trace, size_t from);

void rig_slurp(const struct rig *rig, struct rig_file *file);
void rig_write(const struct rig *rig, const u8 *bytes, size_t size);
void rig_free(struct rig_file *file);

#endif
