/*
 * Times that programs give: struct timespec, seconds and nanoseconds. Calls
 * that sleep take one, whatever they sleep for.
 */
#ifndef SYS_TIMESPEC_H
#define SYS_TIMESPEC_H

#include "lib/types.h"

/* Reads a length of time, in ns: -EFAULT, or -EINVAL if it is none. */
int time_span(u64 user, u64 *ns);

/* Reads one and tells when it will have passed, in ticks. */
int time_end_of(u64 user, u64 *end);

#endif
