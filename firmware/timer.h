/* The supervisor's timer. */
#ifndef TIMER_H
#define TIMER_H

#include "base/types.h"

/* Makes STIP pending once mtime reaches time, and not before. */
void timer_set(u64 time);

/* mtimecmp was reached: the supervisor's timer is pending until it sets a new
 * one. */
void timer_take(void);

#endif
