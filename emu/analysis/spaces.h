/*
 * Address spaces: every live page table as an object, every root as a tree
 * of them, kept up to date from events alone.
 *
 * Tables are known by their frame. An entry that points to a table makes it
 * a child; a table may have many parents (the kernel half is shared by all
 * roots), so one pte_write changes every space that reaches it. A table with
 * no parent that is no root is dropped, and what hung below it with it. What
 * a newly linked table holds arrives as pte_found events.
 *
 * Nothing here depends on the number of levels: Sv39 roots have level 2,
 * Sv48 3, Sv57 4 (privileged specification, "Sv39: Page-Based 39-bit
 * Virtual-Memory System" and the two after it).
 */
#ifndef ANALYSIS_SPACES_H
#define ANALYSIS_SPACES_H

#include <rvemu/trace.h>

#include "analysis/frames.h"
#include "isa/pte.h"

#define TABLE_ENTRIES 512
#define SPACE_ECALLS 8

struct table {
    u64 frame; /* its number */
    unsigned level;
    unsigned id; /* of a root: its number in order of appearance, else 0 */
    bool fresh;  /* a root whose first load has not been judged yet */
    struct {     /* of a root: the votes of the judgement numbered */
        u64 judgement;
        u64 shared;
        u64 protected;
    } votes;
    u64 ecall[SPACE_ECALLS]; /* where programs in it made their last calls */
    unsigned next_ecall;
    unsigned parents;
    unsigned room;
    struct entry *parent; /* the entries that point here */
    const u64 *pte;       /* TABLE_ENTRIES; shared zeros while there is none */
};

struct spaces {
    struct map tables; /* by frame number */
    struct map roots;  /* the tables that are roots, by id */
    struct frames frames;
    unsigned roots_seen;
    bool failed; /* memory ran out: what follows cannot be trusted */
};

void spaces_free(struct spaces *spaces);

/* Takes in one event of kind satp, pte_write, pte_found or root_lost. */
void spaces_event(struct spaces *spaces, const struct rvemu_event *event);

static inline bool pte_is_user(u64 pte)
{
    return pte_maps(pte) && (pte & PTE_U);
}

/* The leaf that an entry at pte_pa amounts to by itself. An entry of a NAPOT
 * range (Svnapot) says in the low bits of its PPN how large the range is, and
 * maps its own page of it; any other entry stands for itself. */
u64 pte_alone(u64 pte, unsigned level, u64 pte_pa);

/* The frame an entry points to; for a superpage its first. */
u64 pte_frame(u64 pte, unsigned level);

/* Bytes that an entry of this level maps. */
static inline u64 level_size(unsigned level)
{
    return 4096ull << (9 * level);
}

/* The root in a satp value, 0 when translation is off. */
u64 satp_frame(u64 satp);

/* The live root at this frame, or with this id; NULL for none. */
struct table *spaces_root(const struct spaces *spaces, u64 frame);
struct table *spaces_root_by_id(const struct spaces *spaces, unsigned id);

/* Finds the leaf that translates va below root. Returns its value, 0 for
 * none; *at (may be NULL) says where it lies. */
u64 spaces_find(const struct spaces *spaces, const struct table *root, u64 va,
                struct entry *at);

/* Calls once for each user leaf below root, in order of address. */
typedef void spaces_leaf_fn(void *arg, struct entry at, u64 va);
void spaces_each_leaf(const struct spaces *spaces, struct table *root,
                      spaces_leaf_fn *call, void *arg);

/* Calls once for each (root, va) that reaches this entry. */
typedef void spaces_path_fn(void *arg, struct table *root, u64 va);
void spaces_each_path(struct entry at, spaces_path_fn *call, void *arg);

/* In how many places, over all spaces, leaves of its level map this frame. */
u64 spaces_mappings(const struct frame *frame);

/* In how many places, over all spaces, the frame is mapped for a user: by
 * leaves of this level and of any above that cover it. */
u64 spaces_sharers(const struct spaces *spaces, u64 ppn, unsigned level);

#endif
