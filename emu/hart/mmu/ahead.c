/* Harts that walk ahead; see ahead.h. */
#include "hart/mmu/ahead.h"

#include "base/bits.h"
#include "hart/mmu/suspects.h"
#include "isa/pte.h"

#define ENTRIES 512
#define LEAVES 65536 /* that are walked to at once, at most */

/* A tree of tables, and what is walked to in it. */
struct tree {
    struct hart *hart;
    unsigned width; /* of a virtual address */
    unsigned left;  /* leaves */
};

static bool read_entry(const struct hart *h, u64 pa, u64 *pte)
{
    if (!ram_has_page(&h->w.bus->ram, pa))
        return false;
    *pte = load_le64(ram_host(&h->w.bus->ram, pa));
    return true;
}

static void walk_tree(struct tree *tree, u64 table, unsigned level, u64 base)
{
    u64 pte;

    for (u64 i = 0; i < ENTRIES && tree->left; i++) {
        u64 va = base | i << (12 + 9 * level);

        if (!read_entry(tree->hart, table + 8 * i, &pte))
            return;
        if (pte_points(pte) && level) {
            walk_tree(tree, pte_target(pte), level - 1, va);
        } else if (pte_maps(pte) && pte & PTE_A) {
            tree->left--;
            tree->hart->w.siblings->walk_ahead(tree->hart,
                                               sext(va, tree->width));
        }
    }
}

/* Whether a walk of the hart for va comes by the entry at pa. */
static bool comes_by(const struct hart *h, u64 va, unsigned level, u64 pa)
{
    u64 satp = h->s.csr.satp;
    u64 table = satp_root(satp), pte;
    unsigned at;

    if (satp_mode(satp) == SATP_MODE_BARE)
        return false;
    for (at = satp_levels(satp) - 1; at >= level; at--) {
        u64 entry = table + (va >> (12 + 9 * at) & (ENTRIES - 1)) * 8;

        if (at == level)
            return entry == pa;
        if (!read_entry(h, entry, &pte) || !pte_points(pte))
            return false;
        table = pte_target(pte);
    }
    return false;
}

/* The hart walks by what is in its satp. */
static void walk_ahead(struct hart *h, u64 va, unsigned level, u64 pa, u64 new)
{
    struct tree tree = {.hart = h, .left = LEAVES};
    u64 old;

    if (!comes_by(h, va, level, pa) || !read_entry(h, pa, &old) ||
        !pte_differs(old, new))
        return;
    tree.width = 12 + 9 * satp_levels(h->s.csr.satp);
    if (pte_points(old) && level)
        walk_tree(&tree, pte_target(old), level - 1, va);
    else
        h->w.siblings->walk_ahead(h, va);
}

static u64 *changed(const struct siblings *all, u64 pa)
{
    u64 word = pa >> 3;

    return &all->ahead->changed[(word ^ word >> 12) % AHEAD_PLACES];
}

void ahead_of_store(const struct siblings *all, u64 va, unsigned level, u64 pa,
                    u64 new)
{
    u64 *last = changed(all, pa);

    for (unsigned i = 0; i < all->count; i++) {
        struct hart *h = all->hart[i];
        struct ahead_roots *roots = &h->s.ahead;
        u64 satp = h->s.csr.satp;

        walk_ahead(h, va, level, pa, new);
        for (unsigned n = 0; n < AHEAD_ROOTS; n++) {
            if (!roots->satp[n] || roots->left[n] <= *last)
                continue;
            h->s.csr.satp = roots->satp[n];
            walk_ahead(h, va, level, pa, new);
        }
        h->s.csr.satp = satp;
    }
    *last = clock_now(all->clock);
}

/* Where the leaf for va lies by the hart's satp; 0: there is none with A. */
static u64 find_leaf(const struct hart *h, u64 va)
{
    u64 table = satp_root(h->s.csr.satp), pte = 0;
    unsigned level = satp_levels(h->s.csr.satp);

    while (level-- > 0) {
        u64 pa = table + (va >> (12 + 9 * level) & (ENTRIES - 1)) * 8;

        if (!read_entry(h, pa, &pte) || !(pte & PTE_V))
            return 0;
        if (pte_is_leaf(pte))
            return pte & PTE_A ? pa : 0;
        table = pte_target(pte);
    }
    return 0;
}

bool ahead_of_walk(struct hart *h, u64 va)
{
    const struct siblings *all = h->w.siblings;
    const struct ahead_roots *roots = &h->s.ahead;
    u64 satp = h->s.csr.satp;
    struct tlb_entry *entry = NULL;

    for (unsigned i = 0; i < AHEAD_ROOTS && !entry; i++) {
        u64 pa;

        if (!roots->satp[i] || satp_asid(roots->satp[i]) != satp_asid(satp) ||
            satp_root(roots->satp[i]) == satp_root(satp))
            continue;
        h->s.csr.satp = roots->satp[i];
        pa = find_leaf(h, va);
        if (pa && *changed(all, pa) < roots->left[i]) {
            all->walk_ahead(h, va);
            entry = tlb_find(&h->tlb, va, satp_asid(satp));
        }
    }
    h->s.csr.satp = satp;
    if (entry)
        suspects_judge_root(all, h, entry);
    return entry != NULL;
}

void ahead_of_satp(struct hart *h)
{
    struct ahead_roots *roots = &h->s.ahead;
    u64 satp = h->s.csr.satp;
    unsigned at = 0;

    if (satp_mode(satp) == SATP_MODE_BARE)
        return;
    while (at < AHEAD_ROOTS && roots->satp[at] != satp)
        at++;
    if (at == AHEAD_ROOTS)
        at = (unsigned)(roots->next++ % AHEAD_ROOTS);
    roots->satp[at] = satp;
    roots->left[at] = clock_now(h->w.clock);
}

void ahead_of_fence(struct hart *h, const u16 *asid)
{
    struct ahead_roots *roots = &h->s.ahead;

    for (unsigned i = 0; i < AHEAD_ROOTS; i++)
        if (!asid || satp_asid(roots->satp[i]) == *asid)
            roots->satp[i] = 0;
}
