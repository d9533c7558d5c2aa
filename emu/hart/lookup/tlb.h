/*
 * The architectural TLB of one hart.
 *
 * Translations live in set-associative arrays, each size of page in sets of
 * its own, indexed by its own page number, so that neither drives the other
 * out. How many sets and ways there are is the geometry, chosen when the TLB is
 * made. Entries are tagged by ASID (or G for all of them), survive traps and
 * satp writes, and die by sfence.vma, by eviction or at reset: nothing else. A
 * kernel that forgets a fence meets its stale entry, as on hardware. With --tlb
 * cache-invalid there are entries for what is not valid, too: they are of the
 * level at which the walk ended, and never global.
 *
 * Replacement is decided in each set, by fills only, never by hits, so that the
 * small arrays, which hide hits, change no outcome. TLB_LRU goes by hits: then
 * the TLB is `exact`, which keeps its translations out of the small arrays, so
 * that it is asked for every access and can count.
 *
 * Pointers, page-table entries that lead to a next table, may be kept as well
 * (a walk cache): entries of a bank of their own, one set, which translate
 * nothing. They are found by tlb_find_pointer() alone, and no fence that names
 * an address takes them.
 *
 * Guest state is one block of plain data, which may be copied between TLBs of
 * equal geometry: the entries, and what replacement goes by. An entry that is
 * not valid is zero but for its age. All else here follows from that block:
 *
 * - a bit for each live entry, and how many each size has: look-ups pass over
 *   sizes that have none, and a fence costs what there is;
 * - how many small entries lie in each 2 MiB, counted by a hash: filling a
 *   large one looks for those that it overlaps only where there may be any.
 *
 * The small arrays know an entry by its index: what leaves the TLB leaves them.
 *
 * Privileged spec: "Supervisor Memory-Management Fence Instruction".
 */
#ifndef HART_LOOKUP_TLB_H
#define HART_LOOKUP_TLB_H

#include <rvemu/tlb.h>

#include "base/plain.h"
#include "base/types.h"

struct contexts;
struct tlb_walks;

/* What an entry may cover: leaves of levels 0 to 4, and NAPOT ranges. */
enum tlb_size {
    TLB_4K,
    TLB_64K,
    TLB_2M,
    TLB_1G,
    TLB_512G,
    TLB_256T,
    TLB_SIZES,
    TLB_POINTERS = TLB_SIZES, /* no pages: pointers have the bank behind */
    TLB_BANKS
};

enum tlb_replacement {
    TLB_FIFO,   /* who was filled first, whether still valid or not */
    TLB_LRU,    /* who was filled or touched (tlb_touch) least recently */
    TLB_RANDOM, /* by the TLB's own generator */
    TLB_NONE,   /* nobody: a set that is full keeps nothing more */
    TLB_REPLACEMENTS
};

struct tlb_geometry {
    struct {
        u16 sets; /* a power of two */
        u16 ways; /* 1 to 255 */
    } of[TLB_SIZES];
    u32 replacement; /* enum tlb_replacement */
    u16 pointers;    /* 0 to 255 */
    bool exact;      /* always so with TLB_LRU and TLB_NONE */
};

/* The machine's own: room for the linear map of a guest of 1 GiB. */
extern const struct tlb_geometry tlb_default;

/* That of a hart that walks ahead (rvemu/tlb.h), which is to have room for all
 * that it might hold. */
extern const struct tlb_geometry tlb_vast;

/* State: no padding, so that bytes can be compared. */
PLAIN_BEGIN
struct tlb_entry {
    u64 va;     /* first address covered */
    u64 pte;    /* as it was read, A and D as updated: a leaf, or V=0 */
    u64 pte_pa; /* physical address of the pte */
    u16 asid;   /* ignored when global */
    u8 level;   /* of pte */
    u8 shift;   /* the entry covers 2^shift bytes */
    u8 valid;   /* 0 or 1 */
    u8 global;  /* 0 or 1 */
    u8 age;     /* TLB_LRU: how many others of the set were used since */
    u8 pointer; /* 0 or 1: pte leads to a table, and covers what that maps */
};
PLAIN_END

/* A bank: the sets of one size of page. */
struct tlb_bank {
    struct tlb_entry
        *entry;    /* the first set's; the ways of a set are in line */
    u8 *next;      /* of TLB_FIFO: the way to fill next, by set */
    u64 page_mask; /* the bits of an address that are in an entry's va */
    u32 set_mask;
    u32 ways;
    u32 shift;
    u32 bit;  /* in tlb.used */
    u32 live; /* entries that are valid */
};

#define TLB_REGIONS 1024 /* counters of small entries, by a hash */

struct tlb {
    struct tlb_geometry geometry;
    u32 entries;

    /* State: one block, these and then the bytes of tlb_bank.next. */
    struct tlb_entry *entry;
    u64 *random;                     /* of TLB_RANDOM; never 0 */
    struct rvemu_tlb_counts *counts; /* 0 where not exact */
    size_t state_size;

