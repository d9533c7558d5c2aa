/*
 * Numbers and names of the CSRs, made from csr.def. Which of them a hart has
 * and what they do is said in hart/system/csr_rules.h.
 */
#ifndef ISA_CSR_H
#define ISA_CSR_H

enum csr {
#define CSR(number, name) CSR_##name = number,
#include "isa/csr.def"
};

/* The specification's name of a CSR number, or NULL where it has none. */
const char *csr_name(unsigned number);

#endif
