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
 * A guest may weave millions of ways out of few tables. Walks are cut off after
 * a great many steps; `woven` says that one was.
 *
 * Nothing here depends on the number of levels: Sv39 roots have level 2,
 * Sv48 3, Sv57 4 (privileged specification, "Sv39: Page-Based 39-bit
 * Virtual-Memory System" and the two after it).
 */
#ifndef ANALYSIS_SPACES_H
#define ANALYSIS_SPACES_H

#include <assert.h>

#include <rvemu/trace.h>

#include "analysis/frames.h"
#include "isa/pte.h"

#define TABLE_ENTRIES 512
#define TABLE_PART 64 /* entries that are kept together */
#define TABLE_PARTS (TABLE_ENTRIES / TABLE_PART)
#define LEVELS 5
#define SPACE_CALLS 16
#define SPACES_THIN 64

/* An ecall of a program. */
struct call {
    u64 pc; /* of the ecall; 0: none */
    u64 time;
    u64 ticket;    /* of the line that may tell it as a fork (lines.h), or 0 */
    bool back;     /* the program has gone on behind it */
    u64 lost_pc;   /* the instruction that took W from a page last */
    bool protects; /* pages lost W in it … */
    bool took_all; /* … and at its end none of its own could be stored to */
    bool claimed;  /* as the fork of a child */
    bool held_w;   /* a fork would have taken W from a page in it */
};

struct table {
    u64 frame; /* its number */
    unsigned level;
    unsigned id; /* of a root: never used again; else 0 */
    u64 born;    /* number of the event that made it known */
    u64 search;  /* number of the search that met it last */
    u64 below;   /* user leaves in it and below it, once for each way down */
    unsigned parents;
    /* Of a root: */
    unsigned number; /* that it goes by: in the order in which spaces ran */
    unsigned fork;   /* that it is the child of: its number, or 0 */
    bool ran;        /* a program has run in it */
    bool thinned;    /* a user page of it was unmapped since last asked */
    bool has_left;   /* some frame's left_root is its id */
    bool has_given;  /* copy-on-write gave W back … */
    u64 given_va;    /* … last to the page here */
    u64 thinned_at;  /* when last */
    u64 unmapped;    /* user pages unmapped since a program ran in it … */
    u64 given_up;    /* of these: left to one space that maps them still */
    struct call call[SPACE_CALLS]; /* the latest, those that protect longest;
                                      a ring, in the order of their times … */
    unsigned oldest_call;          /* … from this one on */
    struct call *last_call;        /* of these, the one made last; NULL: none */
    u64 call_lists; /* a bit for each that it is in (callers.h) */
    unsigned room;
    struct entry *parent;   /* the entries that point here */
    u64 *part[TABLE_PARTS]; /* TABLE_PART entries each; NULL: all are 0 */
    u64 used[TABLE_PARTS];  /* of these, a bit for each that is not 0 */
};

static_assert(TABLE_PART == 64, "a word has a bit for each entry of a part");

static inline u64 table_pte(const struct table *table, unsigned index)
{
    const u64 *part = table->part[index / TABLE_PART];

    return part ? part[index % TABLE_PART] : 0;
}

/* The first entry from `from` on that is not 0, or TABLE_ENTRIES: most tables
 * are almost empty. */
static inline unsigned table_next_used(const struct table *table, unsigned from)
{
    for (; from < TABLE_ENTRIES; from = (from | (TABLE_PART - 1)) + 1) {
        u64 left = table->used[from / TABLE_PART] >> from % TABLE_PART;

        if (left)
            return from + (unsigned)__builtin_ctzll(left);
    }
    return TABLE_ENTRIES;
}

static inline u64 entry_pte(struct entry at)
{
    return table_pte(at.table, at.index);
}

/* A part of a table that is gone, all 0 behind this. */
struct spare {
    struct spare *next;
};

/* Is told of roots and of pages that are left, before it is done. */
struct spaces_ear {
    void *arg;
    void (*begun)(void *arg, struct table *root); /* just now */
    void (*ended)(void *arg, struct table *root);
    /* An entry below root ceases to map the frame at va. */
    void (*left)(void *arg, const struct table *root, u64 va,
                 const struct frame *frame);
};

struct spaces {
    const struct spaces_ear *ear; /* NULL: nobody is */
    struct map tables;            /* by frame number */
    struct map roots;             /* the tables that are roots, by id */
    struct frames frames;
    struct spare *spare; /* parts of tables that are no longer in use */
    unsigned roots_seen;
    u64 in_use; /* the latest table's frame, if user pages were in it; else 0 */
    unsigned numbers;
    u64 searches;
    u64 now;                    /* time of the event in hand … */
    u64 seq;                    /* … and its number, from 1 on */
    unsigned thin[SPACES_THIN]; /* ids of roots that are `thinned` … */
    unsigned thin_count;        /* … so many; those beyond are not noted */
    bool ran;                   /* a program has run in some root */
    bool woven;  /* a walk was cut off: what was concluded may be wrong */
    bool failed; /* memory ran out: what follows cannot be trusted */
};

/* Takes in one event of kind satp, pte_write, pte_found or root_lost. */
void spaces_event(struct spaces *spaces, const struct rvemu_event *event);

/* The same of an ad_update. It matters to no conclusion: who does not need to
 * know may leave it out. */
void spaces_note_use(struct spaces *spaces,
                     const struct rvemu_ev_ad_update *update);

/* Whether no hart takes a leaf, whatever extensions it has. */
static inline bool leaf_is_malformed(u64 pte)
{
    return (pte & PTE_RESERVED) || (pte & (PTE_R | PTE_W)) == PTE_W;
}

/* Whether an entry maps a page or superpage. */
static inline bool leaf_maps(u64 pte)
{
    return pte_maps(pte) && !leaf_is_malformed(pte);
}

static inline bool pte_is_user(u64 pte)
{
    return leaf_maps(pte) && (pte & PTE_U);
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

/* The number that a root goes by. */
unsigned spaces_number(struct spaces *spaces, struct table *root);

/* A root whose space has ended is another's from now on. */
void spaces_renew(struct spaces *spaces, struct table *root);

/* The live root at this frame, or with this id; NULL for none. */
static inline struct table *spaces_root(const struct spaces *spaces, u64 frame)
{
    struct table *table = map_get(&spaces->tables, frame);

    return table && table->id ? table : NULL;
}

struct table *spaces_root_by_id(const struct spaces *spaces, unsigned id);

/* The table that an entry points to, if it is known; NULL: none. */
struct table *spaces_child(const struct spaces *spaces,
                           const struct table *table, unsigned index);

/* Finds the leaf that translates va below root. Returns its value, 0 for
 * none; *at (may be NULL) says where it lies. */
u64 spaces_find(const struct spaces *spaces, const struct table *root, u64 va,
                struct entry *at);

/* Whether a user leaf of this level maps this frame at va below root. */
bool spaces_maps(const struct spaces *spaces, const struct table *root, u64 va,
                 unsigned level, u64 frame);

/* Whether what root has at va is global: by its leaf or an entry above it. */
bool spaces_is_global(const struct spaces *spaces, const struct table *root,
                      u64 va);

/* The 4 KiB frame that va translates to for a user, 0 for none. */
u64 spaces_frame(const struct spaces *spaces, const struct table *root, u64 va);

/* Calls once for each user leaf below root, in order of address. */
typedef void spaces_leaf_fn(void *arg, struct entry at, u64 va);
void spaces_each_leaf(struct spaces *spaces, struct table *root,
                      spaces_leaf_fn *call, void *arg);

/* Calls once for each (root, va) that reaches this entry. */
typedef void spaces_path_fn(void *arg, struct table *root, u64 va);
void spaces_each_path(struct spaces *spaces, struct entry at,
                      spaces_path_fn *call, void *arg);

/* In how many places, over all spaces, leaves of its level map this frame. */
u64 spaces_mappings(struct spaces *spaces, const struct frame *frame);

/* In how many places, over all spaces, the frame is mapped for a user: by
 * leaves of this level and of any above that cover it. */
u64 spaces_sharers(struct spaces *spaces, u64 ppn, unsigned level);

/* Whether a root counts as somebody's space: a program has run in it. A kernel
 * may have a root of its own beside that of each process. Where no program
 * ever ran, every root counts. */
static inline bool spaces_counts(const struct spaces *spaces,
                                 const struct table *root)
{
    return root->ran || !spaces->ran;
}

/* How many spaces but root map the frame for a user, by leaves of this level
 * and of any above that cover it. *one (may be NULL) becomes one of them, or
 * NULL. With writable set, only leaves with W count. */
u64 spaces_others(struct spaces *spaces, u64 ppn, unsigned level,
                  const struct table *root, bool writable, struct table **one);

/* What is known of a superpage holds of a page of it, when it is split. */
void spaces_inherit(const struct spaces *spaces, struct frame *frame);

/* Whether any user page is mapped below root. */
static inline bool spaces_has_pages(const struct table *root)
{
    return root->below != 0;
}

/* Whether any page that nobody else maps can be stored to below root. */
bool spaces_has_writable(struct spaces *spaces, struct table *root);

#endif
