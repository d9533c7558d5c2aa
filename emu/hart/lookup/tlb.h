/*
 * The architectural TLB of one hart.
 *
 * 4 KiB translations live in a set-associative array, larger ones, those of
 * NAPOT entries (Svnapot) among them, in a small associative one. Entries are
 * tagged by ASID (or G for all of them), survive traps and satp writes, and die
 * by sfence.vma, by eviction or at reset: nothing else. A kernel that forgets a
 * fence meets its stale entry, as on hardware. With --tlb cache-invalid there
 * are entries for what is not valid, too: they are of the level at which the
 * walk ended, and never global. Replacement is FIFO in each set
 * and looks at fills only, never at hits, so that the small arrays, which hide
 * hits, change no outcome.
 *
 * Privileged spec: "Supervisor Memory-Management Fence Instruction".
 */
#ifndef HART_LOOKUP_TLB_H
#define HART_LOOKUP_TLB_H

#include "base/types.h"

#define TLB_SETS 128
#define TLB_WAYS 4
#define TLB_LARGE 16 /* entries for more than a page */

struct contexts;

struct tlb_entry {
    u64 va;      /* first address covered */
    u64 pte;     /* as it was read, A and D as updated: a leaf, or V=0 */
    u64 pte_pa;  /* where it lies */
    u16 asid;    /* ignored when global */
    u16 present; /* a bit for each context whose arrays may mirror it */
    u8 level;    /* of pte */
    u8 shift;    /* it covers 2^shift bytes */
    bool valid;
    bool global;
};

struct tlb {
    struct tlb_entry set[TLB_SETS][TLB_WAYS];
    struct tlb_entry large[TLB_LARGE];
    u8 next[TLB_SETS]; /* FIFO pointers */
    u8 next_large;
    unsigned large_used; /* so that look-ups skip an empty array */
};

void tlb_init(struct tlb *tlb);

/* Bytes that a leaf at this level maps. */
static inline u64 tlb_page_size(unsigned level)
{
    return 4096ull << 9 * level;
}

static inline u64 tlb_entry_size(const struct tlb_entry *entry)
{
    return 1ull << entry->shift;
}

/* The entry that translates va in this space, or NULL. When an ASID's own
 * and a global entry both match, the ASID's own is used. */
struct tlb_entry *tlb_find(struct tlb *tlb, u64 va, u16 asid);

/* Whether both translate the same addresses of the same spaces. */
bool tlb_alike(const struct tlb_entry *a, const struct tlb_entry *b);

/* Takes an entry out, and what the small arrays have of it. */
void tlb_drop(struct tlb_entry *entry, struct contexts *contexts);

/* Stores a translation: over `instead`, which is alike, or where that is NULL
 * in the FIFO's place. What had to go from there is left in *evicted (valid =
 * false if nothing) and is no longer in the small arrays. */
struct tlb_entry *tlb_fill(struct tlb *tlb, struct contexts *contexts,
                           const struct tlb_entry *entry,
                           struct tlb_entry *instead,
                           struct tlb_entry *evicted);

/* sfence.vma: NULL stands for x0. Returns how many entries it removed. */
u64 tlb_flush(struct tlb *tlb, struct contexts *contexts, const u64 *va,
              const u16 *asid);

#endif
