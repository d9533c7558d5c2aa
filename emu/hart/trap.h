/*
 * Traps and returns.
 *
 * Privileged spec, "Machine-Level ISA" and "Supervisor-Level ISA": delegation,
 * interrupt priority, the status stacks, vectors.
 */
#ifndef HART_TRAP_H
#define HART_TRAP_H

#include "hart/hart.h"

/* Takes the exception that hart_raise() recorded; pc is the instruction's.
 * Sets hart->lost when the handler only repeats it. */
void trap_take_exception(struct hart *hart);

/* Takes the highest of the interrupts that are pending and enabled. Returns
 * whether there was one. */
bool trap_take_interrupt(struct hart *hart);

/* Whether wfi has something to wake up for. */
bool trap_wakes(const struct hart *hart);

/* Bodies of mret and sret: set pc, never go on in the block. */
bool trap_mret(struct hart *hart, const struct insn *in);
bool trap_sret(struct hart *hart, const struct insn *in);

#endif
