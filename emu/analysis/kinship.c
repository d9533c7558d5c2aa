/* Calls and kinship; see kinship.h. */
#include "analysis/kinship.h"

#define COPIES_IN_ROW 8 /* looked at, of a page */

bool calls_have(const struct call *calls, u64 pc)
{
    for (unsigned i = 0; pc && i < SPACE_CALLS; i++)
        if (calls[i].pc == pc)
            return true;
    return false;
}

struct call *calls_last(const struct call *calls)
{
    const struct call *last = NULL;

    for (unsigned i = 0; i < SPACE_CALLS; i++)
        if (calls[i].pc && (!last || calls[i].time > last->time))
            last = &calls[i];
    return (struct call *)last;
}

struct call *calls_fork(struct call *calls, u64 pc, u64 lost, bool *sure)
{
    struct call *found = NULL;

    *sure = false;
    for (unsigned i = 0; i < SPACE_CALLS; i++) {
        struct call *call = &calls[i];

        if (call->pc != pc)
            continue;
        if (lost && call->time == lost && call->took_all && !call->claimed) {
            *sure = true;
            return call;
        }
        if (!found ||
            (found->claimed != call->claimed ? found->claimed
                                             : call->time > found->time))
            found = call;
    }
    return found;
}

static bool says_nothing(const struct call *call)
{
    return !call->protects || call->claimed;
}

/* Room for another call: the oldest of those that say the least. What is older
 * and says more moves up, so that all stay in the order of their times. */
static struct call *make_room(struct table *root)
{
    struct call *call = root->call;
    unsigned oldest = root->oldest_call, older = 0;

    while (older < SPACE_CALLS &&
           !says_nothing(&call[(oldest + older) % SPACE_CALLS]))
        older++;
    for (older %= SPACE_CALLS; older; older--)
        call[(oldest + older) % SPACE_CALLS] =
            call[(oldest + older - 1) % SPACE_CALLS];
    root->oldest_call = (oldest + 1) % SPACE_CALLS;
    return &call[oldest];
}

void calls_add(struct table *root, u64 pc, u64 time)
{
    struct call *call = make_room(root);

    *call = (struct call){.pc = pc, .time = time};
    /* 0 stands for no call. */
    root->last_call = pc ? call : calls_last(root->call);
}

/* Whether the root is known to have left this frame at va: for a copy, or when
 * it ended. */
static bool has_left(const struct frame *frame, unsigned root, bool ended,
                     u64 va)
{
    return (frame->copied || (ended && frame->protected)) &&
           frame->left_root == root && frame->left_va == va;
}

static void count_open(struct kinship *k, u64 parent, u64 child, u64 pages,
                       const struct table *table)
{
    struct cow_fork *fork = &k->fork;

    if (parent & child & PTE_W)
        fork->open_both += pages;
    else if (parent & PTE_W)
        fork->open_parent += pages;
    else if (child & PTE_W)
        fork->open_child += pages;
    if ((parent | child) & PTE_W && !fork->open_table)
        fork->open_table = table->frame;
}

/* Whether the parent lost W in the call that was the fork, and has got it back
 * since: it did not keep it. */
static bool was_taken(const struct kinship *k, const struct frame *frame,
                      u64 child)
{
    return frame->back && !frame->common && !(child & PTE_W) &&
           (!k->call || frame->lost == k->call->time);
}

/* A page that both map as one frame, or did when the child was made; parent is
 * 0 when that side has left it. The child has it in this table. */
static void take_shared(struct kinship *k, struct frame *frame, u64 parent,
                        u64 child, u64 va, const struct table *table)
{
    u64 pages = level_size(frame->level) >> 12;
    bool taken = was_taken(k, frame, child);
    bool lost = frame->lost && k->call && frame->lost == k->call->time &&
                (k->sure || taken);

    if (taken)
        parent &= ~PTE_W;
    k->fork.shared += pages;
    count_open(k, parent, child, pages, table);
    if (k->number && (parent | child) & PTE_W)
        cow_share(k->number, frame);
    if (!(frame->protected || taken) || (parent | child) & PTE_W)
        return;
    k->fork.protected += pages;
    if (!((parent | child) & PTE_X))
        k->data += pages;
    if (lost)
        k->fork.lost += pages;
    if (frame->lost > k->last_lost)
        k->last_lost = frame->lost;
    if (k->number)
        cow_protect(k->cow, k->number, frame, va, lost && !taken);
}

/* Whether a frame took the place of another by a copy, or by one of a copy, in
 * the life that this one has now. */
static bool is_copy_of(const struct kinship *k, const struct frame *frame,
                       const struct frame *old)
{
    for (unsigned i = 0; frame && frame->copy_of && i < COPIES_IN_ROW; i++) {
        const struct frame *before =
            frames_find(&k->cow->spaces->frames, frame->copy_of, old->level);

        if (!before || before->life != frame->copy_life)
            return false;
        if (before == old)
            return true;
        frame = before;
    }
    return false;
}

