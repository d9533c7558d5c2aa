/*
 * Walks that ended in an entry that is not valid, the latest of them. With
 * --tlb cache-invalid one is when its hart began to remember the entry.
 */
#ifndef ANALYSIS_ENDED_WALKS_H
#define ANALYSIS_ENDED_WALKS_H

#include <rvemu/trace.h>

#include "base/types.h"

#define ENDED_WALKS 64

struct ended_walk {
    u64 pte_pa; /* 0: none */
    u64 time;
    u16 asid;
    u8 hart;
};

/* Zero is a valid start. */
struct ended_walks {
    struct ended_walk walk[ENDED_WALKS];
    unsigned next;
};

/* The walk in which the hart of this page_fault met its entry in this space, or
 * NULL. */
const struct ended_walk *ended_walks_find(const struct ended_walks *walks,
                                          const struct rvemu_event *event);

/* A page_fault is the end of a walk. */
void ended_walks_note(struct ended_walks *walks,
                      const struct rvemu_event *event);

#endif
