/* Physical memory protection; see pmp.h. */
#include "hart/lookup/pmp.h"

enum pmp_mode { PMP_OFF, PMP_TOR, PMP_NA4, PMP_NAPOT };

#define PMP_ADDR_MASK ((1ull << 54) - 1)

static unsigned mode_of(u8 cfg)
{
    return cfg >> 3 & 3;
}

/* The range of one entry; false when it is empty or off. */
static bool decode_entry(const struct pmp *pmp, unsigned i,
                         struct pmp_range *range)
{
    u64 addr = pmp->s.addr[i];
    u64 low_ones;

    range->cfg = pmp->s.cfg[i];
    switch (mode_of(pmp->s.cfg[i])) {
    case PMP_TOR:
        range->first = i ? pmp->s.addr[i - 1] << 2 : 0;
        range->last = (addr << 2) - 1;
        return addr << 2 > range->first;
    case PMP_NA4:
        range->first = addr << 2;
        range->last = range->first + 3;
        return true;
    case PMP_NAPOT:
        low_ones = addr ^ (addr + 1); /* the trailing ones and the zero */
        range->first = (addr & ~low_ones) << 2;
        range->last = range->first + (low_ones << 2 | 3);
        return true;
    default: return false;
    }
}

void pmp_restored(struct pmp *pmp)
{
    pmp->count = 0;
    if (!pmp->there)
        pmp->range[pmp->count++] =
            (struct pmp_range){0, ~0ull, PMP_R | PMP_W | PMP_X};
    for (unsigned i = 0; i < PMP_ENTRIES; i++)
        if (decode_entry(pmp, i, &pmp->range[pmp->count]))
            pmp->count++;
}

void pmp_reset(struct pmp *pmp, bool there)
{
    *pmp = (struct pmp){.there = there};
    pmp_restored(pmp);
}

u64 pmp_read_cfg(const struct pmp *pmp, unsigned first_entry)
{
    u64 value = 0;

    for (unsigned i = 0; i < 8; i++)
        value |= (u64)pmp->s.cfg[first_entry + i] << 8 * i;
    return value;
}

void pmp_write_cfg(struct pmp *pmp, unsigned first_entry, u64 value)
{
    for (unsigned i = 0; i < 8; i++) {
        u8 cfg = (u8)(value >> 8 * i) & (PMP_L | 0x1f);
        u8 *place = &pmp->s.cfg[first_entry + i];

        if (*place & PMP_L)
            continue;
        if ((cfg & (PMP_R | PMP_W)) == PMP_W) /* reserved: keep the old */
            cfg = (u8)((cfg & ~7u) | (*place & 7u));
        *place = cfg;
    }
    pmp_restored(pmp);
}

void pmp_write_addr(struct pmp *pmp, unsigned entry, u64 value)
{
    u8 above = entry + 1 < PMP_ENTRIES ? pmp->s.cfg[entry + 1] : 0;

    if (pmp->s.cfg[entry] & PMP_L)
        return;
    if ((above & PMP_L) && mode_of(above) == PMP_TOR)
        return;
    pmp->s.addr[entry] = value & PMP_ADDR_MASK;
    pmp_restored(pmp);
}
