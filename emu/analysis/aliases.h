/*
 * Stores of the kernel, by a mapping of its own, to pages that a fork shares.
 *
 * Copy-on-write rests on W=0 in the entries of those who share a frame. A
 * kernel that reaches it by another mapping, by its direct map, meets no W=0:
 * no fault, no copy, and all who share it see the store. An alias_store event
 * says that a store was such a one; whether anybody shares the frame is known
 * here.
 *
 * An allocator that clears a frame which was freed too early stores in the same
 * way. Where frames are watched (lifetimes.h) that is told from a store for a
 * program, and where they are not, it is said that it may be.
 *
 * A kernel also clears and fills frames that it is about to give or take. So
 * the sentence waits until a program runs that still has the page without W, as
 * another that had it then has; or until a child begins whose fork came before
 * the store, since its tables are unseen until then. It waits for LINES_HOLD at
 * most, and else nothing is said. Of each frame it is said once a fork.
 */
#ifndef ANALYSIS_ALIASES_H
#define ANALYSIS_ALIASES_H

#include "analysis/lifetimes.h"

#define ALIASES 64       /* that wait; the oldest gives way */
#define ALIAS_SHARERS 16 /* of a frame that are known; others are not */

/* Spaces that map a page without W, by the ids of their roots. */
struct sharers {
    unsigned count;
    unsigned id[ALIAS_SHARERS];
    u64 va[ALIAS_SHARERS];
};

struct alias {
    u64 ticket;
    u64 time;
    u64 ppn; /* of the page of 4 KiB */
    unsigned level;
    u64 lost;     /* when the frame had lost W: a struct frame has it */
    bool is_free; /* the allocator had the frame, or has given it since */
    unsigned who; /* id of the root that the sentence is about */
    bool on_call; /* it is known that the store was made in a call of who … */
    bool may_call; /* … or is, if who is the next to run on the hart */
    u8 hart;
    struct sharers sharers; /* when the store was made */
    struct facts facts;
};

/* Zero but for `story` and `lifetimes` is a valid start. */
struct aliases {
    struct story *story;
    const struct lifetimes *lifetimes;
    unsigned count;
    struct alias alias[ALIASES]; /* oldest first */
};

/* An alias_store event. */
void aliases_store(struct aliases *aliases, const struct rvemu_event *event);

/* A child begins, of the root with this id, by a call made at this time. */
void aliases_meet(struct aliases *aliases, unsigned parent, struct table *child,
                  u64 time);

/* A program runs in a root, on this hart. */
void aliases_run(struct aliases *aliases, const struct table *root,
                 unsigned hart);

/* Time has passed. */
void aliases_advance(struct aliases *aliases, u64 now);

/* No more events come. */
void aliases_finish(struct aliases *aliases);

#endif
