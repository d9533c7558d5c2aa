/*
 * What a store to RAM means: one rule, whoever makes it.
 *
 * A store may have to be noticed: by the cache of decoded code, which may hold
 * what the store replaces; by those who watch page tables, or TLB entries that
 * came from them; by a device whose registers are in RAM; by who keeps what a
 * frame held at a snapshot; and by a hart that holds a reservation. A flag of
 * the frame (enum frame_flag, bus.h) says who has to be told, and the protocol
 * is:
 *
 *   - Whoever sets one of FRAME_STORES calls arrays_protect() with it. From
 *     then on no small write array holds the frame, so that each store to it
 *     comes here.
 *   - Who puts a frame into a small write array looks at FRAME_STORES before,
 *     and sets FRAME_WRITABLE. A frame that has one of these may be put into
 *     ARRAY_NOTED instead; who finds it there looks at them again.
 *   - Who loses interest clears its flag, and nothing else. FRAME_CLEAN goes
 *     with the first store, or before it.
 *
 * Every other store to RAM is made by store_to_ram(): those of the walker, of
 * devices, of the host. Only the loader writes to RAM by itself, before
 * anything runs.
 */
#ifndef HART_MMU_STORES_H
#define HART_MMU_STORES_H

#include <string.h>

#include "hart/state/hart.h"

/* Stores `size` bytes, all in RAM, at pa. `by` is the hart within whose
 * instruction that happens, NULL for a store between slices, which belongs to
 * no hart; origin is an enum rvemu_origin. A running block that was made from
 * what is replaced is over after its present instruction (hart.c.attention). */
void store_to_ram(const struct siblings *all, struct hart *by, u64 pa,
                  const void *bytes, u64 size, unsigned origin);

/* The low `size` bytes of value, within one RAM page that has one of
 * FRAME_STORES, stored by an instruction: store_to_ram(), and quick where that
 * is a whole doubleword. */
void store_noticed(struct hart *h, u64 pa, unsigned size, u64 value);

/* The low `size` bytes of value, within one RAM page, stored by an
 * instruction. */
static inline void store_value(struct hart *h, u64 pa, unsigned size, u64 value)
{
    const struct ram *ram = &h->w.bus->ram;

    if (*ram_frame_flags(ram, pa) & FRAME_STORES)
        store_noticed(h, pa, size, value);
    else
        memcpy(ram_host(ram, pa), &value, size);
}

#endif