    struct tlb_entry unkept; /* not state: the last that found no room */
    struct tlb_bank bank[TLB_BANKS];
    u32 used;  /* a bit for each size that has a valid entry */
    u64 *live; /* a bit for each entry that is valid */
    u16 region[TLB_REGIONS];
    struct tlb_walks *walks; /* walks.h; NULL while they are not kept */
};

/* Makes an empty TLB. -1 when memory is lacking. */
int tlb_init(struct tlb *tlb, const struct tlb_geometry *geometry);
void tlb_fini(struct tlb *tlb);

/* Whether tlb_init() takes such a geometry. */
bool tlb_geometry_is_valid(const struct tlb_geometry *geometry);

/* Makes the TLB what tlb_init() made. The caller empties the small arrays. */
void tlb_reset(struct tlb *tlb);

/* The block of state, *size bytes. */
void *tlb_state(const struct tlb *tlb, size_t *size);

/* The block was written over from a TLB of equal geometry: derives all else.
 * The caller empties the small arrays. */
void tlb_restored(struct tlb *tlb);

/* A leaf at this level maps so many bytes. */
static inline u64 tlb_page_size(unsigned level)
{
    return 4096ull << 9 * level;
}

static inline u64 tlb_entry_size(const struct tlb_entry *entry)
{
    return 1ull << entry->shift;
}

static inline u32 tlb_index(const struct tlb *tlb,
                            const struct tlb_entry *entry)
{
    return (u32)(entry - tlb->entry);
}

/* The first valid entry from `at` on, before `end`, by index; or end. */
static inline u32 tlb_next_live(const struct tlb *tlb, u32 at, u32 end)
{
    while (at < end) {
        u64 left = tlb->live[at / 64] >> at % 64;

        if (left) {
            at += (u32)__builtin_ctzll(left);
            return at < end ? at : end;
        }
        at = (at | 63) + 1;
    }
    return end;
}

/* Whether the block, which comes from outside, is one that fills and fences
 * can lead to: each entry in its place, and what replacement goes by within its
 * sets. Before tlb_restored(). */
bool tlb_is_sound(const struct tlb *tlb);

/* The entry that translates va in this space, or NULL. When an ASID's own
 * and a global entry both match, the ASID's own is used. */
struct tlb_entry *tlb_find(struct tlb *tlb, u64 va, u16 asid);

/* The pointer that leads nearest to the leaf of va in this space, of a walk
 * with so many levels; or NULL. */
struct tlb_entry *tlb_find_pointer(struct tlb *tlb, u64 va, u16 asid,
                                   unsigned levels);

/* Whether va and an ASID are those of the entry, or covered by it. */
static inline bool tlb_covers(const struct tlb_entry *entry, u64 va, u16 asid)
{
    return !((entry->va ^ va) >> entry->shift) &&
           (entry->global || entry->asid == asid);
}

/* The size of page that a leaf entry, or one with V=0, covers. */
enum tlb_size tlb_size_of(const struct tlb_entry *entry);

/* The entry was used, for TLB_LRU. */
void tlb_touch(struct tlb *tlb, struct tlb_entry *entry);

/* Whether both translate the same addresses of the same spaces. */
bool tlb_alike(const struct tlb_entry *a, const struct tlb_entry *b);

/* What is counted while the TLB is exact, access by access: enum
 * rvemu_tlb_access. A look-up found this entry, which is used by that; a walk
 * that was made for one found a leaf, or was refused (NULL), and by filling
 * what it found drove one out. */
void tlb_count_hit(struct tlb *tlb, unsigned access, struct tlb_entry *entry);
void tlb_count_miss(struct tlb *tlb, unsigned access,
                    const struct tlb_entry *entry);
void tlb_count_evicted(struct tlb *tlb, unsigned access,
                       const struct tlb_entry *evicted);

/* A walk began at this pointer, which is used by that, or at the root (NULL);
 * a pointer drove another one out. */
void tlb_count_walk(struct tlb *tlb, struct tlb_entry *pointer);
void tlb_count_walk_evicted(struct tlb *tlb);

/* Takes an entry out, and what the small arrays have of it. */
void tlb_drop(struct tlb *tlb, struct contexts *contexts,
              struct tlb_entry *entry);

/* Stores a translation or a pointer: over `instead`, which is alike, or where
 * that is NULL in the place that replacement chooses. What had to go from there
 * is left in *evicted (valid = 0 if nothing) and is no longer in the small
 * arrays. Where there is no place, &tlb->unkept: good until the next fill, and
 * not in the TLB. */
struct tlb_entry *tlb_fill(struct tlb *tlb, struct contexts *contexts,
                           const struct tlb_entry *entry,
                           struct tlb_entry *instead,
                           struct tlb_entry *evicted);

/* sfence.vma: NULL stands for x0. Returns how many entries it removed. */
u64 tlb_flush(struct tlb *tlb, struct contexts *contexts, const u64 *va,
              const u16 *asid);

#endif
