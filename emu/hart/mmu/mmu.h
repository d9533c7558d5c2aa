/*
 * Address translation: TLB first, then the page-table walk.
 *
 * Privileged spec, "Virtual Address Translation Process". The walk reads
 * page-table entries straight from RAM; there is no hidden walk cache. A walk
 * that ends in a fault leaves nothing in the TLB, unless the hart keeps what is
 * not valid (struct hart, cache_invalid): "This specification permits the
 * caching of PTEs whose V (Valid) bit is clear". A TLB entry that forbids
 * the access faults without a new walk; one whose D bit has to be set is
 * walked again, and what that walk finds takes its place. A NAPOT leaf fills
 * one entry for its whole range; A and D are set in the leaf that was walked
 * to.
 *
 *  63 62  61 60       54 53                 10 9 8 7 6 5 4 3 2 1 0
 * | N | PBMT | reserved |         PPN         |RSW|D|A|G|U|X|W|R|V|
 */
#ifndef HART_MMU_MMU_H
#define HART_MMU_MMU_H

#include "hart/state/hart.h"

#define PTE_V (1ull << 0)
#define PTE_R (1ull << 1)
#define PTE_W (1ull << 2)
#define PTE_X (1ull << 3)
#define PTE_U (1ull << 4)
#define PTE_G (1ull << 5)
#define PTE_A (1ull << 6)
#define PTE_D (1ull << 7)
#define PTE_PBMT (3ull << 61)
#define PTE_N (1ull << 63)
#define PTE_RESERVED (0x7full << 54)

#define SATP_MODE_BARE 0
#define SATP_MODE_SV39 8
#define SATP_MODE_SV57 10

static inline u64 pte_target(u64 pte)
{
    return (pte >> 10 & ((1ull << 44) - 1)) << 12;
}

/* Svnapot: sixteen entries alike stand for 64 KiB, and the low bits of their
 * PPN, 1000, for its size. */
#define NAPOT_BITS 4

/* A leaf of this level maps 2^this bytes. */
static inline unsigned pte_shift(u64 pte, unsigned level)
{
    return 12 + 9 * level + (pte & PTE_N ? NAPOT_BITS : 0);
}

/* The page that the leaf at pte_pa maps: of a NAPOT leaf, its own one of the
 * range. */
static inline u64 pte_page(u64 pte, u64 pte_pa)
{
    u64 range = 4096ull << NAPOT_BITS;

    if (!(pte & PTE_N))
        return pte_target(pte);
    return (pte_target(pte) & -range) | ((pte_pa << 9) & (range - 1));
}

static inline bool pte_is_leaf(u64 pte)
{
    return (pte & (PTE_R | PTE_W | PTE_X)) != 0;
}

static inline unsigned satp_mode(u64 satp)
{
    return (unsigned)(satp >> 60);
}

static inline u16 satp_asid(u64 satp)
{
    return (u16)(satp >> 44);
}

static inline u64 satp_root(u64 satp)
{
    return (satp & ((1ull << 44) - 1)) << 12;
}

/* Levels of a mode: 3 for Sv39 … 5 for Sv57. */
static inline unsigned satp_levels(u64 satp)
{
    return satp_mode(satp) - 5;
}

struct translation {
    u64 pa;
    struct tlb_entry *entry; /* NULL: Bare or M-mode, va is pa */
};

/* Translates va for an access (enum rvemu_access) with the rights of priv.
 * On false a page fault or access fault with tval = va has been raised. */
bool mmu_translate(struct hart *hart, u64 va, unsigned access, unsigned priv,
                   struct translation *out);

/* Whether mmu_translate() would succeed, and what the address would be. It
 * raises nothing and changes nothing: not the TLB, not A and D. */
bool mmu_probe(struct hart *hart, u64 va, unsigned access, unsigned priv,
               u64 *pa);

/* Raises the access fault that belongs to the access. Always false. */
bool mmu_access_fault(struct hart *hart, u64 va, unsigned access);

/* sfence.vma; NULL stands for x0. */
void mmu_fence(struct hart *hart, const u64 *va, const u16 *asid);

#endif
