/*
 * Control and status registers.
 *
 * Privileged spec, "CSR Listing" and the chapters on each. Which numbers
 * exist and what is writable in them is a table, csr_rules.def.
 */
#ifndef HART_SYSTEM_CSR_H
#define HART_SYSTEM_CSR_H

#include "hart/state/hart.h"

/* The six CSR instructions. As bodies: hart.h. */
enum csr_action { CSR_SWAP, CSR_SET, CSR_CLEAR };
bool csr_access(struct hart *hart, const struct insn *in,
                enum csr_action action, u64 operand, bool reads, bool writes);

/* The value as M-mode sees it, with no side effect; false if there is no
 * such CSR. For debuggers and tests. */
bool csr_peek(const struct hart *hart, unsigned number, u64 *value);

/* Writes it as M-mode's csrrw would, between slices. False: there is no such
 * CSR, or it is read-only. */
bool csr_poke(struct hart *hart, unsigned number, u64 value);

/* Reset values of every CSR. */
void csr_reset(struct hart *hart);

#endif
