/* What a store to RAM means; see stores.h. */
#include "hart/mmu/stores.h"

#include "base/bits.h"
#include "hart/code/blocks.h"
#include "hart/mmu/fetched.h"
#include "hart/mmu/suspects.h"
#include "hart/mmu/tables.h"
#include "hart/mmu/watching.h"

/* Stores to these are taken apart into doublewords. */
#define FRAME_WORDS (FRAME_TABLE | FRAME_REGISTERS | FRAME_WALKED)

/* The aligned doubleword at pa, in a frame with these flags, becomes `new`. */
static void store_word(const struct siblings *all, struct hart *by, u64 pa,
                       u64 new, u8 flags, unsigned origin)
{
    const struct ram *ram = &all->bus->ram;
    u64 old = load_le64(ram_host(ram, pa));

    if (flags & FRAME_TABLE && all->ahead && new != old) {
        tables_about_to_store(all->tables, pa, new);
        flags = *ram_frame_flags(ram, pa);
    }
    memcpy(ram_host(ram, pa), &new, sizeof(new));
    if (flags & FRAME_TABLE && new != old)
        tables_stored(all->tables, by, pa, old, origin);
    if (flags & FRAME_WALKED)
        suspects_stored(all, pa, old);
}

/* Doublewords change one after the other: when the first of two page-table
 * entries is followed, the second still is what it was. */
static void store_words(const struct siblings *all, struct hart *by, u64 pa,
                        const u8 *bytes, u64 size, u8 flags, unsigned origin)
{
    const struct ram *ram = &all->bus->ram;

    while (size) {
        u64 part = least(8 - (pa & 7), size), word = align_down(pa, 8);
        u64 new = load_le64(ram_host(ram, word));

        memcpy((u8 *)&new + (pa & 7), bytes, part);
        store_word(all, by, word, new, flags, origin);
        if (flags & FRAME_REGISTERS && origin == RVEMU_ORIGIN_HART)
            bus_stored(all->bus, pa, part);
        pa += part;
        bytes += part;
        size -= part;
    }
}

/* The decoded code of [pa, pa + size) is void. Whichever hart runs leaves its
 * block; to the others it makes no difference. */
static void drop_code(const struct siblings *all, u64 pa, u64 size)
{
    if (blocks_stored(all->blocks, pa, (unsigned)size))
        for (unsigned i = 0; i < all->count; i++)
            all->hart[i]->c.attention = true;
}

/* A store that lies within one page. */
static void store_in_page(const struct siblings *all, struct hart *by, u64 pa,
                          const u8 *bytes, u64 size, unsigned origin)
{
    const struct ram *ram = &all->bus->ram;
    u8 flags = ram_about_to_store(ram, pa);

    if (flags & FRAME_FETCHED)
        fetched_stored(all, by, pa, bytes, size, origin);
    if (flags & FRAME_WORDS)
        store_words(all, by, pa, bytes, size, flags, origin);
    else
        memcpy(ram_host(ram, pa), bytes, size);
    if (flags & FRAME_CODE)
        drop_code(all, pa, size);
}

void store_noticed(struct hart *h, u64 pa, unsigned size, u64 value)
{
    const struct siblings *all = h->w.siblings;
    u8 flags = ram_about_to_store(&all->bus->ram, pa);

    if (!(flags & (FRAME_CODE | FRAME_FETCHED | FRAME_REGISTERS)) &&
        size == 8 && !(pa & 7))
        store_word(all, h, pa, value, flags, RVEMU_ORIGIN_HART);
    else
        store_to_ram(all, h, pa, &value, size, RVEMU_ORIGIN_HART);
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

        if (watching(all) &&
            (origin == RVEMU_ORIGIN_DEVICE || origin == RVEMU_ORIGIN_WALKER))
            watching_store_of(all, by, pa, from, part, origin);
        store_in_page(all, by, pa, from, part, origin);
        pa += part;
        from += part;
        size -= part;
    }
}
