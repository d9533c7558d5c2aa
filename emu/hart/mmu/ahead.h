/*
 * A hart that walks ahead: the harshest that the specification allows
 * (rvemu/tlb.h, walks_ahead).
 *
 * "Implementations may perform address translation speculatively": at any time,
 * for any address, by the root that is in satp. What a kernel has to fear is
 * that this happens just before it changes an entry. So that is when these
 * harts do it: before a store to a page table changes what an entry says, each
 * hart that can reach the entry fills its TLB from it, and before satp is
 * written, from all of the root that goes. In the end their TLBs hold whatever
 * a hart might, as far as they have room. A is never set ahead: an entry
 * without A fills nothing.
 *
 * Page tables are watched for that (tables.h), whoever listens.
 */
#ifndef HART_MMU_AHEAD_H
#define HART_MMU_AHEAD_H

#include "hart/state/hart.h"

/* The entry at pa, of this level, which governs va, is about to become `new`.
 */
void ahead_of_store(const struct siblings *all, u64 va, unsigned level, u64 pa,
                    u64 new);

/* The hart is about to write satp. */
void ahead_of_satp(struct hart *hart);

#endif
