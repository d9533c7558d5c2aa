/*
 * Changes: code that a hart may have in its instruction cache as it was, and
 * that has been stored to since.
 *
 * A hart may keep what it has fetched, and what lies near, until its own
 * fence.i; only behind that does a fetch see what was stored before
 * ("Zifencei"). So for each hart there are the frames that it has fetched from
 * since its last fence.i, and of these the halves (two bytes each) whose value
 * a store has changed since it first did. An instruction in one of these is a
 * stale fetch. It is reported once for each store that had to do with it: what
 * the same instruction of the guest has changed in the same frame is then
 * taken for known.
 *
 * The frame is the unit of what a hart has, since the fetch page is looked up
 * once for each: so what is found does not depend on how code is decoded. The
 * instruction is the unit of what is judged: a block ends before each changed
 * half, and none that begins there is entered (block.h), so that a step
 * executes it and looks.
 *
 * This is no guest state, and no cache either: it outlives a machine that
 * moves (machine/move.h).
 */
#ifndef HART_CODE_CHANGES_H
#define HART_CODE_CHANGES_H

#include "base/map.h"
#include "base/types.h"

#define CHANGES_HARTS 8
#define CHANGES_NO_HART 255
#define CHANGES_HALVES 2048 /* of a frame */
#define CHANGES_PLACES 512  /* of a frame: doublewords */
#define CHANGES_MAX 16384   /* frames that have changed; more are not seen to */

/* A store that has changed code. */
struct change {
    u64 pc; /* 0: a device's */
    u64 time;
    u8 hart;   /* or CHANGES_NO_HART */
    u8 priv;   /* of that hart */
    u8 origin; /* enum rvemu_origin */
};

struct changed_halves {
    u64 of_hart[CHANGES_HARTS][CHANGES_HALVES / 64];
    struct change last[CHANGES_PLACES];
};

struct changed_frame {
    u64 pa;
    u8 fetched;                     /* the harts that have, a bit each … */
    u64 since[CHANGES_HARTS];       /* … and when they first did, in ns */
    struct changed_halves *changed; /* NULL: nothing has */
};

/* All zero is a valid start. */
struct changes {
    bool on;
    unsigned changed;    /* frames */
    struct arena *arena; /* of all that is known; NULL: the heap */
    struct map frames;   /* struct changed_frame, by number of frame */
};

/* Begins to know, or forgets all and is off. */
void changes_begin(struct changes *changes);
void changes_end(struct changes *changes);

/* Behind that all memory is free again; what was saved has been dropped. */
void changes_free(struct changes *changes);

/* What is known, to be given back: NULL where nothing ever was. -1: memory is
 * lacking. */
struct changes_saved;
int changes_save(const struct changes *changes, struct changes_saved **saved);

/* Knows that again, and nothing else; NULL: nothing. */
void changes_restore(struct changes *changes,
                     const struct changes_saved *saved);
void changes_drop(const struct changes *changes, struct changes_saved *saved);

/* Bytes that all that was saved takes. */
u64 changes_kept(const struct changes *changes);

/* The record of the frame that pa is in, or NULL. */
struct changed_frame *changes_find(const struct changes *changes, u64 pa);

/* The hart fetches from the frame that pa is in. Its record, or NULL when
 * memory is lacking: then it is as if the hart had not. */
struct changed_frame *changes_fetched(struct changes *changes, unsigned hart,
                                      u64 pa, u64 time);

/* Size bytes in one frame are about to become these. Whether that changes
 * anything for a hart. */
bool changes_stored(struct changes *changes, struct changed_frame *frame,
                    u64 pa, const void *now, const void *bytes, u64 size,
                    const struct change *by);

/* Whether the half at pa, or one of the two from there on, has changed for the
 * hart; then by which store, and what that store has changed has not any more.
 */
bool changes_judge(struct changed_frame *frame, unsigned hart, u64 pa,
                   unsigned size, struct change *by);

/* Whether the half at this offset of the frame has changed for any hart. */
bool changes_has(const struct changed_frame *frame, unsigned offset);

/* The hart has done fence.i. False: some other hart still has the frame. */
bool changes_fenced(struct changes *changes, struct changed_frame *frame,
                    unsigned hart);

#endif
