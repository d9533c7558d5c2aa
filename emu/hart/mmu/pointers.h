/*
 * The walk cache: page-table entries that lead to a next table, kept from
 * earlier walks. Only on harts that are asked to have one (rvemu/tlb.h,
 * walk_cache).
 *
 * A walk begins at the pointer nearest to its leaf, and each pointer that it
 * reads from memory is kept, even if it is refused in the end. So a hart goes
 * on by tables that are linked no more, until a fence: privileged spec,
 * "Supervisor Memory-Management Fence Instruction": with rs1=x0 it orders all
 * levels of the page tables, of one ASID or of all, with an address leaf
 * entries only. Pointers with G, or below one, are global. What only looks, as
 * mmu_probe(), begins there too, and keeps nothing.
 *
 * While stale uses are asked for, a pointer has the walk that it came from and
 * the doubt about it (lookup/walks.h), as every TLB entry. A translation that
 * was found from there takes over both: it may be suspect from its beginning.
 */
#ifndef HART_MMU_POINTERS_H
#define HART_MMU_POINTERS_H

#include "hart/lookup/walks.h"
#include "hart/state/hart.h"

/* Where a walk stands. */
struct pointers_place {
    u64 table;      /* physical address of the next one */
    unsigned level; /* of that table's entries, plus 1 */
    bool global;    /* a G was met on the way */
};

/* The way of a walk, from the root down; filled only while walks are kept. */
struct pointers_way {
    struct tlb_walk walk;
    struct tlb_doubt doubt; /* about the pointer that it began at */
    bool known;             /* whether that one's walk is */
};

static inline bool pointers_are_kept(const struct hart *h)
{
    return h->tlb.geometry.pointers != 0;
}

/* Has a walk for va, which stands at the root, begin at a pointer. It counts
 * that and remembers the way unless `way` is NULL. */
void pointers_begin(struct hart *hart, u64 va, struct pointers_place *place,
                    struct pointers_way *way);

/* The walk has read a pointer at pte_pa, and stands behind it. */
void pointers_keep(struct hart *hart, u64 va, u64 pte_pa, u64 pte,
                   const struct pointers_place *place,
                   struct pointers_way *way);

/* The walk has ended at a page-table entry, and `entry` was filled from it.
 * Only while walks are kept. */
void pointers_end(struct hart *hart, const struct tlb_entry *entry,
                  struct pointers_way *way);

#endif
