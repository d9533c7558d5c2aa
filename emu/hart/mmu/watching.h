/*
 * Accesses that a debugger watches; see code/watches.h.
 *
 * Whoever puts a page into small arrays asks watching_bar(); what then takes
 * the slow path, and stores that are no instruction's, come by here. What a
 * debugger stores itself (RVEMU_ORIGIN_HOST) is not told of.
 */
#ifndef HART_MMU_WATCHING_H
#define HART_MMU_WATCHING_H

#include "hart/code/watches.h"
#include "hart/state/hart.h"

/* The small arrays, a bit for each, that may not have the page of va at pa. */
unsigned watching_bar(const struct hart *hart, u64 va, u64 pa);

/* An instruction has read value, of size bytes, from RAM or a device. */
void watching_loaded(struct hart *hart, u64 va, u64 pa, unsigned size,
                     u64 value);

/* An instruction is about to store so many bytes within a page of RAM, or to
 * write them to a device. */
void watching_store(struct hart *hart, u64 va, u64 pa, const void *bytes,
                    u64 size);

/* Somebody else is about to store within a page of RAM: within an instruction
 * of `by`, or NULL. */
void watching_store_of(const struct siblings *all, struct hart *by, u64 pa,
                       const void *bytes, u64 size, unsigned origin);

static inline bool watching(const struct siblings *all)
{
    return all->watches->is_armed;
}

#endif