static void take_page(void *arg, struct entry at, u64 va)
{
    struct kinship *k = arg;
    const struct spaces *spaces = k->cow->spaces;
    unsigned level = at.table->level;
    u64 pte = entry_pte(at);
    struct entry there = {.table = NULL};
    u64 other = k->parent ? spaces_find(spaces, k->parent, va, &there) : 0;
    struct frame *frame =
        frames_find(&spaces->frames, pte_frame(pte, level), level);
    struct frame *others = NULL;

    k->pages += level_size(level) >> 12;
    if (!frame)
        return;
    if (!pte_is_user(other) || there.table->level != level)
        other = 0;
    if (other)
        others = frames_find(&spaces->frames, pte_frame(other, level), level);
    if (others == frame)
        take_shared(k, frame, other, pte, va, at.table);
    else if (has_left(frame, k->parent_id, !k->parent, va) ||
             is_copy_of(k, others, frame))
        take_shared(k, frame, 0, pte, va, at.table);
    else if (others && (has_left(others, k->child->id, false, va) ||
                        is_copy_of(k, frame, others)))
        take_shared(k, others, other, 0, va, at.table);
    else if (other)
        k->fork.own += level_size(level) >> 12;
}

void kinship_compare(struct kinship *k)
{
    struct cow_range *range = k->fork.range;

    k->fork = (struct cow_fork){.range = range};
    k->pages = k->data = 0;
    spaces_each_leaf(k->cow->spaces, k->child, take_page, k);
}

/* Above 0 when a is the likelier parent, 0 when nothing tells them apart. */
static int compare_kin(const struct kinship *a, const struct kinship *b)
{
    if (a->fork.protected != b->fork.protected)
        return a->fork.protected > b->fork.protected ? 1 : -1;
    if (a->fork.shared != b->fork.shared)
        return a->fork.shared > b->fork.shared ? 1 : -1;
    return (a->fork.own > b->fork.own) - (a->fork.own < b->fork.own);
}

void kinship_consider(struct kinship *best, struct kinship *k)
{
    int better = 1;

    kinship_compare(k);
    if (k->pages && !k->fork.shared && !k->fork.own)
        return; /* nothing in common */
    k->call = calls_fork(k->calls, k->pc, k->last_lost, &k->sure);
    if (best->call)
        better = compare_kin(k, best);
    if (better > 0)
        *best = *k;
    else if (!better) {
        best->alike++;
        best->sure = false;
    }
}

/* The search for who made a child that has not run yet. */
struct birth {
    struct cow *cow;
    struct table *child;
    struct kinship best;
    u64 most; /* pages that a fork can have protected */
};

static void count_protected(void *arg, struct entry at, u64 va)
{
    struct birth *birth = arg;
    u64 pte = entry_pte(at);
    unsigned level = at.table->level;
    const struct frame *frame =
        frames_find(&birth->cow->spaces->frames, pte_frame(pte, level), level);

    if (frame && frame->protected && !(pte & PTE_W))
        birth->most += level_size(level) >> 12;
}

/* Whether two roots are as likely as one can be: then it is neither. */
static bool is_undecided(const struct birth *birth)
{
    const struct kinship *best = &birth->best;

    return best->alike && best->fork.shared == best->pages &&
           best->fork.protected == birth->most;
}

static void consider_root(void *arg, struct table *root, u64 va)
{
    struct birth *birth = arg;
    const struct call *last;
    struct kinship k;

    if (root->search == birth->cow->spaces->searches || root == birth->child ||
        is_undecided(birth))
        return;
    root->search = birth->cow->spaces->searches;
    last = root->last_call;
    if (!last)
        return;
    k = (struct kinship){.cow = birth->cow,
                         .child = birth->child,
                         .parent = root,
                         .parent_id = root->id,
                         .calls = root->call,
                         .pc = last->pc};
    kinship_consider(&birth->best, &k);
}

/* Those that share a protected frame with the child, or have left it. */
static void consider_sharers(void *arg, struct entry at, u64 va)
{
    struct birth *birth = arg;
    struct spaces *spaces = birth->cow->spaces;
    u64 pte = entry_pte(at);
    const struct frame *frame = frames_find(
        &spaces->frames, pte_frame(pte, at.table->level), at.table->level);
    struct table *left;

    if (!frame || !frame->protected || pte & PTE_W)
        return;
    for (unsigned i = 0; i < frame->mappings && !is_undecided(birth); i++)
        spaces_each_path(spaces, frame->mapping[i], consider_root, birth);
    left = spaces_root_by_id(spaces, frame->left_root);
    if (left)
        consider_root(birth, left, va);
}

/* A child that has left a frame may share it all the same, and with any root.
 */
struct kinship kinship_find(struct cow *cow, struct table *child)
{
    struct birth birth = {.cow = cow, .child = child};
    struct table *root;
    size_t at = 0;

    cow->spaces->searches++;
    spaces_each_leaf(cow->spaces, child, count_protected, &birth);
    if (!child->has_left)
        spaces_each_leaf(cow->spaces, child, consider_sharers, &birth);
    while (child->has_left && (root = map_next(&cow->spaces->roots, &at)))
        consider_root(&birth, root, 0);
    return birth.best;
}
