/*
 * Whose turn it is: one host thread runs all harts, one at a time.
 *
 * Harts take turns in the order of their ids. A turn is a number of steps,
 * its quantum, drawn anew for each turn from a seeded sequence, or fixed. It
 * ends when its quantum is used up, when its hart waits (wfi), or with a pause
 * (Zihintpause); but only if another hart can run. Where none can, the turn
 * goes on, and when one can again, the turn ends at the next multiple of its
 * quantum.
 *
 * Whether a turn ends is asked between slices and depends on the steps of the
 * turn and on who can run then, not on how the turn was divided into slices:
 * asking more often changes nothing. A slice goes no further than turn.left,
 * and is cut when a hart is woken (interrupts_changed()).
 *
 * The quanta are what makes harts race in ways that differ from seed to seed
 * and are the same for one seed. QUANTUM_LEAST steps are enough for the
 * second try of any constrained LR/SC loop (unprivileged spec, "Eventual
 * Success of Store-Conditional Instructions"): each hart gets on.
 */
#ifndef MACHINE_TURN_H
#define MACHINE_TURN_H

#include "base/plain.h"
#include "base/types.h"
#include "hart/state/hart.h"

#define QUANTUM_LEAST 64
#define QUANTUM_MOST 1000000

PLAIN_BEGIN
struct turn_state {
    u64 hart;    /* whose turn it is */
    u64 quantum; /* of this turn, in steps */
    u64 made;    /* steps in this turn */
    u64 random;  /* state of the sequence */
};
PLAIN_END

struct turn {
    struct turn_state s;
    u64 left;  /* steps that it may go on for; set by turn_take() */
    u64 fixed; /* every quantum, or 0 */
};

/* Hart 0 has the first turn. */
void turn_init(struct turn *turn, u64 fixed, u64 seed);

/* The hart whose turn it is now, or NULL when none of the siblings can run.
 * Ends the turn of one and begins that of another if it is time. */
struct hart *turn_take(struct turn *turn, const struct siblings *all);

/* Whether any hart can run. */
bool turn_is_possible(const struct turn *turn, const struct siblings *all);

/* The hart whose turn it is has made steps. */
void turn_count(struct turn *turn, u64 steps);

#endif
