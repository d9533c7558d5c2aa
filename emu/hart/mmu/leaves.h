/*
 * What page tables under watch map for users, by frame: what makes alias_store
 * events.
 *
 * A user leaf is a valid one with U=1, of a table that is known (tables.h). A
 * frame is *protected* from when W is taken from a user leaf that goes on
 * mapping it, until a user leaf with W maps it, or none does; and again if then
 * the next is one without W of a table that comes to be known: a child's, whose
 * tables nobody knew when its parent left the frame. It carries
 * FRAME_PROTECTED, and a store of a hart that comes by no user leaf, but by a
 * supervisor's or by none, is one that the protection does not meet.
 *
 * Leaves of more than 2 MiB are left out. Nothing of this is guest state, and
 * it changes nothing that a guest can see.
 */
#ifndef HART_MMU_LEAVES_H
#define HART_MMU_LEAVES_H

#include "base/types.h"

struct siblings;
struct sparse;

/* A leaf, or 0, and where it lies. */
struct leaf {
    u64 pte;
    u64 pte_pa;
    unsigned level;
};

/* All zero is a valid start: nothing is counted. */
struct leaves {
    const struct siblings *all;
    u32 *frame; /* a word a RAM frame: how many user leaves map it, and flags */
    u64 frames;
};

/* Starts counting, from nothing. When memory is lacking, nothing is. */
void leaves_begin(struct leaves *leaves, const struct siblings *all);

/* Stops: no frame is protected any more. */
void leaves_end(struct leaves *leaves);

/* The flags of frames are fresh: gives those that are protected theirs. */
void leaves_restored(struct leaves *leaves);

/* Packs what is counted; NULL when memory is lacking, or nothing is. And gives
 * it back, or begins from nothing (NULL): leaves_restored() gives frames their
 * flag. */
struct sparse *leaves_save(const struct leaves *leaves);
void leaves_load(struct leaves *leaves, const struct sparse *saved);

/* An entry has come to be known, by a store or found in its table, or is known
 * no more. Anything but a user leaf is taken and does nothing. */
void leaves_add(struct leaves *leaves, struct leaf leaf, bool found);
void leaves_remove(struct leaves *leaves, struct leaf leaf);

/* The leaf, which was added, has taken the place of `before`. */
void leaves_replaced(struct leaves *leaves, u64 before, struct leaf leaf);

#endif
