/*
 * Address translation: TLB first, then the page-table walk.
 *
 * Privileged spec, "Virtual Address Translation Process". The walk reads
 * page-table entries straight from RAM: there is no hidden walk cache, and one
 * that guests can see where it is asked for (pointers.h). A walk that ends in a
 * fault leaves nothing in the TLB, unless the hart keeps what is not valid
 * (struct rvemu_hart_config, cache_invalid): "This specification
 * permits the caching of PTEs whose V (Valid) bit is clear". A TLB entry that
 * forbids the access faults without a new walk; one whose D bit has to be set
 * is walked again, and what that walk finds takes its place. A NAPOT leaf fills
 * one entry for its whole range; A and D are set in the leaf that was walked
 * to.
 */
#ifndef HART_MMU_MMU_H
#define HART_MMU_MMU_H

#include "hart/state/hart.h"
#include "isa/pte.h"

struct translation {
    u64 pa;
    struct tlb_entry *entry; /* NULL: Bare or M-mode, va is pa */
};

/* Translates va for an access (enum rvemu_access) with the rights of priv.
 * On false a page fault or access fault with tval = va has been raised. */
bool mmu_translate(struct hart *hart, u64 va, unsigned access, unsigned priv,
                   struct translation *out);

/* Judges the fetch page, of which hart.c.doubts_fetch asks that: reports a
 * stale use if the entry that the TLB has for it is one. Before an instruction
 * is fetched at pc. */
void mmu_judge_fetch(struct hart *hart);

/* Whether mmu_translate() would succeed, and what the address would be. It
 * raises nothing and changes nothing: not the TLB, not A and D. */
bool mmu_probe(struct hart *hart, u64 va, unsigned access, unsigned priv,
               u64 *pa);

/* The hart walks for va though nobody asks, and keeps a leaf with A, or, if it
 * keeps entries with V=0, where the walk ended; nothing where its TLB has an
 * entry already. */
void mmu_walk_ahead(struct hart *hart, u64 va);

/* Raises the access fault that belongs to the access. Always false. */
bool mmu_access_fault(struct hart *hart, u64 va, unsigned access);

/* sfence.vma; NULL stands for x0. */
void mmu_fence(struct hart *hart, const u64 *va, const u16 *asid);

/* sinval.vma: on a hart that walks ahead it does nothing without the
 * sfence.w.inval that has to come before it. */
void mmu_invalidate(struct hart *hart, const u64 *va, const u16 *asid);

/* What is put round it: sfence.w.inval or sfence.inval.ir. */
void mmu_bracket(struct hart *hart, enum rvemu_svinval which);

#endif
