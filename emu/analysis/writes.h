/*
 * Who stored to each page-table entry last, and since when it has been what it
 * is.
 *
 * Moments are numbers of events (spaces.h).
 */
#ifndef ANALYSIS_WRITES_H
#define ANALYSIS_WRITES_H

#include <rvemu/trace.h>

#include "analysis/spaces.h"

#define WRITES_MAX                                             \
    (1 << 19) /* entries that are kept; then all are forgotten \
               */

struct write {
    u64 seq;
    u64 time;
    u64 pc;
    u8 hart;
};

/* Zero is a valid start. */
struct writes {
    struct map by_pte; /* struct write, by the entry's place */
    u64 forgotten;     /* nothing is known of what was before that */
};

/* A pte_write event with this number. One that leaves all that a walk goes by
 * is none. */
void writes_take(struct writes *writes, const struct rvemu_event *event,
                 u64 seq);

/* The last store to the entry at pte_pa, or NULL. */
const struct write *writes_find(const struct writes *writes, u64 pte_pa);

/* The latest moment since when an entry may have been what it is. */
u64 writes_since(const struct writes *writes, struct entry at);

#endif
