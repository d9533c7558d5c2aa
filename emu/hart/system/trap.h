/*
 * Traps and returns.
 *
 * Privileged spec, "Machine-Level ISA" and "Supervisor-Level ISA": delegation,
 * the status stacks, vectors. Which interrupt is taken, interrupts.h says.
 */
#ifndef HART_SYSTEM_TRAP_H
#define HART_SYSTEM_TRAP_H

#include "hart/state/hart.h"

/* Takes the exception that hart_raise() recorded; pc is the instruction's.
 * Cuts the slice when the handler begins to repeat it. */
void trap_take_exception(struct hart *hart);

/* Whether all that the hart does is to trap: only an interrupt, or what others
 * store, can change that. */
static inline bool trap_is_looping(const struct hart *hart)
{
    return hart->s.history.repeats &&
           hart->s.history.step + 1 == hart_steps(hart);
}

/* Takes the interrupt that is next, if there is one, and returns whether. */
bool trap_take_interrupt(struct hart *hart);

/* Bodies of mret and sret: set pc, never go on in the block. */
bool trap_mret(struct hart *hart, const struct insn *in);
bool trap_sret(struct hart *hart, const struct insn *in);

#endif
