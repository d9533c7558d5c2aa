/* Turning the machine off. */
#ifndef DEV_POWER_H
#define DEV_POWER_H

#include "lib/types.h"

/* Finds the test device, through which a machine can end with a code. */
void power_init(void);

/* Ends the machine: with success when `status` is 0, else with that code
 * (1 to 255). */
_Noreturn void power_off(int status);

#endif
