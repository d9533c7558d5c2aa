/*
 * Watches: addresses at which accesses are to be told of, exactly.
 *
 * A watch is of virtual addresses, in whatever space, or of physical ones. The
 * pages of its addresses stay out of the small arrays that would answer such an
 * access (mmu/watching.h), so that it takes the slow path, which looks here.
 * Nothing else slows, and no guest notices: the arrays are a cache.
 *
 * What was seen waits as hits for whoever debugs; the slice ends behind the
 * step (hart_halt()). This is no guest state, and no cache either: it outlives
 * a machine that moves (machine/move.h).
 */
#ifndef HART_CODE_WATCHES_H
#define HART_CODE_WATCHES_H

#include "base/types.h"

struct watch {
    int id; /* whoever set it knows it by that */
    bool is_physical;
    bool reads, writes;
    u64 first, last; /* both included */
};

struct watch_hit {
    int id;
    bool has_va; /* it is an instruction's; else a walker's or a device's */
    bool is_write;
    bool changes; /* a byte of the range */
    u8 hart;      /* or RVEMU_NO_HART */
    u8 priv;
    u8 origin; /* enum rvemu_origin */
    u64 pc, satp;
    u64 va, pa, size; /* of the access */
    u64 old, now;     /* see watch_window() */
};

/* All zero is a valid start. */
struct watches {
    struct watch *watch;
    unsigned count, room;
    bool is_armed;  /* there is some, and hits are wanted */
    bool is_silent; /* hits are not wanted for now */
    u64 pages;      /* that they have a byte in, a bit for a hash of each */
    struct watch_hit *hit;
    unsigned hits, hit_room;
};

#define WATCH_READS 1u
#define WATCH_WRITES 2u

void watches_free(struct watches *watches);

/* Adds a watch. False: no memory. */
bool watches_add(struct watches *watches, const struct watch *watch);

/* Takes those of an id away. False: there is none. */
bool watches_remove(struct watches *watches, int id);

/* Whether hits are wanted: not while what was run is run again. */
void watches_arm(struct watches *watches, bool on);

/* Which accesses (WATCH_READS | WATCH_WRITES) to the page of va, which lies at
 * pa, are to be looked at one by one; has_va: there is a va. */
unsigned watches_bar(const struct watches *watches, u64 va, u64 pa);

/* Whether a watch meets an access. */
bool watch_meets(const struct watch *watch, bool has_va, u64 va, u64 pa,
                 u64 size);

/* The stretch of an access that a hit tells of, as [*pa, *pa + *size), at most
 * eight bytes: the whole range of the watch where that is as small and lies in
 * the access's page, else what the access has of it, from its start on. */
void watch_window(const struct watch *watch, u64 va, u64 pa, u64 size,
                  u64 *window_pa, unsigned *window_size);

/* Room for a hit; NULL: no memory. */
struct watch_hit *watches_hit(struct watches *watches);

#endif
