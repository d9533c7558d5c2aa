/*
 * The event `probe`: an instruction at a probed address is about to be
 * executed, or a call of a function there has come back.
 */
#ifndef HART_INTERP_PROBE_H
#define HART_INTERP_PROBE_H

#include "hart/state/hart.h"

/* Reports the instruction at pc if it is probed: once its fetch has gone well,
 * outside a block. */
void probe_report(struct hart *hart);

/* Whether the hart stops at a breakpoint at pc, before the instruction there:
 * its slice is over then, and the machine finds it in `probes`. */
bool probe_stops(struct hart *hart);

#endif
