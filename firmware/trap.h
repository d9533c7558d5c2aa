/* Traps into M-mode: what the rest of the firmware may ask of them. */
#ifndef TRAP_H
#define TRAP_H

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

void trap_entry(void);
void trap_handle(struct trap_frame *frame);
_Noreturn void trap_inside(void);

/* Hands a trap on to the supervisor's stvec, as if it had been delegated. */
void trap_redirect(struct trap_frame *frame, u64 cause, u64 tval);

/* trap.S: operations that may trap, and say so instead. */
bool trap_load_word(u64 va, u64 mstatus, u64 *value);
bool trap_set_menvcfg(u64 bits);
bool trap_set_stimecmp(u64 time);

#endif
