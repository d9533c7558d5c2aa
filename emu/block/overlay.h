/* A block over another one, which is only read: what differs is in memory. */
#ifndef BLOCK_OVERLAY_H
#define BLOCK_OVERLAY_H

#include "block/block.h"

/* Takes `lower`, which is closed with it. NULL when memory is lacking; then
 * lower is left as it was. */
struct block *overlay_new(struct block *lower);

#endif
