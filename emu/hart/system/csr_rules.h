/*
 * The CSRs that have a row in csr_rules.def: what reading and writing does.
 *
 * Privileged spec, the section on each CSR. A read function gives the value
 * an instruction reads and changes nothing. A write function is handed the
 * whole new value and keeps what is legal of it (WARL). Writing anything that
 * decides whether an interrupt is taken asks for attention, so that it is
 * looked at before the next instruction.
 *
 * Whether the hart has the CSR, and who may access it, was asked before
 * (csr.c).
 */
#ifndef HART_SYSTEM_CSR_RULES_H
#define HART_SYSTEM_CSR_RULES_H

#include "hart/state/hart.h"

/* What a row says: csr_rules.def has the columns. */
enum csr_kind { CSR_NONE, CSR_PLAIN, CSR_WORD, CSR_RULE, CSR_FIXED };

struct csr_rule {
    u8 kind;  /* enum csr_kind */
    u16 word; /* CSR_PLAIN, CSR_WORD: offset in struct csrs */
    u64 (*read)(const struct hart *hart);
    void (*write)(struct hart *hart, u64 value); /* NULL: ignored */
    u64 value; /* CSR_PLAIN: the writable bits; CSR_FIXED: what it reads as */
};

/* By row, and the row of a number: 0, of kind CSR_NONE, where there is none. */
extern const struct csr_rule csr_rules[];
extern const u8 csr_row[4096];

/* Reset values of struct csrs. */
void csr_rules_reset(struct hart *hart);

#endif
