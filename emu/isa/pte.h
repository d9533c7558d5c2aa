/*
 * The bits of satp and of page-table entries.
 *
 * Privileged spec, "Sv39: Page-Based 39-bit Virtual-Memory System" and those
 * after it, "Svnapot", "Svpbmt".
 *
 *  63 62  61 60       54 53                 10 9 8 7 6 5 4 3 2 1 0
 * | N | PBMT | reserved |         PPN         |RSW|D|A|G|U|X|W|R|V|
 *
 *  63  60 59      44 43                                          0
 * | MODE |   ASID   |             PPN of the root                  |  satp
 */
#ifndef ISA_PTE_H
#define ISA_PTE_H

#include "base/types.h"

#define PTE_V (1ull << 0)
#define PTE_R (1ull << 1)
#define PTE_W (1ull << 2)
#define PTE_X (1ull << 3)
#define PTE_U (1ull << 4)
#define PTE_G (1ull << 5)
#define PTE_A (1ull << 6)
#define PTE_D (1ull << 7)
#define PTE_RSW (3ull << 8) /* software's own */
#define PTE_PBMT (3ull << 61)
#define PTE_N (1ull << 63)
#define PTE_RESERVED (0x7full << 54)

#define SATP_MODE_BARE 0
#define SATP_MODE_SV39 8
#define SATP_MODE_SV57 10
#define SATP_ASID_SHIFT 44

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

/* Whether an entry, if it is valid, is a leaf. */
static inline bool pte_is_leaf(u64 pte)
{
    return (pte & (PTE_R | PTE_W | PTE_X)) != 0;
}

/* Whether an entry is valid and maps something, or points to a table. */
static inline bool pte_maps(u64 pte)
{
    return (pte & PTE_V) && pte_is_leaf(pte);
}

static inline bool pte_points(u64 pte)
{
    return (pte & PTE_V) && !pte_is_leaf(pte);
}

/* Whether `now` in the place of the entry `then` may take something from an
 * access that a walk by `then` permits. A, G and what is software's own do not,
 * nor do rights and D that are added to a leaf, unless that has become a
 * reserved one. */
static inline bool pte_differs(u64 then, u64 now)
{
    const u64 rights = PTE_R | PTE_W | PTE_X | PTE_D;
    u64 benign = PTE_RSW | PTE_G;

    if (pte_maps(then) && pte_maps(now) && (now & (PTE_R | PTE_W)) != PTE_W)
        benign |= PTE_A | (rights & ~then);
    return ((then ^ now) & ~benign) != 0;
}

static inline unsigned satp_mode(u64 satp)
{
    return (unsigned)(satp >> 60);
}

static inline u16 satp_asid(u64 satp)
{
    return (u16)(satp >> SATP_ASID_SHIFT);
}

static inline u64 satp_root(u64 satp)
{
    return (satp & ((1ull << 44) - 1)) << 12;
}

#define SATP_LEVELS_MAX 5

/* Levels of a mode: 3 for Sv39 … 5 for Sv57. */
static inline unsigned satp_levels(u64 satp)
{
    return satp_mode(satp) - 5;
}

#endif
