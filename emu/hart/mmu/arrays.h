/*
 * Which small arrays a hart looks its accesses up in: those of its present
 * translation and rights (lookup/context.h). And which frames no store is to
 * find there.
 */
#ifndef HART_MMU_ARRAYS_H
#define HART_MMU_ARRAYS_H

#include "hart/lookup/walks.h"
#include "hart/state/hart.h"

/* The owner of the slots that a translation by this entry fills; none where the
 * entry is NULL. */
static inline u32 arrays_owner(const struct hart *h,
                               const struct tlb_entry *entry)
{
    return entry ? tlb_index(&h->tlb, entry) : CONTEXT_NO_OWNER;
}

/* Whether translations by this entry may be in small arrays: those of a TLB
 * that is exact are looked up there access by access, those by a suspect entry
 * are judged so. */
static inline bool arrays_take(const struct hart *h,
                               const struct tlb_entry *entry)
{
    return !entry ||
           (!h->tlb.geometry.exact &&
            (!tlb_keeps_walks(&h->tlb) || !tlb_is_suspect(&h->tlb, entry)));
}

/* Privilege, satp or a status bit has changed: chooses the contexts anew, and
 * has the fetch page looked up again. */
void hart_update_context(struct hart *hart);

/* Chooses the contexts anew and leaves the fetch page, which knows its
 * address. */
void arrays_choose(struct hart *hart);

/* Takes the frame at pa out of the small write arrays of all harts, because
 * one of FRAME_STORES has been set: stores.h. */
void arrays_protect(const struct siblings *all, u64 pa);

#endif
