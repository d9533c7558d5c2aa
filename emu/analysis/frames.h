/*
 * Frames: who maps each one, and what copy-on-write has to remember of it.
 *
 * A record exists for every frame that an entry of a live table maps for a
 * user (V=1, U=1), and for a frame that was write-protected while mapped
 * (`protected`) even after the last known mapping has gone: a child's tables
 * stay unseen until its root is first loaded, and its parent may store, and
 * so leave the frame, before that.
 *
 * A superpage is one record at its first frame; its level is part of the key.
 */
#ifndef ANALYSIS_FRAMES_H
#define ANALYSIS_FRAMES_H

#include "base/map.h"

struct table;

/* Where a page-table entry lies. */
struct entry {
    struct table *table;
    unsigned index;
};

struct frame {
    u64 ppn;
    unsigned level;
    unsigned mappings;
    unsigned room;
    struct entry *mapping;
    struct entry few[2];  /* what `mapping` is while these suffice */
    bool protected;       /* W was taken away while it stayed mapped … */
    u64 lost;             /* … last in a call made at this time; 0: in none */
    bool by_fork;         /* and that was in a fork */
    bool back;            /* W came back since then, after that call */
    bool common;          /* another could store to it when it lost W */
    u64 left_va;          /* the first mapping that went while protected: */
    unsigned left_root;   /* id of its root, 0 for none */
    u64 left_at;          /* when a mapping went last that was not the only */
    bool copied;          /* a copy took its place somewhere */
    u64 copy_of;          /* the frame whose place it took as a copy, or 0 */
    u64 copy_life;        /* which life of that frame it was */
    u64 life;             /* a number of its own for each; never 0 */
    unsigned left_copies; /* how often it was copied before a sharer was seen */
    unsigned fork; /* number of the latest fork that shared it, or 0 … */
    unsigned first_fork; /* … and of the first */
    unsigned alias_told; /* what `fork` was when an alias was told of it */
    struct frame *next;  /* of the spare ones */
};

struct frames {
    struct map by_ppn;
    u64 made;            /* records so far */
    struct frame *spare; /* records that are no longer in use */
};

/* The record of the frame at ppn mapped at this level, or NULL. */
struct frame *frames_find(const struct frames *frames, u64 ppn, unsigned level);

/* An entry began to map ppn. Returns false when memory is lacking. */
bool frames_link(struct frames *frames, u64 ppn, unsigned level,
                 struct entry from);

/* An entry ceased to map the frame, whose record may go with that. */
void frames_unlink(struct frames *frames, struct frame *frame,
                   struct entry from);

/* The frame begins a new life: what was remembered is of another. */
void frames_forget(struct frame *frame);

/* Drops the record if nothing maps the frame and nothing is to be
 * remembered. */
void frames_settle(struct frames *frames, struct frame *frame);

#endif
