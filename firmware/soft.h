/* What other harts ask of one that runs a supervisor: a fence, or its own
 * software interrupt. */
#ifndef SOFT_H
#define SOFT_H

#include "base/types.h"

/* Serves what has been asked of this hart. True if the supervisor's software
 * interrupt was among it, and is pending now. */
bool soft_serve(void);

#endif
