/*
 * The small arrays: direct-mapped caches of finished translations.
 *
 * A context holds those of one (MODE, ASID, privilege, SUM, MXR, FS=Off)
 * combination, so that a change of satp, privilege or status bits changes a
 * pointer and flushes nothing. An entry answers an access with one compare:
 * its tag is the page's address, and a misaligned address never equals a
 * tag. Whatever needs a second look is simply absent: MMIO, pages with part
 * of a PMP boundary, pages that hold code or watched page tables (writes).
 *
 * Invariants: an entry mirrors a live TLB entry (or a Bare/M-mode identity);
 * tlb.c takes it out when that entry goes, through the mask in the TLB entry.
 * Filling an entry is no event and changes nothing a guest can see.
 */
#ifndef HART_LOOKUP_CONTEXT_H
#define HART_LOOKUP_CONTEXT_H

#include "base/types.h"

#define CONTEXTS 16
#define SLOTS 256        /* of each array */
#define SLOT_EMPTY 0x800 /* bits 3 to 11 are in no tag that an access forms */

enum context_array { ARRAY_READ, ARRAY_WRITE, ARRAY_EXEC, ARRAYS };

struct slot {
    u64 tag;
    u64 value; /* host − guest-virtual; ARRAY_EXEC: a struct code_page * */
};

struct context {
    struct slot slot[ARRAYS][SLOTS];
    u64 filled[ARRAYS][SLOTS / 64]; /* a bit for each slot in use */
    u8 index; /* in its hart, and bit in tlb_entry.present */
};

struct contexts {
    struct context *context; /* CONTEXTS of them */
    unsigned count;          /* in use */
    u64 key[CONTEXTS];
    u64 used[CONTEXTS]; /* when last, by `uses`: for LRU */
    u64 uses;
};

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

/* Whether filling drives nothing out. */
static inline bool context_has_room(const struct context *context,
                                    enum context_array array, u64 va)
{
    return context->slot[array][slot_index(va)].tag == SLOT_EMPTY;
}

int contexts_init(struct contexts *contexts);
void contexts_fini(struct contexts *contexts);

/* The context of a key, taken from the least recently used if need be. */
struct context *contexts_get(struct contexts *contexts, u64 key);

/* Empties every array of every context. */
void contexts_clear(struct contexts *contexts);

/* Empties the arrays `first` to `last` of one context. */
void context_clear(struct context *context, unsigned first, unsigned last);

void context_fill(struct context *context, enum context_array array, u64 va,
                  u64 value);

/* The mask of every context in use. */
static inline u64 contexts_all(const struct contexts *contexts)
{
    return (1ull << contexts->count) - 1;
}

/* Takes out what lies in [va, va + size), from the contexts in mask. */
void contexts_drop(struct contexts *contexts, u64 mask, u64 va, u64 size);

/* Takes out every entry for execution of whose value `gone` says so. */
void contexts_drop_exec(struct contexts *contexts, bool (*gone)(u64 value));

/* Takes out every write entry whose host page is [host, host + 4096). */
void contexts_drop_write(struct contexts *contexts, const u8 *host);

#endif
