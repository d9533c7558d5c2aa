/*
 * A hart that walks ahead: the harshest that the specification allows
 * (rvemu/tlb.h, walks_ahead).
 *
 * "Implementations may perform address translation speculatively": at any time,
 * for any address, by the root that is in satp. What a kernel has to fear is
 * that this happened before it changes an entry. So these harts are made to
 * have done it: before a store to a page table changes what an entry says, each
 * hart fills its TLB from it that can reach the entry by its satp, or could by
 * one that it had since the entry was changed last, with no fence since; and
 * where its TLB has nothing, such an earlier root with the same ASID answers.
 * In the end their TLBs hold whatever a hart might, as far as it matters and
 * they have room. A is never set ahead: an entry without A fills nothing.
 *
 * Less than all is remembered, so that it is of fixed size: of each hart the
 * last AHEAD_ROOTS values of satp, which a fence by address drops as well; of
 * stores to page tables, which lie behind a hash, the latest of each place.
 * Where that errs, the hart is less harsh.
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

/* The hart finds nothing in its TLB for va: another root that its satp has had
 * with the same ASID may answer. Whether the TLB has got an entry by that. */
bool ahead_of_walk(struct hart *hart, u64 va);

/* The hart is about to write satp. */
void ahead_of_satp(struct hart *hart);

/* The hart fences, by address or not; NULL stands for x0. */
void ahead_of_fence(struct hart *hart, const u16 *asid);

#endif
