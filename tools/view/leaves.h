/* The pages that page tables map for programs, as they are in a machine's RAM:
 * privileged spec, "Virtual Address Translation Process". */
#ifndef VIEW_LEAVES_H
#define VIEW_LEAVES_H

#include <rvemu/rvemu.h>

#define PTE_V (1u << 0)
#define PTE_R (1u << 1)
#define PTE_W (1u << 2)
#define PTE_X (1u << 3)
#define PTE_U (1u << 4)
#define PTE_A (1u << 6)
#define PTE_D (1u << 7)

#define LEAVES_PAGE UINT64_C(4096)

/* Is told of a leaf: the first address it maps, its level, its value. */
typedef void leaf_fn(void *arg, uint64_t va, unsigned level, uint64_t pte);

/* Calls for each leaf with U=1 under the root of a satp value, by address. */
void leaves_each(const rvemu *machine, uint64_t satp, leaf_fn *call, void *arg);

/* The frame that an entry names: a PPN. */
static inline uint64_t pte_ppn(uint64_t pte)
{
    return pte >> 10 & ((UINT64_C(1) << 44) - 1);
}

/* Writes the permissions of an entry: "rw-". */
void pte_rights(uint64_t pte, char out[4]);

#endif
