/*
 * Which root a new one descends from: the calls that programs made, and what
 * two roots have in common.
 */
#ifndef ANALYSIS_KINSHIP_H
#define ANALYSIS_KINSHIP_H

#include "analysis/cow.h"

/* The calls of a root, SPACE_CALLS of them. */

bool calls_have(const struct call *calls, u64 pc);

/* Takes a call that is made now. */
void calls_add(struct table *root, u64 pc, u64 time);

/* The call that was made last, or NULL. */
struct call *calls_last(const struct call *calls);

/* The call at pc that was a fork: the one, made at `lost`, in which pages last
 * lost W that the child shares, if it took W from all and no other child is
 * known of it (*sure); else the latest of which none is known. */
struct call *calls_fork(struct call *calls, u64 pc, u64 lost, bool *sure);

/* What a child has in common with one that may be its parent. */
struct kinship {
    struct cow *cow;
    struct table *child;
    struct table *parent; /* NULL: it is gone */
    unsigned parent_id;
    struct call *calls; /* of the parent */
    struct call *call;  /* of these: that the child begins behind */
    bool sure;          /* pages that the child shares lost W in it */
    struct cow_fork fork;
    u64 pc;          /* of the ecall */
    u64 last_lost;   /* when a page that both share lost W last */
    u64 pages;       /* of the child */
    u64 data;        /* of its protected pages: not executable */
    unsigned alike;  /* how many others are as good a parent */
    unsigned number; /* of the fork, once that is settled */
};

/* Counts what the two have in common, in `fork`; with `number` set, also tells
 * the frames that they are this fork's. */
void kinship_compare(struct kinship *kinship);

/* Compares a possible parent with the best so far, and takes its place there if
 * it is likelier: *best is all zero at first. */
void kinship_consider(struct kinship *best, struct kinship *kinship);

/* The likeliest parent of a child that no program has run in yet, if it shares
 * protected pages with one: its `call` is NULL for none, and the call that its
 * program made last. */
struct kinship kinship_find(struct cow *cow, struct table *child);

#endif
