/*
 * Lifetimes: the frames that a kernel's allocator gives out and takes back,
 * held against what spaces map.
 *
 * A kernel may free a frame and clear its entry afterwards, and tear a space
 * down without clearing anything. So what looks wrong is kept as a suspicion,
 * and is a mistake once a program runs in a space that leads to the frame; it
 * is dropped when the entry changes, or its table is freed, too.
 * What is left at the end, losses.h looks at.
 */
#ifndef ANALYSIS_LIFETIMES_H
#define ANALYSIS_LIFETIMES_H

#include <rvemu/frames.h>

#include "analysis/story.h"

#define LIFETIMES_SUSPICIONS 4096 /* the oldest give way */
#define LIFETIMES_ENTRIES 8       /* that are suspected of one frame */

/* A frame of 4 KiB, since it was last given out or taken back. */
struct lifetime {
    u64 ppn;
    bool is_free;
    u64 by;   /* behind the call that did */
    u64 time; /* when */
    /* Since it was given out: */
    bool was_private; /* it was mapped for a user to store to … */
    bool was_table;   /* … or was a page table */
    u64 gone_by;      /* the instruction that took the last entry away, or 0 */
    u64 gone_turn;    /* of this hart, as lifetimes.turn was then */
    u8 gone_hart;
};

enum suspicion_kind {
    SUSPECT_MAPPED, /* freed while the entry maps it */
    SUSPECT_GIVEN,  /* mapped by the entry while it is free */
    SUSPECT_TABLE   /* freed while it is a page table */
};

struct suspicion {
    enum suspicion_kind kind;
    u64 ppn;
    u64 pte_pa; /* of the entry */
    u64 by;     /* behind the call that freed it */
};

/* Zero but for `story` is a valid start. */
struct lifetimes {
    struct story *story;
    const struct rvemu_frames *config; /* NULL: nothing is known of frames */
    struct map by_ppn;                 /* struct lifetime */
    unsigned suspicions;
    struct suspicion *suspicion; /* room for LIFETIMES_SUSPICIONS, or NULL */
    u64 turn[HARTS];             /* returns to programs, plus one … */
    u64 cut_turn[HARTS];         /* … when it last took away whole tables */
    struct rvemu_frames_totals totals;
    bool failed; /* memory ran out: nothing more is said */
};

/* So many frames from ppn on were given out, or taken back, by the call in
 * front of `by`. */
void lifetimes_give(struct lifetimes *lifetimes, u64 ppn, u64 count, u64 by,
                    u64 time);
void lifetimes_take_back(struct lifetimes *lifetimes, u64 ppn, u64 count,
                         u64 by, u64 time);

/* What is known of a frame, or NULL; whether it is known to be free. */
const struct lifetime *lifetimes_find(const struct lifetimes *lifetimes,
                                      u64 ppn);
bool lifetimes_is_free(const struct lifetimes *lifetimes, u64 ppn);

/* Writes where an instruction is: "copy (vm.c:12)", or as much of that as there
 * are names for; and the call in front of `by`. */
void lifetimes_place(const struct lifetimes *lifetimes, u64 pc,
                     char out[CODE_TEXT]);
void lifetimes_place_call(const struct lifetimes *lifetimes, u64 by,
                          char out[CODE_TEXT]);

/* A pte_write or pte_found event, which spaces have taken: the entry at pte_pa
 * of a table of this level held old before and is pte now. */
void lifetimes_edit(struct lifetimes *lifetimes,
                    const struct rvemu_event *event, u64 pte_pa, unsigned level,
                    u64 old, u64 pte);

/* A root is loaded; one is lost, by this hart. */
void lifetimes_load(struct lifetimes *lifetimes, u64 root);
void lifetimes_lose(struct lifetimes *lifetimes, unsigned hart);

/* The hart goes on with a program in this root. */
void lifetimes_run(struct lifetimes *lifetimes, struct table *root,
                   unsigned hart, u64 time);

#endif
