/* The interpreter: executes decoded blocks. See interp.c. */
#ifndef HART_INTERP_INTERP_H
#define HART_INTERP_INTERP_H

#include "hart/state/hart.h"

extern const struct engine interp_engine;

/* Looks for the block at pc; *block is NULL where the instruction at pc is in
 * none. False with a fault raised, or where the fetch asked for attention. */
bool interp_find(struct hart *hart, const struct block **block);

#endif
