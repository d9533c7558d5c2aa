/*
 * Where a machine halts for a debugger (debug/engine.c): behind the step in
 * which an event of some kind happened or a watch was met, when a hart has made
 * so many steps, and at breakpoints.
 *
 * A halt ends a slice as the end of what the caller allowed does: rvemu_run()
 * comes back with RVEMU_STOP_BREAKPOINT or RVEMU_STOP_DEBUGGER, and what comes
 * after is what would have come without it. Nothing of this is guest state. It
 * outlives a machine that moves (move.h).
 */
#ifndef MACHINE_HALT_H
#define MACHINE_HALT_H

#include <rvemu/machine.h>

#include "base/types.h"
#include "hart/code/watches.h"

struct hart;

struct halt {
    bool has_hart; /* a hart is to halt … */
    bool before;   /* … before the step behind which it has made `step` steps,
                    * rather than as soon as it has made them */
    unsigned hart;
    u64 step;
    bool is_due;
    bool is_silent; /* for now, nothing halts but this hart */
    rvemu_event_set kinds;
};

/* Which events halt: each of these kinds has a subscriber. Between runs. */
void machine_halt_events(struct rvemu *machine, rvemu_event_set kinds);

/* Adds a watch, or takes those of an id away. Between runs. False: no memory,
 * or there is none. */
bool machine_watch(struct rvemu *machine, const struct watch *watch);
bool machine_unwatch(struct rvemu *machine, int id);

/* Nothing halts for now, or all does again. */
void machine_halt_silently(struct rvemu *machine, bool silent);

/* The next run goes no further than to where the hart has made `step` steps, in
 * all; before: to where it is about to make the next one. */
void machine_halt_hart(struct rvemu *machine, unsigned hart, u64 step,
                       bool before);

/* The hart that stands at a breakpoint goes on from there; no other does. */
void machine_pass_breakpoint(struct rvemu *machine, unsigned hart);

/* Every hart that is at a breakpoint stops there: the machine has gone to
 * another time. */
void machine_meet_breakpoints(struct rvemu *machine);

/* For run.c: whether it is to halt; how many steps the hart may make until
 * then; behind each of its slices; and where a run begins, and why it ended. */
bool machine_is_halted(const struct rvemu *machine);
u64 machine_steps_to_halt(struct rvemu *machine, const struct hart *hart);
void machine_has_run(struct rvemu *machine, struct hart *hart);
void machine_halt_begin(struct rvemu *machine);
void machine_halt_end(struct rvemu *machine, struct rvemu_stop *stop);

#endif
