/*
 * Uses of stale translations: what a page table says no more, and a hart does
 * (certain), or may do (phantoms.h).
 *
 * Each waits for a fence of its hart (windows.h), unless it is a program's, on
 * the hart that changed the entry itself, and the kernel has come back without
 * one to where it had left the program.
 */
#ifndef ANALYSIS_STALE_H
#define ANALYSIS_STALE_H

#include "analysis/windows.h"
#include "analysis/writes.h"

struct stale {
    struct story *story;
    struct windows *windows;
    const struct stays *stays;
    struct writes writes;
};

/* An access, what a translation that is no more makes of it, and the table. */
struct stale_access {
    const struct rvemu_event *event;
    struct table *root;
    u64 va;
    unsigned access;
    u64 cached;     /* the old leaf */
    u64 now;        /* the leaf of the table, or its last entry; 0: refused */
    unsigned other; /* id of another root, whose the old leaf is; 0: none */
};

/* Sets how it is said who changed the entry at pte_pa last, if that is known.
 */
void stale_writer(const struct stale *stale, u64 pte_pa, struct facts *facts);

/* The facts of a use, and of the window its sentences and its root; the rest
 * of the window is there. */
void stale_facts(struct stale *stale, const struct stale_access *access,
                 struct window *window, struct facts *facts);

/* A stale_use event. */
void stale_use(struct stale *stale, const struct rvemu_event *event);

#endif
