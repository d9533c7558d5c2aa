/* Words for page-table entries and walks; see walk_words.h. */
#include "cli/walk_words.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#define PRIV_U 0
#define PRIV_S 1

/* "Virtual Address Translation Process", "Svpbmt". */
const char *pte_flaw(uint64_t pte)
{
    if (!(pte & PTE_V))
        return NULL;
    if (pte & PTE_RESERVED)
        return "malformed: reserved bits are not 0";
    if ((pte & (PTE_R | PTE_W)) == PTE_W)
        return "malformed: W=1, R=0";
    if ((pte & PTE_PBMT) == PTE_PBMT)
        return "malformed: PBMT is 3";
    if (!(pte & (PTE_R | PTE_W | PTE_X)) && pte & (PTE_U | PTE_A | PTE_D))
        return "malformed: a pointer with U, A or D";
    return NULL;
}

const char *pte_words(uint64_t pte, char out[PTE_WORDS])
{
    if (pte_flaw(pte))
        snprintf(out, PTE_WORDS, "0x%016" PRIx64, pte);
    else
        rvemu_pte_text(out, PTE_WORDS, pte);
    return out;
}

/* The rule by which an access is refused at the end of a walk, or -1. */
static int judge_leaf(uint64_t pte, enum rvemu_access access, unsigned priv,
                      uint64_t sstatus)
{
    bool readable = pte & PTE_R || (sstatus & SSTATUS_MXR && pte & PTE_X);

    if (priv == PRIV_U && !(pte & PTE_U))
        return RVEMU_REASON_NOT_USER;
    if (priv == PRIV_S && pte & PTE_U &&
        (access == RVEMU_ACCESS_FETCH || !(sstatus & SSTATUS_SUM)))
        return RVEMU_REASON_USER;
    if (access == RVEMU_ACCESS_FETCH && !(pte & PTE_X))
        return RVEMU_REASON_NOT_EXECUTABLE;
    if (access == RVEMU_ACCESS_LOAD && !readable)
        return RVEMU_REASON_NOT_READABLE;
    if (access == RVEMU_ACCESS_STORE && !(pte & PTE_W))
        return RVEMU_REASON_NOT_WRITABLE;
    return -1;
}

int walk_judge(const struct rvemu_walk *walk, enum rvemu_access access,
               unsigned priv, uint64_t sstatus)
{
    const struct rvemu_walk_entry *last;

    if (!walk->count)
        return walk->is_off ? -1 : RVEMU_REASON_NON_CANONICAL;
    last = &walk->entry[walk->count - 1];
    if (!(last->pte & PTE_V))
        return RVEMU_REASON_INVALID;
    if (pte_flaw(last->pte))
        return RVEMU_REASON_RESERVED;
    if (!walk->is_mapped)
        return RVEMU_REASON_NO_LEAF;
    if (last->level && last->pte >> 10 & ((1u << 9 * last->level) - 1))
        return RVEMU_REASON_MISALIGNED;
    return judge_leaf(last->pte, access, priv, sstatus);
}

static const char *const decisions[RVEMU_REASONS] = {
    [RVEMU_REASON_INVALID] = "V=0, nothing is mapped",
    [RVEMU_REASON_RESERVED] = "malformed: N or PBMT, which it may not have",
    [RVEMU_REASON_NO_LEAF] = "a pointer, where no level follows",
    [RVEMU_REASON_MISALIGNED] = "a superpage of a frame that is not aligned",
    [RVEMU_REASON_NOT_USER] = "U=0, and this is U-mode",
    [RVEMU_REASON_USER] = "U=1, and S-mode may not (fetch, or sstatus.SUM=0)",
    [RVEMU_REASON_NOT_READABLE] = "R=0, and this is a load",
    [RVEMU_REASON_NOT_WRITABLE] = "W=0, and this is a store",
    [RVEMU_REASON_NOT_EXECUTABLE] = "X=0, and this is a fetch",
    [RVEMU_REASON_A_CLEAR] = "A=0",
    [RVEMU_REASON_D_CLEAR] = "D=0, and this is a store",
};

const char *walk_decides(int reason)
{
    return reason < 0 ? NULL : decisions[reason];
}
