/*
 * Machine time, and what is due in it.
 *
 * Machine time is in nanoseconds since reset: a power of two of them for each
 * step (a retired instruction or a trap taken), one unless the machine says
 * otherwise, plus the idle time that a waiting machine skipped. Only
 * clock_of_steps() and clock_steps_to() turn one into the other. Nothing here
 * ever looks at the host's clock.
 *
 * A hart runs in slices. Between slices `now` is exact; inside one, the running
 * hart knows how many steps it has made, and clock_now() adds them. A timer
 * armed to fall inside the running slice cuts it: the hart ends the slice after
 * its present instruction, and no deadline is ever served late. Whoever knows
 * of a cut would know how far the slice had gone, which is the caller's
 * business: so every deadline cuts that the longest of slices could reach. Of
 * several harts one runs at a time, and time is the sum of the steps of all.
 *
 * Time and deadlines are guest state: `s`. Who is called when a timer fires
 * is wiring: a timer is a number, handed out while the machine is built, and
 * machines that are built alike give the same timers the same numbers.
 */
#ifndef BUS_CLOCK_H
#define BUS_CLOCK_H

#include "base/plain.h"
#include "base/types.h"

#define CLOCK_NEVER UINT64_MAX
#define CLOCK_LAST INT64_MAX /* no deadline is later: 292 years */

#define CLOCK_SLICE_MAX 1000000 /* steps: no slice is longer */
#define CLOCK_TIMERS_MAX 32
#define CLOCK_SHIFT_MAX 10

PLAIN_BEGIN
struct clock_timer {
    u64 due;   /* ns of machine time; CLOCK_NEVER when disarmed */
    u64 order; /* which arming of the clock's this was, from 1; 0: disarmed */
};

struct clock_state {
    u64 now;     /* ns; exact between slices */
    u64 armings; /* how many so far; timers due together fire in this order */
    struct clock_timer timer[CLOCK_TIMERS_MAX];
};
PLAIN_END

struct clock_wire {
    void (*fire)(void *owner, u64 now); /* called once, already disarmed */
    void *owner;
};

struct clock {
    struct clock_state s;
    unsigned shift; /* a step is 2^shift ns, at most 2^CLOCK_SHIFT_MAX */
    unsigned first; /* from s: the timer that is due first, if any is armed */

    unsigned timers; /* so many are wired */
    struct clock_wire wire[CLOCK_TIMERS_MAX];

    const struct clock_runner *runner; /* who runs the slice, or NULL */
};

struct clock_runner {
    u64 (*progress)(void *self); /* steps made so far in this slice */
    void (*cut)(void *self);     /* ends the slice, as clock_cut() */
    void *self;
};

/* A step is 1 ns, until shift is set. */
void clock_init(struct clock *clock);

/* How many ns so many steps are. */
static inline u64 clock_of_steps(const struct clock *clock, u64 steps)
{
    return steps << clock->shift;
}

/* How many steps it takes until so many ns have passed. */
static inline u64 clock_steps_to(const struct clock *clock, u64 ns)
{
    u64 part = ns & ((1ull << clock->shift) - 1);

    return (ns >> clock->shift) + (part != 0);
}

/* Wires the next timer, disarmed, and returns its number. A machine has a
 * fixed set of them, of less than CLOCK_TIMERS_MAX: this cannot fail. */
unsigned clock_add_timer(struct clock *clock,
                         void (*fire)(void *owner, u64 now), void *owner);

/* Takes up what was stored into clock->s from outside. Between slices. */
void clock_restored(struct clock *clock);

/* The present, exact wherever a guest can look. */
u64 clock_now(const struct clock *clock);

/* (Re)arms a timer for time `due`; a due time already past fires at the next
 * opportunity, never from inside this call. CLOCK_NEVER disarms, and so does
 * whatever is beyond CLOCK_LAST: a guest that idles from deadline to deadline
 * cannot bring time to its end. */
void clock_arm(struct clock *clock, unsigned timer, u64 due);
void clock_disarm(struct clock *clock, unsigned timer);

/* When the timer is due, or CLOCK_NEVER. */
static inline u64 clock_due(const struct clock *clock, unsigned timer)
{
    return clock->s.timer[timer].due;
}

/* When the earliest timer is due, or CLOCK_NEVER. */
static inline u64 clock_next(const struct clock *clock)
{
    return clock_due(clock, clock->first);
}

/* Ends the running slice, if there is one, after the current instruction. */
void clock_cut(const struct clock *clock);

/* Moves `now` forward and fires, in order, all that has become due. Only
 * between slices. */
void clock_advance(struct clock *clock, u64 now);

#endif
