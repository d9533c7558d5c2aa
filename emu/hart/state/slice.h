/*
 * How far a hart runs: the steps of its slice.
 *
 * A step is a retired instruction or a trap taken. The machine lets one hart
 * at a time run for a slice: to the next deadline, the caller's limit or the
 * end of the hart's turn, whichever is first, and never for more than a
 * million steps (machine/run.c, turn.h). Nothing but the hart moves within it.
 * Its places are counts of the hart's steps:
 *
 *   start              now               stop             end
 *     |                 |------ budget ----|------ held -----|
 *     |----------------------- the slice --------------------|
 *
 * budget  The steps up to stop, there to be spent. The interpreter charges a
 *         block whole when it enters it, and what it then did not execute it
 *         gives back (interp.c). So `now` is stop less the budget between
 *         blocks, and inside one that and what is behind the position in it:
 *         hart_steps() is exact wherever a guest or a device can look.
 * held    The steps behind stop: something is to be looked at there, on that
 *         very step. A counter overflows (counters.c), or an instruction is
 *         to be reported, and every step is a stop (retire.c). Once the budget
 *         is used up it gets what was held; the slice goes on.
 * ends    Why the slice is over before its end, if it is: set during an
 *         instruction, together with the hart's `attention`, by which the
 *         block is left behind that instruction.
 *
 * A slice is over, too, when the hart waits. How a run is divided into
 * slices changes nothing that a guest can see.
 */
#ifndef HART_STATE_SLICE_H
#define HART_STATE_SLICE_H

#include "base/plain.h"
#include "base/types.h"

enum slice_ends {
    SLICE_GOES_ON,
    SLICE_CUT,     /* a new deadline, a woken hart, a loop, the machine's end */
    SLICE_YIELDED, /* a pause: another hart can use the time */
    SLICE_HALTED   /* for a debugger; the machine goes on as at the end of what
                    * its caller allowed */
};

/* Between slices all places are now, and the budget is 0. */
PLAIN_BEGIN
struct slice {
    i64 budget; /* not below 0 */
    u64 start;
    u64 stop;
    u64 end;
    u64 ends; /* enum slice_ends; kept until the next one begins */
};
PLAIN_END

/* Begins a slice of so many steps, none of them held. */
void slice_begin(struct slice *slice, u64 steps);

/* Holds what is beyond the hart's step `at`, which is not in the past; outside
 * a slice, nothing. A block that is being executed was charged to the greater
 * budget: whatever may hold is the last instruction of its block. */
void slice_hold(struct slice *slice, u64 at);

/* Gives the budget what was held. */
void slice_refill(struct slice *slice);

/* The slice is over, and the hart has made `now` steps. */
void slice_finish(struct slice *slice, u64 now);

static inline bool slice_is_running(const struct slice *slice)
{
    return slice->end > slice->start;
}

#endif
