/*
 * errno, with Linux's numbers. They hide those of the C library below, which
 * agree only up to ERANGE.
 */
#ifndef LIBC_ERRNO_H
#define LIBC_ERRNO_H

#include "uapi/errno.h"

extern __thread int errno;

#endif
