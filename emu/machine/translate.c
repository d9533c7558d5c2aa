/*
 * Page tables as a reader of memory sees them: rvemu_walk() and
 * rvemu_translate(). Privileged spec, "Virtual Address Translation Process",
 * without its rights, its A and D and its PMP; the harts' own walk is
 * hart/mmu/mmu.c.
 */
#include "base/bits.h"
#include "isa/pte.h"
#include "machine/machine.h"

/* Whether the bits above a mode's virtual addresses repeat its highest. */
static bool is_canonical(u64 va, unsigned levels)
{
    unsigned unused = 64 - (12 + 9 * levels);

    return (u64)((i64)(va << unused) >> unused) == va;
}

void rvemu_walk(const rvemu *m, uint64_t satp, uint64_t va,
                struct rvemu_walk *walk)
{
    const struct ram *ram = &m->bus.ram;
    unsigned mode = satp_mode(satp);
    u64 table = satp_root(satp);

    *walk = (struct rvemu_walk){.is_off = mode == SATP_MODE_BARE};
    if (mode < SATP_MODE_SV39 || mode > SATP_MODE_SV57 ||
        !is_canonical(va, satp_levels(satp)))
        return;
    for (unsigned level = satp_levels(satp); level-- > 0;) {
        u64 at = table + (va >> (12 + 9 * level) & 511) * 8;
        struct rvemu_walk_entry *entry = &walk->entry[walk->count++];

        *entry = (struct rvemu_walk_entry){.level = level, .pa = at};
        walk->is_outside = !ram_has(ram, at, 8);
        if (walk->is_outside)
            return;
        entry->pte = ram_load(ram, at, 8);
        walk->is_mapped = pte_maps(entry->pte);
        if (!pte_points(entry->pte))
            return;
        table = pte_target(entry->pte);
    }
}

int rvemu_translate(const rvemu *m, uint64_t satp, uint64_t va, uint64_t *pa)
{
    const struct rvemu_walk_entry *leaf;
    struct rvemu_walk walk;
    u64 inside;

    *pa = va;
    rvemu_walk(m, satp, va, &walk);
    if (walk.is_off)
        return 0;
    if (!walk.is_mapped)
        return -1;
    leaf = &walk.entry[walk.count - 1];
    inside = (1ull << (12 + 9 * leaf->level)) - 1;
    *pa = (pte_page(leaf->pte, leaf->pa) & ~inside) | (va & inside);
    return 0;
}
