/*
 * Suspects: TLB entries that came from a page-table entry which has been
 * changed since. They are what makes stale_use events.
 *
 * While someone listens, each hart's TLB keeps the walks that fill it
 * (lookup/walks.h), and the frames that they came by carry FRAME_WALKED. So
 * every store to such a page-table entry is seen, whoever makes it. It makes
 * the TLB entries that came by there suspect, on every hart, or clears them if
 * it puts back what the walk had found. What lies below a page-table entry that
 * differs is not looked at until that is put back: the table may have been
 * freed and be anything. Nor is that entry itself, once its frame is used for
 * other things (suspects.c).
 *
 * A suspect entry stays in the TLB but not in the small arrays: each use comes
 * to mmu.c, which walks again, for nothing but to compare, and reports what
 * differs. If all is as the TLB entry says, though by another way, this walk
 * becomes the one that it came from. Of entries that were there before anyone
 * listened, or before the TLB's state was loaded, no walk is known, and they
 * are never suspect.
 *
 * The fetch page is a copy of a translation, and outlives its TLB entry. It is
 * judged by the entry that the TLB has for it: when an instruction's page is
 * looked up, as any use; and, if that entry becomes suspect while the hart
 * fetches from there, before the next instruction, without being dropped. A
 * fetch page whose entry has been evicted is not judged.
 *
 * A root that comes into satp with an ASID that another root had makes the TLB
 * entries of that other suspect, too, but for global ones: they answer for it
 * until a fence, or a walk finds that it has the same.
 *
 * Nothing of this is guest state, and it changes nothing that a guest can see.
 */
#ifndef HART_MMU_SUSPECTS_H
#define HART_MMU_SUSPECTS_H

#include "hart/lookup/walks.h"

struct hart;
struct siblings;
struct suspects;

/* Makes the record of the machine with these harts. NULL when memory is
 * lacking. */
struct suspects *suspects_new(const struct siblings *all);
void suspects_free(struct suspects *suspects);

/* Starts or stops watching. Only between slices, and the caller empties the
 * small arrays. When memory is lacking, nothing is watched. */
void suspects_watch(struct suspects *suspects, bool on);

/* The aligned eight bytes at pa, in a frame with FRAME_WALKED, held `old`
 * before a store that is now in RAM. */
void suspects_stored(const struct siblings *all, u64 pa, u64 old);

/* The hart `h` has written satp. */
void suspects_satp(const struct siblings *all, struct hart *h, u64 satp);

/* Judges an entry of the hart's TLB, with the ASID in satp, by whether it is of
 * the root there. */
void suspects_judge_root(const struct siblings *all, struct hart *h,
                         const struct tlb_entry *entry);

/* Has stores to the first `reach` entries of a walk looked at. */
void suspects_watch_walk(const struct siblings *all,
                         const struct tlb_walk *walk, unsigned reach);

/* Round the making anew of the harts and of the flags of frames: takes what is
 * known away from the harts, and gives it back to those that hold the same. */
void suspects_take(struct suspects *suspects);
void suspects_give(struct suspects *suspects);

/* What is known at a snapshot, for going back to it. */
struct suspects_saved;

/* Copies it to *saved; NULL where nobody listens. -1 when memory is lacking. */
int suspects_save(const struct suspects *suspects,
                  struct suspects_saved **saved);

/* The harts hold what they held then: what was known is known again, if
 * somebody listens now. Where nobody did (NULL), nothing is known. Between
 * slices, when the small arrays are empty; memory that is lacking makes what is
 * known nothing. */
void suspects_restore(struct suspects *suspects,
                      const struct suspects_saved *saved);
void suspects_drop(struct suspects_saved *saved);

/* Bytes of memory that it takes. */
u64 suspects_weight(const struct suspects *suspects,
                    const struct suspects_saved *saved);

#endif
