/* Harts that walk ahead; see ahead.h. */
#include "hart/mmu/ahead.h"

#include "base/bits.h"
#include "hart/mmu/mmu.h"

#define ENTRIES 512
#define LEAVES 65536 /* that are walked to at once, at most */

/* A tree of tables, and what is walked to in it. */
struct tree {
    struct hart *hart;
    unsigned width; /* of a virtual address */
    unsigned left;  /* leaves */
    bool own;       /* global ones are left out */
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
        if (!(pte & PTE_V) || (tree->own && pte & PTE_G))
            continue;
        if (pte_points(pte) && level) {
            walk_tree(tree, pte_target(pte), level - 1, va);
        } else if (pte_is_leaf(pte) && pte & PTE_A) {
            tree->left--;
            mmu_walk_ahead(tree->hart, sext(va, tree->width));
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

static struct tree tree_of(struct hart *h)
{
    return (struct tree){.hart = h,
                         .width = 12 + 9 * satp_levels(h->s.csr.satp),
                         .left = LEAVES};
}

void ahead_of_store(const struct siblings *all, u64 va, unsigned level, u64 pa,
                    u64 new)
{
    u64 old;

    for (unsigned i = 0; i < all->count; i++) {
        struct hart *h = all->hart[i];
        struct tree tree;

        if (!comes_by(h, va, level, pa) || !read_entry(h, pa, &old) ||
            !pte_differs(old, new))
            continue;
        tree = tree_of(h);
        if (pte_points(old) && level)
            walk_tree(&tree, pte_target(old), level - 1, va);
        else
            mmu_walk_ahead(h, va);
    }
}

void ahead_of_satp(struct hart *h)
{
    u64 satp = h->s.csr.satp;
    struct tree tree;

    if (satp_mode(satp) == SATP_MODE_BARE)
        return;
    tree = tree_of(h);
    tree.own = true;
    walk_tree(&tree, satp_root(satp), satp_levels(satp) - 1, 0);
}
