/* The interpreter: executes decoded blocks. See interp.c. */
#ifndef HART_INTERP_INTERP_H
#define HART_INTERP_INTERP_H

#include "hart/state/hart.h"

/* Runs from hart->s.pc until the budget is used up or something outside the
 * instruction stream wants a look: an exception (hart->c.raised, pc at the
 * instruction), or attention. pc is exact on return. */
void interp_run(struct hart *hart);

#endif
