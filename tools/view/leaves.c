/* Leaves of page tables; see leaves.h. */
#include "view/leaves.h"

#define SATP_MODE 60
#define SV39 8
#define SV57 10
#define ENTRIES 512

struct walker {
    const rvemu *machine;
    leaf_fn *call;
    void *arg;
    unsigned top; /* level of the root's entries */
};

/* An address with the bits above its translation's like the highest of it. */
static uint64_t sign_extend(uint64_t va, unsigned top)
{
    unsigned bits = 12 + 9 * (top + 1);

    return (uint64_t)((int64_t)(va << (64 - bits)) >> (64 - bits));
}

static void walk_table(const struct walker *w, uint64_t ppn, unsigned level,
                       uint64_t va)
{
    uint64_t entry[ENTRIES];

    if (rvemu_read_ram(w->machine, ppn * LEAVES_PAGE, entry, sizeof(entry)) < 0)
        return;
    for (unsigned i = 0; i < ENTRIES; i++) {
        uint64_t at = va | (uint64_t)i << (12 + 9 * level);

        if (!(entry[i] & PTE_V))
            continue;
        if (entry[i] & (PTE_R | PTE_X)) {
            if (entry[i] & PTE_U)
                w->call(w->arg, sign_extend(at, w->top), level, entry[i]);
        } else if (level) {
            walk_table(w, pte_ppn(entry[i]), level - 1, at);
        }
    }
}

void leaves_each(const rvemu *machine, uint64_t satp, leaf_fn *call, void *arg)
{
    unsigned mode = (unsigned)(satp >> SATP_MODE);
    struct walker w = {machine, call, arg, mode - SV39 + 2};

    if (mode >= SV39 && mode <= SV57)
        walk_table(&w, satp & ((UINT64_C(1) << 44) - 1), w.top, 0);
}

void pte_rights(uint64_t pte, char out[4])
{
    out[0] = pte & PTE_R ? 'r' : '-';
    out[1] = pte & PTE_W ? 'w' : '-';
    out[2] = pte & PTE_X ? 'x' : '-';
    out[3] = '\0';
}
