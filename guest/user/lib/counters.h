/*
 * The kernel's own account of its memory, from /proc/vmstat. Another kernel
 * has other keys; there the programs check behaviour alone.
 */
#ifndef USER_COUNTERS_H
#define USER_COUNTERS_H

#include <stdbool.h>

struct counters {
    long cow_copies;    /* pages copied because of a store after fork */
    long cow_reuses;    /* stores of a last owner that copied nothing */
    long demand_faults; /* pages filled in on first access */
    long frames_free;
    long switches; /* from one task to another */
};

/* False, with all fields 0, when this kernel keeps no such account. */
bool counters_read(struct counters *out);

/* After a fork: stores to every page that reading the counters will store
 * to, the stack's next pages included, so that looking copies nothing. */
void counters_settle(void);

/* True when this process's forks copy every page at once: then there is
 * nothing left to copy on write. */
bool fork_is_eager(void);

#endif
