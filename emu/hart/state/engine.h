/*
 * What executes instructions: an engine.
 *
 * An engine runs blocks from the cache of decoded code (code/blocks.h). Its
 * contract with everything that it calls, and with whoever called it:
 *
 * - A block is charged to slice.budget when it is entered, and what was not
 *   executed is given back when it is left.
 * - Before it calls something that may look at steps, pc or time, that may
 *   raise an exception, or that may make an event, it sets c.block and c.in: a
 *   record of the instruction being executed. Outside a block c.in is NULL.
 * - When it returns, c.in is NULL and s.pc is exact: that of the next
 *   instruction, or with c.raised that of the one that raised it.
 */
#ifndef HART_STATE_ENGINE_H
#define HART_STATE_ENGINE_H

#include "hart/code/blocks.h"

struct hart;

struct engine {
    const char *name;

    /* Makes its own of the records of a new block: blocks.h. */
    block_prepare_fn *prepare;

    /* Runs from s.pc until the budget is used up or something outside the
     * instruction stream wants a look: an exception, or attention. */
    void (*run)(struct hart *hart);
};

#endif
