/* One instruction at a time, with a report of what it did. See retire.c. */
#ifndef HART_INTERP_RETIRE_H
#define HART_INTERP_RETIRE_H

#include "hart/state/hart.h"

/* The kinds of events that are made here. */
#define RETIRE_KINDS (RVEMU_EVENT_BIT(retire) | RVEMU_EVENT_BIT(csr_write))

/* As interp_run(), but for one instruction. */
void retire_step(struct hart *hart);

#endif
