/*
 * Error numbers of the kernel: those that programs see, and its own.
 */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

#include "uapi/errno.h"

/* Never seen by a program: the call was interrupted and starts again, unless
 * a handler without SA_RESTART runs, which turns it into EINTR. */
#define ERESTARTSYS 512

#endif
