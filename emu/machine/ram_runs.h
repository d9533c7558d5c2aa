/*
 * Which pages of RAM are not zero, as runs of pages in a row; and RAM made to
 * have the pages that were.
 */
#ifndef MACHINE_RAM_RUNS_H
#define MACHINE_RAM_RUNS_H

#include "bus/bus.h"
#include "machine/sections.h"
#include "trace/file/bytes.h"

struct ram_run {
    u64 first, count; /* pages, from the beginning of RAM */
};

struct ram_runs { /* all zero: none */
    struct ram_run *run;
    size_t count, room;
    u64 pages; /* of all */
};

/* Finds them. False: memory is lacking. */
bool ram_runs_find(struct ram_runs *runs, const struct ram *ram);
/* Adds pages behind all others. False: memory is lacking. */
bool ram_runs_add(struct ram_runs *runs, u64 first, u64 count);
void ram_runs_free(struct ram_runs *runs);

/* A checksum of these pages and where they lie. */
u64 ram_runs_sum(const struct ram_runs *runs, const struct ram *ram);

void ram_runs_put(struct bytes *bytes, const struct ram_runs *runs);

/* False: they are no runs of pages of RAM of this size, or memory is
 * lacking. */
bool ram_runs_get(struct ram_runs *runs, struct cursor *cursor, u64 ram_size);

/* Hands out their bytes, SECTION_PIECE at a time. False: that could not, or
 * memory is lacking. */
bool ram_runs_save(const struct ram_runs *runs, const struct ram *ram,
                   section_fn *put, void *self);

/* Whether the sections have as many bytes as the runs. */
bool ram_runs_match(const struct ram_runs *runs,
                    const struct sections *sections);

/* Fills RAM that is zero. False: a section cannot be unpacked, or memory is
 * lacking. */
bool ram_runs_load(const struct ram_runs *runs, struct ram *ram,
                   const struct sections *sections);

#endif
