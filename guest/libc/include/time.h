/*
 * Clocks and sleeping. struct timespec is that of the C library below, whose
 * layout the kernel shares; the clocks' numbers are Linux's.
 */
#ifndef LIBC_TIME_H
#define LIBC_TIME_H

#include <sys/types.h>
#include <sys/_timespec.h>

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2

int clock_gettime(clockid_t clock, struct timespec *now);
int nanosleep(const struct timespec *span, struct timespec *left);

#endif
