/*
 * Copy-on-write, found in page-table events alone.
 *
 * A frame is *protected* when an entry that keeps mapping it for a user loses
 * W while nobody else can store to it; when somebody can, it is common memory,
 * and nothing is concluded from its permissions. A new frame with W in place of
 * a protected one without, and whose bytes equal it, is a *copy*; the same of a
 * frame never protected a *private copy*; an equal frame that gets no W, or
 * replaces one that had it, was *moved*, or *merged* with one that others map.
 * W given back to the only space that maps the frame is a *reuse*; given back
 * while others map it is *broken*. A copy without a page fault was the kernel's
 * own doing. Protection outlives its fork (life.h): a page forked again stays
 * shared.
 *
 * A copy is *needless* when a fork that was seen shared the frame and no entry
 * maps it any more. A child that has not run yet may share it: so no copy is
 * called needless while there is a call that may have made one. A call made no
 * child if it left W to a page that copy-on-write had given it back to.
 *
 * Of frames that are mapped for the kernel alone no more is known than what
 * their entry says.
 */
#ifndef ANALYSIS_COW_H
#define ANALYSIS_COW_H

#include <rvemu/explain.h>

#include "analysis/spaces.h"

struct cow_range {
    u64 va;
    u64 pages;
};

/* A fork. Its pages are of 4 KiB. */
struct cow_fork {
    unsigned parent_id; /* of the roots */
    unsigned child_id;
    struct cow_range *range; /* its protected pages */
    unsigned ranges;
    u64 shared;      /* pages that both map as one frame */
    u64 protected;   /* of these: protected, and W=0 on both sides */
    u64 lost;        /* of these: lost W in this fork, not before */
    u64 open_parent; /* of the shared: the parent alone can store to it … */
    u64 open_child;  /* … the child alone … */
    u64 open_both;   /* … both can */
    u64 open_table;  /* the frame of a table of the child's that has one */
    u64 own;         /* pages at which parent and child have two frames */
    u64 copies;      /* of its protected pages, so far */
    u64 reuses;
};

#define COW_CLEARED 16 /* how many cleared leaves are remembered */
#define COW_CALLERS 8  /* places of calls that forked */

/* An entry that lost its leaf since the hart that cleared it last ran a
 * program. */
struct cow_cleared {
    u64 pte_pa; /* 0: none */
    u64 pte;    /* the leaf */
    unsigned hart;
};

struct cow {
    struct spaces *spaces;
    struct rvemu_cow_totals totals;
    struct cow_fork *fork; /* number n is fork[n - 1] */
    unsigned forks;
    unsigned room;
    u64 caller[COW_CALLERS]; /* pcs of ecalls that forked, the latest */
    unsigned next_caller;
    struct rvemu_ev_frame_copied copied; /* the latest, until it is used */
    struct cow_cleared cleared[COW_CLEARED];
    unsigned next_cleared;
    bool has_cleared; /* some entry is remembered */
};

enum cow_change {
    COW_NONE,
    COW_PROTECTED,    /* W was lost, and may be for copy-on-write */
    COW_COPY,         /* a protected frame was replaced by a copy */
    COW_PRIVATE_COPY, /* a frame never protected was replaced by one */
    COW_MOVED,        /* an equal frame took its place; nobody may store more */
    COW_MERGED,       /* so did one that others map */
    COW_REUSE,
    COW_BROKEN,
    COW_REPLACED, /* another frame, whose bytes differ */
    COW_MAPPED,   /* nothing was mapped before */
    COW_ALLOWED,  /* same frame, other permissions or A, D */
};

/* A leaf that was just stored, or found in a newly linked table. */
struct cow_edit {
    struct entry at;
    struct table *root; /* a root that reaches it */
    u64 va;
    u64 call;      /* where W changes: when the call of root was made that the
                      hart is in, or 0 */
    unsigned hart; /* that stored it */
    u64 old;       /* the entry before */
    u64 before;    /* the leaf that a fault in hand met here, else 0 … */
    unsigned before_level; /* … and its level */
    u64 fault_time;        /* of that fault */
    bool on_call;          /* the hart is in a call of root's program */
    bool has_fault;        /* a fault on this page waits for an answer */
};

struct cow_result {
    enum cow_change change;
    u64 old; /* the leaf that was replaced, 0 for none */
    u64 old_frame;
    u64 new_frame;
    bool taken;      /* COW_MAPPED, COW_REPLACED: the new frame was protected */
    bool needless;   /* COW_COPY: for want of anybody who shares the frame */
    bool was_shared; /* COW_COPY: a fork that shared the old frame was seen */
    bool by_fork;    /* COW_REUSE: a fork took W, nothing else … */
    u64 lost; /* … or it is not known what the call was, made at this time,
                 in which it went; 0: in none */
    unsigned fork; /* number of the fork that shared the old frame, or 0 */
    u64 others;    /* spaces that map the old frame still */
    struct table *other; /* one of them */
};

/* A program runs again on this hart: an entry that the kernel has cleared on it
 * until now was unmapped, and a later mapping there replaces nothing. */
void cow_end_turn(struct cow *cow, unsigned hart);

/* An edit that the spaces already know. */
struct cow_result cow_judge_edit(struct cow *cow, const struct cow_edit *edit);

/* A new fork, all zero; NULL when memory is lacking. The next call may move
 * it. */
struct cow_fork *cow_add_fork(struct cow *cow);

/* The root's program has made its last_call. */
void cow_call(const struct cow *cow, struct table *root);

/* The ecall at pc has forked. */
void cow_note_caller(struct cow *cow, u64 pc);

/* A fork of this number shares the frame. */
void cow_share(unsigned number, struct frame *frame);

/* A page that a fork, of this number, shared and left without W, which it had
 * taken itself if by_fork. Pages come in order of address. */
void cow_protect(struct cow *cow, unsigned number, struct frame *frame, u64 va,
                 bool by_fork);

/* Walks both sides of a fork as they are now: how many of the pages that it
 * protected still are one frame, how many two. Returns false when a side is
 * gone. */
bool cow_walk_fork(const struct cow *cow, const struct cow_fork *fork,
                   u64 *together, u64 *apart);

#endif
