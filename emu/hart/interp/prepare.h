/*
 * The interpreter's form of a block.
 *
 * - A branch has in its rd, which is no register there, how many instructions
 *   follow it in the block: what it gives back when it is taken.
 * - A branch backwards, at whose target the block goes on, is turned round: the
 *   opposite branch to what is behind it. So what leaves the block is always a
 *   branch taken.
 * - A jump that the block follows goes on like any instruction.
 * - Two records that fused.def names together are executed by one op, which
 *   stands in the first; the second stays as it is, so that a step is still a
 *   record, and whatever happens between them finds everything in its place.
 */
#ifndef HART_INTERP_PREPARE_H
#define HART_INTERP_PREPARE_H

#include "hart/code/block.h"

/* Operations that only this form has. */
enum block_op {
    UOP_FIRST = CODE_OPS - 1, /* no op; behind it the rows of uops.def */
#define UOP(name, way) UOP_##name,
#include "hart/interp/uops.def"
    UOP_FUSED, /* no op; behind it the rows of fused.def */
#define FUSED(first, second) UOP_##first##_##second,
#include "hart/interp/fused.def"
    UOP_COUNT
};

/* Makes this form of a new block's records: a block_prepare_fn. */
void interp_prepare(struct block *block);

#endif
