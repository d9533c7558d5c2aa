/*
 * One instruction at a time: where a block is longer than the budget, where an
 * instruction is in no block, where each is reported (retire.h), and where this
 * one may have to be (probe.h). Bodies are called, not jumped to; they exist
 * out of line, a row of rv64.def each.
 */
#ifndef HART_INTERP_STEP_H
#define HART_INTERP_STEP_H

#include "hart/state/hart.h"

/* Executes the instruction at pc, the first of block or, where that is NULL,
 * fetched by halves: it crosses a page, or nothing of its page can be kept.
 * True when it is done and execution may go on. False with an exception raised,
 * or with none where something wants attention: before it was executed if the
 * fetch asked for it, then no step is made. The instruction executed is in
 * c.single. */
bool step_one(struct hart *hart, const struct block *block);

#endif
