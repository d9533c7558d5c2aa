/* A block over another one, which is only read: what differs is in memory. */
#ifndef BLOCK_OVERLAY_H
#define BLOCK_OVERLAY_H

#include "block/block.h"

/* Takes `lower`, which is closed with it. NULL when memory is lacking; then
 * lower is left as it was. */
struct block *overlay_new(struct block *lower);

#define OVERLAY_CLUSTER 4096 /* bytes that differ, or not, together */

/* Whether a block is one, and what it lies over; only of one that is: */
bool overlay_is(const struct block *block);
struct block *overlay_lower(const struct block *block);

/* Lists the clusters that differ, by their numbers, rising: *count of them,
 * which the caller frees. False: memory is lacking. */
bool overlay_list(const struct block *block, u64 **numbers, size_t *count);

/* The bytes of a cluster that differs, all OVERLAY_CLUSTER of them. */
const u8 *overlay_cluster(const struct block *block, u64 number);

/* Makes a cluster within the block differ. False: memory is lacking. */
bool overlay_put(struct block *block, u64 number, const u8 *bytes);

#endif
