/*
 * Calls to the host by ebreak ("RISC-V Semihosting Specification", "Semihosting
 * Trap Instruction Sequence"): three instructions, uncompressed, that lie in
 * one page:
 *
 *   slli x0, x0, 0x1f     ebreak     srai x0, x0, 7
 */
#ifndef HART_SYSTEM_SEMIHOSTING_H
#define HART_SYSTEM_SEMIHOSTING_H

#include "hart/state/hart.h"

/* Makes the call that this ebreak is, if it is one, which in U-mode it is only
 * with user_semihosting. Returns whether it was. */
bool semihosting_call(struct hart *hart, const struct insn *in);

#endif
