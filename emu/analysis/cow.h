/*
 * Copy-on-write, found in page-table events alone.
 *
 * A frame is *protected* when an entry that keeps mapping it for a user loses
 * W. A *fork* is a root that, when first loaded, maps protected frames
 * without W at the addresses where another root maps them, or mapped them
 * until it stored to them: the parent may run first, and a child's tables are
 * unseen until then. From there on, a new frame with W whose bytes equal
 * those of the protected one is a *copy*; W given back to the only mapping
 * left is a *reuse*; W given back while others map the frame is *broken*. A
 * copy without a page fault was made by the kernel as it stored for the
 * program. Protection outlives its fork: a page forked again stays shared.
 *
 * A root that shares no protected frame, holds an own frame at every
 * writable page of another root and first returns to a program right behind
 * an ecall that was made in that root is an *eager* fork.
 */
#ifndef ANALYSIS_COW_H
#define ANALYSIS_COW_H

#include <rvemu/explain.h>

#include "analysis/spaces.h"

struct cow_range {
    u64 va;
    u64 pages;
};

struct cow_fork {
    unsigned parent_id; /* of the roots */
    unsigned child_id;
    struct cow_range *range; /* its protected pages */
    unsigned ranges;
    u64 parent; /* frame of the parent's root, 0 when it is gone */
    u64 child;
    unsigned alike; /* how many roots may be the parent; it is one of them */
    bool eager;
    u64 shared;    /* pages */
    u64 protected; /* of these */
    u64 own;       /* pages at which parent and child had other frames */
    u64 copies;    /* of its protected pages, so far */
    u64 reuses;
};

#define COW_CLEARED 16 /* how many cleared leaves are remembered */

/* An entry that lost its leaf since the hart that cleared it last ran a
 * program. */
struct cow_cleared {
    u64 pte_pa; /* 0: none */
    unsigned hart;
};

struct cow {
    struct spaces *spaces;
    struct rvemu_cow_totals totals;
    struct cow_fork *fork; /* number n is fork[n - 1] */
    unsigned forks;
    unsigned room;
    u64 judgements;
    struct rvemu_ev_frame_copied copied; /* the latest, until it is used */
    struct cow_cleared cleared[COW_CLEARED];
    unsigned next_cleared;
};

enum cow_change {
    COW_NONE,
    COW_COPY,         /* a protected frame was replaced by a copy */
    COW_PRIVATE_COPY, /* a frame no fork had shared was replaced by one */
    COW_REUSE,
    COW_BROKEN,
    COW_REPLACED, /* another frame, whose bytes differ */
    COW_MAPPED,   /* nothing was mapped before */
    COW_ALLOWED   /* same frame, more permissions or A, D */
};

/* A leaf that was just stored, or found in a newly linked table. */
struct cow_edit {
    struct entry at;
    const struct table *root; /* a root that reaches it */
    u64 va;
    unsigned hart;  /* that stored it */
    u64 old;        /* the entry before */
    u64 before;     /* the leaf that a fault in hand met here, else 0 */
    bool has_fault; /* a store fault on this page waits for an answer */
};

struct cow_result {
    enum cow_change change;
    u64 old_frame;
    u64 new_frame;
    u64 others; /* mappings of the old frame that remain (COPY, BROKEN …) */
};

void cow_free(struct cow *cow);

/* A program runs again on this hart: an entry that the kernel has cleared on it
 * until now was unmapped, and a later mapping there replaces nothing. */
void cow_end_turn(struct cow *cow, unsigned hart);

/* An edit that the spaces already know. */
struct cow_result cow_judge_edit(struct cow *cow, const struct cow_edit *edit);

/* A root just loaded for the first time (pc 0), or about to run a program at
 * pc for the first time. Returns the fork it is; NULL when it is none, or when
 * the parent cannot be told yet. */
const struct cow_fork *cow_judge_root(struct cow *cow, struct table *root,
                                      u64 pc);

/* Walks both sides of a fork as they are now: how many of the pages that it
 * protected still are one frame, how many two. Returns false when a side is
 * gone. */
bool cow_walk_fork(const struct cow *cow, const struct cow_fork *fork,
                   u64 *together, u64 *apart);

/* The first return to a program in a root that cow_judge_root() knew as no
 * fork. Returns the eager fork it is, or NULL. */
const struct cow_fork *cow_judge_start(struct cow *cow, struct table *root,
                                       u64 pc);

#endif
