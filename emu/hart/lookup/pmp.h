/*
 * Physical memory protection: 16 entries, granularity 4 bytes.
 *
 * Privileged spec, "Physical Memory Protection". The lowest-numbered entry
 * that matches any byte of an access decides it; it must match all of them.
 * M-mode is bound by locked entries only; S and U need a match.
 *
 * The decoded ranges are rebuilt on every write, so that a check is a short
 * scan over the entries in use and none at all while none is.
 */
#ifndef HART_LOOKUP_PMP_H
#define HART_LOOKUP_PMP_H

#include "base/plain.h"
#include "base/types.h"

#define PMP_ENTRIES 16

#define PMP_R 1u
#define PMP_W 2u
#define PMP_X 4u
#define PMP_L 0x80u

struct pmp_range {
    u64 first; /* physical address of the first byte */
    u64 last;  /* of the last byte, inclusive: ranges may end at 2^64 */
    u8 cfg;
};

PLAIN_BEGIN
struct pmp_state {
    u8 cfg[PMP_ENTRIES];
    u64 addr[PMP_ENTRIES]; /* as the CSRs hold it: address bits 55..2 */
};
PLAIN_END

struct pmp {
    struct pmp_state s;
    bool there;     /* a hart without PMP may access everything */
    unsigned count; /* entries in range[], in order of priority */
    struct pmp_range range[PMP_ENTRIES];
};

/* All entries off; `there` says whether the hart has PMP at all. */
void pmp_reset(struct pmp *pmp, bool there);

/* s was replaced: makes the ranges anew. */
void pmp_restored(struct pmp *pmp);

/* pmpcfg2n holds eight bytes: entries 8n to 8n + 7. */
u64 pmp_read_cfg(const struct pmp *pmp, unsigned first_entry);
void pmp_write_cfg(struct pmp *pmp, unsigned first_entry, u64 value);
void pmp_write_addr(struct pmp *pmp, unsigned entry, u64 value);

/* Whether [pa, pa + size) may be accessed with all of need (PMP_R/W/X). */
static inline bool pmp_allows(const struct pmp *pmp, u64 pa, u64 size,
                              unsigned need, unsigned priv)
{
    u64 last = pa + size - 1;

    for (unsigned i = 0; i < pmp->count; i++) {
        const struct pmp_range *range = &pmp->range[i];

        if (last < range->first || pa > range->last)
            continue;
        if (pa < range->first || last > range->last)
            return false; /* the entry matches some bytes, not all */
        if (priv == 3 && !(range->cfg & PMP_L))
            return true;
        return (range->cfg & need) == need;
    }
    return priv == 3;
}

/* Whether the answer for every byte of the 4 KiB page at pa is one answer. */
static inline bool pmp_page_is_uniform(const struct pmp *pmp, u64 pa)
{
    u64 first = pa & -4096ull;
    u64 last = first + 4095;

    for (unsigned i = 0; i < pmp->count; i++) {
        const struct pmp_range *range = &pmp->range[i];

        if (last < range->first || first > range->last)
            continue;
        return first >= range->first && last <= range->last;
    }
    return true;
}

#endif
