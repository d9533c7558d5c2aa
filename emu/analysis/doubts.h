/*
 * Sentences that wait until they are sure.
 *
 * Some name another space that has to be seen first: a child's tables are
 * unseen until it is run, and a space that has ended may leave its tables
 * behind. Each waits for LINES_HOLD at most, with its place among the lines
 * held, and is then told in its weaker form.
 */
#ifndef ANALYSIS_DOUBTS_H
#define ANALYSIS_DOUBTS_H

#include "analysis/story.h"

#define DOUBTS 64 /* the oldest gives way */

enum doubt_kind {
    DOUBT_SHARER, /* a child that maps `old` at va makes it sure */
    DOUBT_RUN,    /* a program that runs in the root `other` does */
};

struct doubt {
    enum doubt_kind kind;
    u64 ticket;
    u64 time;
    unsigned id;    /* of the root that it happened in */
    unsigned other; /* of the root that is to run */
    u64 va;
    u64 old; /* the frame, as a page of this level */
    unsigned level;
    u64 lost; /* W was given back that had gone in a call made then: the child
                 has to be that call's; 0: any may be */
    enum sentence sentence; /* when it is sure */
    enum sentence unseen;   /* when it is not */
    struct facts facts;
};

/* Zero but for `story` is a valid start. */
struct doubts {
    struct story *story;
    unsigned count;
    struct doubt doubt[DOUBTS]; /* oldest first */
};

/* Takes a doubt about what happened at its time. */
void doubts_add(struct doubts *doubts, const struct doubt *doubt);

/* A program runs in a root. */
void doubts_run(struct doubts *doubts, const struct table *root);

/* The form of a sentence in which the other side is not known to live. */
enum sentence doubts_unseen(enum sentence sentence);

/* A child begins: it may be who shares what its parent, the root with this id,
 * stored to before. It begins behind a call made at this time, as far as is
 * known. Returns when that was first, or UINT64_MAX. */
u64 doubts_meet(struct doubts *doubts, unsigned parent, struct table *child,
                u64 called);

/* Time has passed. */
void doubts_advance(struct doubts *doubts, u64 now);

/* No more events come. */
void doubts_finish(struct doubts *doubts);

#endif
