/*
 * Page-table entries (Sv39, privileged specification 4.4).
 *
 *   63..54 0 | 53..10 PPN | 9..8 RSW | 7 D | 6 A | 5 G | 4 U | 3 X | 2 W |
 *   1 R | 0 V
 *
 * A and D are set when an entry is made, so that the kernel runs the same
 * with Svade and with Svadu. An entry whose R, W and X are 0 points to the
 * next table.
 */
#ifndef LIB_PTE_H
#define LIB_PTE_H

#include "lib/layout.h"
#include "lib/types.h"

#define PTE_V (1ul << 0)
#define PTE_R (1ul << 1)
#define PTE_W (1ul << 2)
#define PTE_X (1ul << 3)
#define PTE_U (1ul << 4)
#define PTE_G (1ul << 5)
#define PTE_A (1ul << 6)
#define PTE_D (1ul << 7)
#define PTE_SHARED (1ul << 8) /* ours: MAP_SHARED, fork leaves W alone */
#define PTE_LEAF (PTE_R | PTE_W | PTE_X)

#define PT_ENTRIES 512
#define PT_USER_ENTRIES 256 /* of a root table: the lower half */
#define LEAF_SPAN (PT_ENTRIES * (u64)PAGE_SIZE) /* of one leaf table: 2 MiB */
#define MIDDLE_SPAN (PT_ENTRIES * LEAF_SPAN)

static inline unsigned pt_index(u64 va, unsigned level)
{
    return (va >> (PAGE_SHIFT + 9 * level)) & (PT_ENTRIES - 1);
}

static inline u64 pte_pa(u64 pte)
{
    return (pte >> 10 << PAGE_SHIFT) & ((1ul << 56) - 1);
}

static inline u64 pte_make(u64 pa, u64 flags)
{
    return pa >> PAGE_SHIFT << 10 | flags;
}

static inline u64 *pte_table(u64 pte)
{
    return phys_to_virt(pte_pa(pte));
}

#endif
