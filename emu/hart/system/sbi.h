/*
 * The calls of the SBI, seen from the hart: an ecall from S-mode that goes to
 * M-mode, and the mret that comes back behind it, whatever firmware lies in
 * between ("RISC-V Supervisor Binary Interface Specification").
 *
 *   a7 extension, a6 function, a0 to a5 arguments; a0 error, a1 value
 *
 * What is known of the call that is under way is guest state (hart.h), so that
 * its events are the same from whenever on somebody asks for them.
 */
#ifndef HART_SYSTEM_SBI_H
#define HART_SYSTEM_SBI_H

#include "hart/state/hart.h"

/* Firmware has the hart, and S-mode has not had it yet. */
void sbi_reset(struct hart *hart);

/* S-mode's ecall at pc is about to trap to M-mode. */
void sbi_called(struct hart *hart);

/* The hart is about to leave M-mode for pc in priv, while a call is open. */
void sbi_left(struct hart *hart, u64 pc, unsigned priv);

#endif
