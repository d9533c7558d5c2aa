/*
 * What a hart has fetched since its last fence.i, and whether it is what is in
 * memory now: what makes stale_fetch events (hart/code/changes.h).
 *
 * While someone listens, frames that some hart has fetched from since its last
 * fence.i carry FRAME_FETCHED, so that each store to one is looked at. Stores
 * of the host (a debugger's) change nothing: whoever stands outside of a
 * machine sees to it that the machine sees them.
 *
 * A fence.i empties the hart's small arrays of fetches, so that each page that
 * it enters comes by again; they are a cache, and what a guest can see of the
 * fetch page stays as it is.
 */
#ifndef HART_MMU_FETCHED_H
#define HART_MMU_FETCHED_H

#include "hart/code/changes.h"
#include "hart/state/hart.h"

/* Starts or stops watching, and goes on with fresh flags of frames. Only
 * between slices, and the caller drops decoded code and small arrays. */
void fetched_watch(const struct siblings *all, bool on);
void fetched_restored(const struct siblings *all);

/* Goes back to what was known when that was saved (changes_save()), of a
 * machine whose small arrays are empty. */
void fetched_restore(const struct siblings *all,
                     const struct changes_saved *saved);

/* The hart fetches from the frame that pa, in RAM, is in. */
void fetched_note(struct hart *hart, u64 pa);

/* Size bytes at pa, all in one frame with FRAME_FETCHED, are about to become
 * these; as store_to_ram(). */
void fetched_stored(const struct siblings *all, struct hart *by, u64 pa,
                    const void *bytes, u64 size, unsigned origin);

/* The instruction at pc, so many bytes of it at pa in one frame, is about to be
 * executed. Between blocks. Whether it was reported. */
bool fetched_judge(struct hart *hart, u64 pa, unsigned size);

/* The hart executes fence.i. */
void fetched_fenced(struct hart *hart);

#endif
