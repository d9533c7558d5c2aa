/*
 * The context that a trap interrupts, as trap.S saves it: the registers of the
 * supervisor or of its program.
 */
#ifndef TRAP_FRAME_H
#define TRAP_FRAME_H

#include "base/types.h"

/* The interrupted context, as trap.S lays it out. x0 has no slot. */
struct trap_frame {
    u64 x1_to_31[31];
    u64 mepc;
    u64 mstatus;
    u64 unused; /* keeps the stack 16-byte aligned */
};

#define FRAME_A0 9 /* index of x10 */
#define FRAME_A1 10
#define FRAME_A6 15
#define FRAME_A7 16

/* Hands the trap on to the supervisor's stvec, as if it had been delegated. */
void trap_frame_redirect(struct trap_frame *frame, u64 cause, u64 tval);

#endif
