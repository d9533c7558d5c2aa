/*
 * Where the entries of a TLB came from: the page-table entries of the walk that
 * filled each, by place and value, and which entries came from a given one.
 *
 * Kept only while asked for (tlb_keep_walks), beside the TLB's state: no guest
 * can see it. Every place has a ring of the entries whose walks came by there,
 * found by a hash, so that a store to a page table asks for those alone.
 *
 * An entry is suspect while memory differs from its walk in a way that may take
 * something from an access that the entry permits, or while the walk was of
 * another root than the one that satp has with its ASID now.
 */
#ifndef HART_LOOKUP_WALKS_H
#define HART_LOOKUP_WALKS_H

#include "hart/lookup/tlb.h"

#define WALK_LEVELS 5
#define WALK_WHOLE WALK_LEVELS /* no entry of a walk differs */

struct tlb_walk {
    u64 pte_pa[WALK_LEVELS]; /* from the root down */
    u64 pte[WALK_LEVELS];    /* as read; of the leaf, A and D as updated */
    unsigned count;
};

/* What stores have done to a walk since. */
struct tlb_doubt {
    u64 since; /* ns: the store by which the walk came to differ as it does … */
    u64 foreign_since; /* … and that to satp */
    u8 suspect;        /* 0 or 1 */
    u8 foreign; /* 0 or 1: it is of another root than satp has, with its ASID */
    u8 at;    /* which of its entries differs, the first from the root down, or
                 WALK_WHOLE */
    u8 reach; /* how many of them are watched: down to that, or all */
    u8 told;  /* a bit for each access whose stale use has been reported */
};

/* Where an iteration stands. */
struct walk_cursor {
    u64 pte_pa;
    u32 number; /* the next one's, in the rings */
};

/* Starts or ends keeping walks. -1 when memory is lacking. Of entries that are
 * there already no walk is known. */
int tlb_keep_walks(struct tlb *tlb, bool on);

/* Hands the walks over, which are no longer kept, and takes them back for a TLB
 * that holds the same entries; NULL where there are none. */
struct tlb_walks *tlb_take_walks(struct tlb *tlb);
void tlb_give_walks(struct tlb *tlb, struct tlb_walks *walks);
void tlb_free_walks(struct tlb_walks *walks);

/* A copy of the walks that are kept, for a TLB of equal geometry; NULL when
 * memory is lacking. */
struct tlb_walks *tlb_copy_walks(const struct tlb *tlb,
                                 const struct tlb_walks *walks);

static inline bool tlb_keeps_walks(const struct tlb *tlb)
{
    return tlb->walks != NULL;
}

/* Bytes of memory that walks of such a TLB take. */
u64 tlb_walks_weight(const struct tlb *tlb);

/* An entry has been filled by this walk. Only while walks are kept. */
void tlb_note_walk(struct tlb *tlb, const struct tlb_entry *entry,
                   const struct tlb_walk *walk);

/* The walk that a valid entry came from, or NULL if it is not known. */
const struct tlb_walk *tlb_walk(const struct tlb *tlb,
                                const struct tlb_entry *entry);

/* The entries whose walk came by pte_pa, each once: the first, and those after
 * it; NULL: no more. The one that was given may leave the TLB meanwhile, no
 * other may. */
struct tlb_entry *tlb_first_from(struct tlb *tlb, u64 pte_pa,
                                 struct walk_cursor *cursor);
struct tlb_entry *tlb_next_from(struct tlb *tlb, struct walk_cursor *cursor);

/* Whether any walk may have come by the frame of pa: no is certain. */
bool tlb_walks_reach(const struct tlb *tlb, u64 pa);

/* Whether any walk has to have the frame of pa watched: it comes by there, and
 * what it found is still there. */
bool tlb_walks_need(const struct tlb *tlb, u64 pa);

/* The frame of pa, which no walk needs, is watched no more. */
void tlb_walks_leave(struct tlb *tlb, u64 pa);

/* The doubt about an entry, suspect or not, whose walk is known. */
struct tlb_doubt *tlb_doubt(const struct tlb *tlb,
                            const struct tlb_entry *entry);

/* Whether an entry is suspect. Only while walks are kept. */
static inline bool tlb_is_suspect(const struct tlb *tlb,
                                  const struct tlb_entry *entry)
{
    return tlb_doubt(tlb, entry)->suspect;
}

/* For tlb.c, while walks are kept: one entry leaves, or all may have. */
void tlb_forget_walk(struct tlb *tlb, u32 entry);
void tlb_forget_walks(struct tlb *tlb);

#endif
