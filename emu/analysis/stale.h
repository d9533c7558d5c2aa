/*
 * Uses of stale TLB entries: what a page table says no more, and a hart does.
 *
 * Between a store to a page table and the fence for it, other harts may use
 * what they have; a kernel that fences before that does harm is right. So a use
 * waits for a fence of its hart (doubts.h), unless it is a program's, on the
 * hart that changed the entry itself: then the kernel has returned without
 * one.
 */
#ifndef ANALYSIS_STALE_H
#define ANALYSIS_STALE_H

#include "analysis/doubts.h"

#define STALE_WRITES 256 /* the latest stores to entries that are kept */

struct stale {
    struct story *story;
    struct doubts *doubts;
    struct stale_write {
        u64 pte_pa;
        u64 time;
        u64 pc;
        u8 hart;
    } write[STALE_WRITES];
    unsigned next_write;
};

/* A pte_write event. */
void stale_write(struct stale *stale, const struct rvemu_event *event);

/* Sets how it is said who changed the entry at pte_pa last, if that is known.
 */
void stale_writer(const struct stale *stale, u64 pte_pa, struct facts *facts);

/* A stale_use event. */
void stale_use(struct stale *stale, const struct rvemu_event *event);

#endif
