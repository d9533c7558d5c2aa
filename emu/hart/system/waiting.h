/*
 * Waiting, and giving way to other harts: wfi, pause, turns.
 *
 * Privileged spec, "Wait for Interrupt"; unprivileged spec, "Zihintpause".
 */
#ifndef HART_SYSTEM_WAITING_H
#define HART_SYSTEM_WAITING_H

#include "hart/state/hart.h"

/* Whether the hart is not in wfi, or has something to wake up for. */
bool hart_can_run(const struct hart *hart);

/* Body of the pause hint: the slice is over with it if a sibling can run. */
bool hart_pause(struct hart *hart, const struct insn *in);

/* Another hart's turn begins: this hart's reservation ends, since any store may
 * now come in between and none is looked for. */
void hart_leave_turn(struct hart *hart);

#endif
