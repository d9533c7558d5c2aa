/*
 * A disk that can go back: a block over another one, whose contents it can show
 * as they were.
 *
 * In the present, writes go through to the block below; whoever keeps history
 * is told of each cluster that is about to change, the first time since it said
 * that all are clean. In the past the block below is left alone: what differs
 * from it is in memory, and what is written goes there. Discards do nothing, so
 * that what is read after one is certain.
 */
#ifndef BLOCK_PAST_H
#define BLOCK_PAST_H

#include <rvemu/disk.h>

#include "base/types.h"

#define PAST_CLUSTER 4096 /* bytes */

struct past;

/* Whether a disk can be written, and so has a past. */
bool past_matters(const rvemu_disk *disk);

/* Mixes all of a disk into a number (base/digest.h). */
u64 past_digest(rvemu_disk *disk, u64 so_far);

/* Makes one over a disk, which it does not own. The call gets the number of a
 * cluster that is about to change. NULL when memory is lacking. */
struct past *past_new(rvemu_disk *lower, void (*changes)(void *arg, u64 n),
                      void *arg);

/* Frees it; the block below stays. */
void past_free(struct past *past);

rvemu_disk *past_block(struct past *past);

/* The block below, if this disk is one of these; else the disk itself. */
rvemu_disk *past_below(rvemu_disk *disk);
rvemu_disk *past_lower(const struct past *past);

/* All clusters are clean. */
void past_clean(struct past *past);

/* Whether a cluster has changed since then. */
bool past_has_changed(const struct past *past, u64 n);

/* Copies a cluster, as it is now, to PAST_CLUSTER bytes; behind the disk's end
 * they are 0. -1: an I/O error. */
int past_load(struct past *past, u64 n, u8 *bytes);

/* From now on it is the past, … */
void past_enter(struct past *past);

/* … in which a cluster is made these bytes (-1: memory is lacking); */
int past_store(struct past *past, u64 n, const u8 *bytes);

/* … or the present again, and the block below is what it was left as. */
void past_leave(struct past *past);

/* This past is the present: the block below becomes that. -1: an I/O error. */
int past_write_back(struct past *past);

#endif
