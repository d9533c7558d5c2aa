/*
 * User page tables of an address space.
 *
 * `used` in the struct frame of a user table counts its valid entries, so
 * that a walk over a sparse table can stop after the last one.
 */
#ifndef MM_PGTABLE_H
#define MM_PGTABLE_H

#include "lib/pte.h"
#include "ram/frames.h"

struct mm;

/* How many valid entries a table has, given any of its slots. */
static inline u16 *pt_used(const u64 *slot)
{
    return &frame_of(virt_to_phys(slot))->used;
}

/* The leaf slot of a user address: NULL if its tables do not exist, or
 * with them made (NULL: no memory). */
u64 *pt_find(u64 *root, u64 va);
u64 *pt_make(u64 *root, u64 va);

/* Sets a leaf slot that was invalid, counted in its table. */
void pt_set(u64 *slot, u64 pte);

/* Unmaps a range: clears, fences, then drops the frames. */
void pt_unmap(struct mm *mm, u64 start, u64 end);

/* Frees the user half of a table; nothing can translate through it. */
void pt_free(struct mm *mm);

#endif
