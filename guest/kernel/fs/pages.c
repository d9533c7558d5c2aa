/* The page cache of one file; see pages.h. */
#include "fs/pages.h"

#include "lib/string.h"
#include "ram/frames.h"
#include "ram/slab.h"

#define LEAF 64 /* pages of a leaf */
#define COUNT_MIN 4

u64 pages_get(const struct pages *p, u64 index)
{
    u64 leaf = index / LEAF;

    return leaf < p->count && p->leaves[leaf] ? p->leaves[leaf][index % LEAF]
                                              : 0;
}

/* Makes room for `count` leaves, at least twice what there was. */
static bool grow(struct pages *p, u64 count)
{
    u64 **leaves;

    count = max_u64(count, max_u64(2 * p->count, COUNT_MIN));
    leaves = kzalloc(count * sizeof(*leaves));
    if (!leaves)
        return false;
    memcpy(leaves, p->leaves, p->count * sizeof(*leaves));
    kfree(p->leaves);
    p->leaves = leaves;
    p->count = count;
    return true;
}

u64 *pages_make(struct pages *p, u64 index)
{
    u64 leaf = index / LEAF;

    if (leaf >= p->count && !grow(p, leaf + 1))
        return NULL;
    if (!p->leaves[leaf])
        p->leaves[leaf] = kzalloc(LEAF * sizeof(u64));
    return p->leaves[leaf] ? &p->leaves[leaf][index % LEAF] : NULL;
}

static void drop_leaf(u64 *leaf, u64 from)
{
    for (u64 at = from; at < LEAF; at++) {
        if (leaf[at])
            frame_put(leaf[at]);
        leaf[at] = 0;
    }
}

void pages_drop(struct pages *p, u64 from)
{
    for (u64 leaf = from / LEAF; leaf < p->count; leaf++) {
        if (p->leaves[leaf])
            drop_leaf(p->leaves[leaf], leaf == from / LEAF ? from % LEAF : 0);
    }
}

void pages_free(struct pages *p)
{
    pages_drop(p, 0);
    for (u64 leaf = 0; leaf < p->count; leaf++)
        kfree(p->leaves[leaf]);
    kfree(p->leaves);
}
