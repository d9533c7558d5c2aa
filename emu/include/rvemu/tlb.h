/*
 * The TLB of a hart: what it may be like where the specification leaves that
 * open, and what is counted of it.
 *
 * Each size of page has sets of its own. Those of 4-KiB pages can be chosen;
 * 64 KiB (Svnapot) have 16 sets of 4 ways, 2 MiB 128 of 4, 1 GiB 4 of 4, larger
 * ones 1 of 4. What is said of replacement holds for all sizes, and for the
 * walk cache. Privileged spec, "Supervisor Memory-Management Fence
 * Instruction".
 */
#ifndef RVEMU_TLB_H
#define RVEMU_TLB_H

#include <stdbool.h>
#include <stdint.h>

/* Who leaves a set that is full when an entry more is to be kept. */
enum rvemu_tlb_replace {
    RVEMU_TLB_FIFO,   /* who came first, whether still valid or not */
    RVEMU_TLB_LRU,    /* who was used least recently */
    RVEMU_TLB_RANDOM, /* by a generator that starts alike in every machine */
    RVEMU_TLB_NONE,   /* nobody: the new one is used once, and not kept */
    RVEMU_TLB_REPLACES
};

#define RVEMU_TLB_SETS_MAX 1024
#define RVEMU_TLB_WAYS_MAX 255
#define RVEMU_TLB_WALK_CACHE_MAX 255
#define RVEMU_ASID_BITS_MAX 16

/* All zero is the usual TLB. */
struct rvemu_tlb_config {
    unsigned sets; /* of 4-KiB pages: a power of two up to 1024; 0: 128 */
    unsigned ways; /* of these, up to 255; 0: 4 */
    enum rvemu_tlb_replace replace;
    /* Page-table entries that lead to a next table, of any level, which a hart
     * keeps beside its TLB: up to 255. A walk begins at the one nearest to its
     * leaf. They are tagged by ASID, or global below G; sfence.vma with an
     * address leaves them, since it orders leaf entries only. */
    unsigned walk_cache;
    /* How many bits satp.ASID lacks of its 16, from the uppermost on. */
    unsigned asid_bits_off;
    /* Legal, but harsh: each hart fills its TLB from an entry that is about to
     * be changed, and from a root that is about to leave satp, since it might
     * have walked there just then (privileged spec: translations may be
     * speculative). So it holds what a hart might, in 65,536 entries for pages
     * of 4 KiB, unless sets and ways are given, 4,096 for those of 2 MiB and
     * 2,048 of 64 KiB. */
    bool walks_ahead;
    /* All look-ups are counted: rvemu_tlb_counts(). That costs time, and
     * changes nothing that a guest can see. RVEMU_TLB_LRU counts even without.
     */
    bool counts;
};

enum rvemu_tlb_page {
    RVEMU_TLB_4K,
    RVEMU_TLB_64K,
    RVEMU_TLB_2M,
    RVEMU_TLB_1G,
    RVEMU_TLB_512G,
    RVEMU_TLB_256T,
    RVEMU_TLB_PAGES
};

/* A load or store makes one look-up, or two where it lies in two pages; cache
 * operations look up as stores, LR as a load, SC and AMOs as stores. A fetch
 * makes one where the page that instructions come from changes, and behind
 * traps, returns, fences and writes to what translations depend on. M-mode and
 * Bare look nothing up. */
enum rvemu_tlb_access {
    RVEMU_TLB_FETCH,
    RVEMU_TLB_LOAD,
    RVEMU_TLB_STORE,
    RVEMU_TLB_ACCESSES
};

/* Of one kind of access and size of page. */
struct rvemu_tlb_row {
    uint64_t hits;      /* answered by an entry, be it with a page fault */
    uint64_t misses;    /* a walk found the page */
    uint64_t evictions; /* entries of this size that these walks drove out */
};

/* Since the machine was made. */
struct rvemu_tlb_counts {
    struct rvemu_tlb_row page[RVEMU_TLB_ACCESSES][RVEMU_TLB_PAGES];
    uint64_t faults[RVEMU_TLB_ACCESSES]; /* misses whose walk was refused */
    /* Of walks: began at an entry of the walk cache, or at the root; and
     * entries of the walk cache that others drove out. */
    struct rvemu_tlb_row walks;
};

#endif
