/*
 * Words for page-table entries and for how a walk ends, which the report of the
 * end and the monitor share. Rules are those of the privileged specification,
 * "Virtual Address Translation Process".
 */
#ifndef CLI_WALK_WORDS_H
#define CLI_WALK_WORDS_H

#include <stdint.h>

#include <rvemu/machine.h>

#define PTE_V UINT64_C(0x01)
#define PTE_R UINT64_C(0x02)
#define PTE_W UINT64_C(0x04)
#define PTE_X UINT64_C(0x08)
#define PTE_U UINT64_C(0x10)
#define PTE_A UINT64_C(0x40)
#define PTE_D UINT64_C(0x80)
#define PTE_PPN (((UINT64_C(1) << 44) - 1) << 10)
#define PTE_RESERVED (UINT64_C(0x7f) << 54)
#define PTE_PBMT (UINT64_C(3) << 61)
#define PTE_RIGHTS (PTE_V | PTE_R | PTE_W | PTE_X | PTE_U)
#define SSTATUS_SUM (UINT64_C(1) << 18)
#define SSTATUS_MXR (UINT64_C(1) << 19)

/* What makes an entry one that no hart takes, or NULL. */
const char *pte_flaw(uint64_t pte);

/* An entry as events have it ("80b31:--UXWRV"), or as a number where its flags
 * mean nothing, as it has a flaw. Returns out. */
#define PTE_WORDS 40
const char *pte_words(uint64_t pte, char out[PTE_WORDS]);

/* The rule by which an access in a privilege is refused at the end of a walk
 * (enum rvemu_reason), or -1. A and D are not asked. */
int walk_judge(const struct rvemu_walk *walk, enum rvemu_access access,
               unsigned priv, uint64_t sstatus);

/* Why an entry decides, beside what its flags show; NULL: it does not. */
const char *walk_decides(int reason);

#endif
