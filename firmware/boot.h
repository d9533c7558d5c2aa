/* How a hart enters the supervisor, or waits for that. */
#ifndef BOOT_H
#define BOOT_H

#include "base/types.h"

/* Makes this hart ready for a supervisor and goes there: pc in S-mode, with
 * opaque in a1. */
_Noreturn void boot_supervisor(u64 pc, u64 opaque);

/* Goes back to a supervisor that has lost its registers, and finds all else as
 * it was. */
_Noreturn void boot_resume(u64 pc, u64 opaque);

/* Sleeps until another hart starts this one. */
_Noreturn void boot_wait(void);

/* boot.S */
_Noreturn void boot_enter(u64 a0, u64 a1, u64 pc, u64 stack_top);

#endif
