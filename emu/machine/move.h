/*
 * Moving into a fresh machine: the proof that the parts are all there is.
 *
 * The machine is taken down to its wiring to the outside, its memory filled
 * with MOVE_POISON, made again as it was made first, each part filled with the
 * same and then loaded. A part that has no row, or state that has no part, is
 * poison afterwards, and the run goes another way.
 */
#ifndef MACHINE_MOVE_H
#define MACHINE_MOVE_H

#include "base/error.h"
#include "base/types.h"

struct rvemu;

#define MOVE_POISON 0xa5

/* Between slices, after delivery. Returns 0, or -1 with error: then the machine
 * is good for nothing but rvemu_destroy(). */
int machine_move(struct rvemu *machine, struct rvemu_error *error);

#endif
