/* What a store to RAM means; see stores.h. */
#include "hart/mmu/stores.h"

#include "base/bits.h"
#include "hart/code/blocks.h"
#include "hart/mmu/suspects.h"
#include "hart/mmu/tables.h"

/* A store that lies within one aligned doubleword. */
static void store_word(const struct siblings *all, struct hart *by, u64 pa,
                       const u8 *bytes, u64 size, unsigned origin)
{
    const struct ram *ram = &all->bus->ram;
    u64 word = align_down(pa, 8);
    u64 old;

    memcpy(&old, ram_host(ram, word), sizeof(old));
    memcpy(ram_host(ram, pa), bytes, size);
    tables_stored(all->tables, by, word, old, origin);
    if (*ram_frame_flags(ram, word) & FRAME_WALKED)
        suspects_stored(all, word, old);
    if (origin == RVEMU_ORIGIN_HART)
        bus_stored(all->bus, pa, size);
}

/* Doublewords change one after the other: when the first of two page-table
 * entries is followed, the second still is what it was. */
static void store_words(const struct siblings *all, struct hart *by, u64 pa,
                        const u8 *bytes, u64 size, unsigned origin)
{
    while (size) {
        u64 part = least(8 - (pa & 7), size);

        store_word(all, by, pa, bytes, part, origin);
        pa += part;
        bytes += part;
        size -= part;
    }
}

/* Whichever hart runs leaves its block; to the others it makes no difference.
 */
static void leave_blocks(const struct siblings *all)
{
    for (unsigned i = 0; i < all->count; i++)
        all->hart[i]->c.attention = true;
}

/* A store that lies within one page. */
static void store_in_page(const struct siblings *all, struct hart *by, u64 pa,
                          const u8 *bytes, u64 size, unsigned origin)
{
    const struct ram *ram = &all->bus->ram;
    u8 flags = *ram_frame_flags(ram, pa);

    if (flags & (FRAME_TABLE | FRAME_REGISTERS | FRAME_WALKED))
        store_words(all, by, pa, bytes, size, origin);
    else
        memcpy(ram_host(ram, pa), bytes, size);
    if (flags & FRAME_CODE && blocks_stored(all->blocks, pa, (unsigned)size))
        leave_blocks(all);
}

/* A hart's own stores leave its reservation alone, and so do those of its
 * walker; no other hart's can come within its turn. */
static void break_reservations(const struct siblings *all, u64 pa, u64 size)
{
    for (unsigned i = 0; i < all->count; i++) {
        struct hart *h = all->hart[i];
        u64 word = align_down(h->s.reserved_pa, 8);

        if (h->s.reserved && word < pa + size && pa < word + 8)
            h->s.reserved = false;
    }
}

void store_to_ram(const struct siblings *all, struct hart *by, u64 pa,
                  const void *bytes, u64 size, unsigned origin)
{
    const u8 *from = bytes;

    if (origin == RVEMU_ORIGIN_DEVICE || origin == RVEMU_ORIGIN_HOST)
        break_reservations(all, pa, size);
    while (size) {
        u64 part = least(PAGE_SIZE - (pa & (PAGE_SIZE - 1)), size);

        store_in_page(all, by, pa, from, part, origin);
        pa += part;
        from += part;
        size -= part;
    }
}
