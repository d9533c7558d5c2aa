/*
 * Page tables as a reader of memory sees them: rvemu_translate(). Privileged
 * spec, "Virtual Address Translation Process", without its rights, its A and D
 * and its PMP; the harts' own walk is hart/mmu/mmu.c.
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

int rvemu_translate(const rvemu *m, uint64_t satp, uint64_t va, uint64_t *pa)
{
    const struct ram *ram = &m->bus.ram;
    unsigned mode = satp_mode(satp);
    u64 table = satp_root(satp);

    *pa = va;
    if (mode == SATP_MODE_BARE)
        return 0;
    if (mode < SATP_MODE_SV39 || mode > SATP_MODE_SV57 ||
        !is_canonical(va, satp_levels(satp)))
        return -1;
    for (unsigned level = satp_levels(satp); level-- > 0;) {
        u64 at = table + (va >> (12 + 9 * level) & 511) * 8;
        u64 pte = ram_has(ram, at, 8) ? ram_load(ram, at, 8) : 0;

        if (pte_maps(pte)) {
            u64 inside = (1ull << (12 + 9 * level)) - 1;

            *pa = (pte_page(pte, at) & ~inside) | (va & inside);
            return 0;
        }
        if (!pte_points(pte))
            return -1;
        table = pte_target(pte);
    }
    return -1;
}
