/* Traps into M-mode, for trap.S. */
#ifndef TRAP_H
#define TRAP_H

#include "trap_frame.h"

void trap_entry(void);

/* A trap from below M-mode. */
void trap_handle(struct trap_frame *frame);

/* A trap from the firmware itself. */
_Noreturn void trap_inside(void);

#endif
