/* The end of the machine: SiFive's test finisher. */
#ifndef FINISHER_H
#define FINISHER_H

#include "base/types.h"

/* None of these returns: without a finisher the hart sleeps for ever. */
_Noreturn void finisher_power_off(void);
_Noreturn void finisher_fail(u16 code);
_Noreturn void finisher_reset(void);

#endif
