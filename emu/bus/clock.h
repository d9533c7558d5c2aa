/*
 * Machine time, and the queue of what is due in it.
 *
 * Machine time is in nanoseconds since reset: one for each step (a retired
 * instruction or a trap taken) plus the idle time that a waiting machine
 * skipped. Nothing here ever looks at the host's clock.
 *
 * A hart runs in slices. Between slices `now` is exact; inside one, the
 * running hart knows how many steps it has made, and clock_now() adds them.
 * A timer armed to fall inside the running slice calls `cut`, so that the
 * hart ends its slice there and no deadline is ever served late. Of several
 * harts one runs at a time, and time is the sum of the steps of all.
 */
#ifndef BUS_CLOCK_H
#define BUS_CLOCK_H

#include "base/types.h"

#define CLOCK_NEVER UINT64_MAX
#define CLOCK_LAST INT64_MAX /* no deadline is later: 292 years */

/* One deadline, owned by the device that embeds it. Set fire and owner once;
 * the rest belongs to the clock. */
struct timer {
    void (*fire)(void *owner, u64 now); /* called once, already disarmed */
    void *owner;
    u64 due;            /* ns of machine time; CLOCK_NEVER when disarmed */
    struct timer *next; /* in order of due, then of arming */
};

struct clock {
    u64 now;             /* ns; exact between slices */
    u64 slice_end;       /* ns; the running slice ends here at the latest */
    struct timer *first; /* the earliest deadline, or NULL */
    const struct clock_runner *runner; /* who runs the slice, or NULL */
};

struct clock_runner {
    u64 (*progress)(void *self); /* steps made so far in this slice */
    void (*cut)(void *self);     /* end the slice as soon as may be */
    void *self;
};

void clock_init(struct clock *clock);

/* The present, exact wherever a guest can look. */
u64 clock_now(const struct clock *clock);

/* (Re)arms timer for time `due`; a due time already past fires at the next
 * opportunity, never from inside this call. CLOCK_NEVER disarms, and so does
 * whatever is beyond CLOCK_LAST: a guest that idles from deadline to deadline
 * cannot bring time to its end. */
void clock_arm(struct clock *clock, struct timer *timer, u64 due);
void clock_disarm(struct clock *clock, struct timer *timer);

/* Ends the running slice, if there is one, after the current instruction. */
void clock_cut(const struct clock *clock);

/* When the earliest timer is due, or CLOCK_NEVER. */
u64 clock_next(const struct clock *clock);

/* Moves `now` forward and fires, in order, all that has become due. Only
 * between slices. */
void clock_advance(struct clock *clock, u64 now);

#endif
