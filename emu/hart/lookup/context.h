/*
 * The small arrays: direct-mapped caches of finished translations.
 *
 * A context holds those of one combination of what an access depends on, so
 * that a change of satp, privilege or status bits changes a pointer and flushes
 * nothing. There are two kinds: contexts for loads and stores are told apart by
 * (MODE, ASID, effective privilege, SUM, MXR), those for fetches by (MODE,
 * ASID, privilege, FS=Off). An entry answers an access with one compare:
 * its tag is the page's address, and a misaligned address never equals a
 * tag. Whatever needs a second look is simply absent: MMIO, pages with part
 * of a PMP boundary. Pages to which stores have to be noticed (stores.h) are
 * never in ARRAY_WRITE, but may be in ARRAY_NOTED: that saves the slow path
 * their translation.
 *
 * Invariants: an entry mirrors a live TLB entry, its owner, the one that
 * tlb_find() gives for its page (or a Bare/M-mode identity, and has none). The
 * slots of one owner, in whatever contexts, make a ring: tlb.c empties them
 * when the owner goes, and that costs what the owner had filled. Filling an
 * entry is no event and changes nothing a guest can see.
 */
#ifndef HART_LOOKUP_CONTEXT_H
#define HART_LOOKUP_CONTEXT_H

#include "base/ring.h"
#include "base/types.h"

#define CONTEXTS 32      /* of each kind */
#define SLOTS 256        /* of each array */
#define SLOT_EMPTY 0x800 /* bits 3 to 11 are in no tag that an access forms */

enum context_kind { CONTEXT_DATA, CONTEXT_FETCH, CONTEXT_KINDS };

/* A context uses the arrays of its kind. The others are never touched, and so
 * take no memory of the host. */
enum context_array { ARRAY_READ, ARRAY_WRITE, ARRAY_NOTED, ARRAY_EXEC, ARRAYS };

struct slot {
    u64 tag;
    u64 value; /* host − guest-virtual; ARRAY_EXEC: a struct code_page * */
};

struct context {
    struct slot slot[ARRAYS][SLOTS];
};

/* The contexts of one kind. */
struct context_pool {
    struct context *context; /* CONTEXTS of them */
    unsigned count;          /* in use */
    u64 key[CONTEXTS];
    u64 used[CONTEXTS]; /* when last asked for, by `uses` */
};

/* The contexts of a state of the hart that was met before. */
struct context_choice {
    u64 state; /* with CONTEXT_CHOSEN */
    struct context *data, *fetch;
};

#define CONTEXT_CHOICES 64
#define CONTEXT_CHOSEN (1ull << 63)

/* Slots are numbered through, all arrays of all contexts. */
struct contexts {
    struct context *context; /* CONTEXTS of each kind */
    struct context_pool pool[CONTEXT_KINDS];
    u64 uses;
    u64 *filled; /* a bit for each slot in use */
    struct context_choice choice[CONTEXT_CHOICES]; /* by a hash of the state */
    struct ring_link *link; /* of all slots, then of the owners */
    struct ring_link *host; /* of all slots, then of the heads of those that
                               are for writes, by a hash of their host page */
};

#define CONTEXT_NO_OWNER UINT32_MAX

/* Pages whose distance is a power of two, up to 128 MiB, have slots of their
 * own: large arrays tend to lie like that. */
static inline unsigned slot_index(u64 va)
{
    return (va >> 12 ^ va >> 20) & (SLOTS - 1);
}

/* The slot that answers an aligned access of size bytes at va, or NULL. */
static inline const struct slot *context_hit(const struct context *context,
                                             enum context_array array, u64 va,
                                             unsigned size)
{
    const struct slot *slot = &context->slot[array][slot_index(va)];

    return slot->tag == (va & (-4096ull | (size - 1))) ? slot : NULL;
}

/* Whether filling the slot of va drives no other page out. */
static inline bool context_has_room(const struct context *context,
                                    enum context_array array, u64 va)
{
    return context->slot[array][slot_index(va)].tag == SLOT_EMPTY;
}

/* Owners have the numbers from 0 to owners − 1. -1 when memory is lacking. */
int contexts_init(struct contexts *contexts, u32 owners);
void contexts_fini(struct contexts *contexts);

/* Where the choice for a state is, if it was made: choice->state says. */
static inline struct context_choice *contexts_choice(struct contexts *contexts,
                                                     u64 state)
{
    return &contexts->choice[(state ^ state >> 8) % CONTEXT_CHOICES];
}

/* The context of a key, taken from the one asked for least recently if need be.
 * Then all choices are forgotten: contexts in use are asked for again. */
struct context *contexts_get(struct contexts *contexts, enum context_kind kind,
                             u64 key);

/* Empties every array of every context. */
void contexts_clear(struct contexts *contexts);

/* Puts the page of va into arrays of a context, a bit for each, for an owner or
 * for CONTEXT_NO_OWNER. */
void contexts_fill(struct contexts *contexts, struct context *context,
                   unsigned arrays, u64 va, u64 value, u32 owner);

/* Takes out all that an owner has in any context. */
void contexts_drop(struct contexts *contexts, u32 owner);

/* Takes out every entry for execution for whose value `gone` is true. */
void contexts_drop_exec(struct contexts *contexts, bool (*gone)(u64 value));

/* Takes out every write entry whose host page is [host, host + 4096). */
void contexts_drop_write(struct contexts *contexts, const u8 *host);

#endif
