/* Frames that no space holds; see kept.h. */
#include "analysis/kept.h"

struct holding {
    const struct lifetimes *l;
    struct map held; /* struct lifetime, by frame */
};

static void hold(struct holding *h, u64 ppn, u64 count)
{
    for (u64 i = 0; i < count; i++) {
        struct lifetime *life = map_get(&h->l->by_ppn, ppn + i);

        if (life && !map_put(&h->held, ppn + i, life))
            h->l->story->spaces.failed = true;
    }
}

/* Holds what a table leads to; alone: no other root leads to it. */
static void hold_below(struct holding *h, struct table *table, bool alone)
{
    const struct spaces *spaces = &h->l->story->spaces;

    alone &= table->parents <= 1;
    table->search = spaces->searches;
    hold(h, table->frame, 1);
    for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
        u64 pte = table_pte(table, i);
        struct table *child;

        if (pte_points(pte)) {
            child = spaces_child(spaces, table, i);
            if (child && child->search != spaces->searches)
                hold_below(h, child, alone);
        } else if (pte_is_user(pte) ||
                   (pte_maps(pte) && alone && !table->level)) {
            hold(h, pte_frame(pte, table->level),
                 level_size(table->level) >> 12);
        }
    }
}

u64 kept_count(const struct lifetimes *l)
{
    struct spaces *spaces = &l->story->spaces;
    struct holding h = {.l = l};
    const struct lifetime *life;
    struct table *root;
    u64 given = 0, held = 0;
    size_t at = 0;

    spaces->searches++;
    while ((root = map_next(&spaces->roots, &at)))
        if (root->ran && !lifetimes_is_free(l, root->frame))
            hold_below(&h, root, true);
    at = 0;
    while ((life = map_next(&l->by_ppn, &at)))
        given += !life->is_free;
    at = 0;
    while ((life = map_next(&h.held, &at)))
        held += !life->is_free;
    map_free(&h.held);
    return given - held;
}
