/*
 * Forks, judged when a root is first loaded (copy-on-write) and when it
 * first runs a program (eager); see cow.h.
 *
 * Every root that maps, or has left, a frame of the new one at the same
 * address is a candidate. The parent is the one that shares the most
 * protected pages, of equals the one with the most shared pages. Siblings
 * that have stored nothing yet are equal to their parent in both: then the
 * judgement waits until the child runs, and the one that made an ecall where
 * the child begins is preferred. If there still are equals, the fork says how
 * many, and nobody is named.
 */
#include <stdlib.h>

#include "analysis/cow.h"

struct judgement {
    struct cow *cow;
    struct table *root;
    u64 number;
    u64 pc;             /* where the child begins, 0 while that is unknown */
    unsigned alike;     /* roots that are as good as the best */
    struct table *best; /* the parent as far as is known, NULL for none */
    u64 gone_shared;    /* protected pages that roots now gone have left */
    /* of the page in hand */
    u64 va;
    u64 pte;
    u64 pages;
    struct frame *frame;
};

static bool is_protected(const struct frame *frame, u64 pte)
{
    return frame->protected && !(pte & PTE_W);
}

static bool made_ecall(const struct table *root, u64 pc)
{
    for (unsigned i = 0; i < SPACE_ECALLS; i++) {
        if (root->ecall[i] && root->ecall[i] == pc)
            return true;
    }
    return false;
}

/* Above 0 when a is the likelier parent, 0 when nothing tells them apart. */
static int compare(const struct judgement *j, const struct table *a,
                   const struct table *b)
{
    if (a->votes.protected != b->votes.protected)
        return a->votes.protected > b->votes.protected ? 1 : -1;
    if (a->votes.shared != b->votes.shared)
        return a->votes.shared > b->votes.shared ? 1 : -1;
    return made_ecall(a, j->pc - 4) - made_ecall(b, j->pc - 4);
}

static void vote(struct judgement *j, struct table *root)
{
    if (root->votes.judgement != j->number) {
        root->votes.judgement = j->number;
        root->votes.shared = root->votes.protected = 0;
    }
    root->votes.shared += j->pages;
    if (is_protected(j->frame, j->pte))
        root->votes.protected += j->pages;
}

static void vote_path(void *arg, struct table *root, u64 va)
{
    struct judgement *j = arg;

    if (root != j->root && va == j->va)
        vote(j, root);
}

static void take_page(struct judgement *j, struct entry at, u64 va)
{
    unsigned level = at.table->level;

    j->va = va;
    j->pte = at.table->pte[at.index];
    j->pages = level_size(level) >> 12;
    j->frame =
        frames_find(&j->cow->spaces->frames, pte_frame(j->pte, level), level);
}

static void vote_leaf(void *arg, struct entry at, u64 va)
{
    struct judgement *j = arg;
    struct table *left;

    take_page(j, at, va);
    if (!j->frame)
        return;
    for (unsigned i = 0; i < j->frame->mappings; i++)
        spaces_each_path(j->frame->mapping[i], vote_path, j);
    if (!j->frame->left_root || j->frame->left_va != va ||
        !is_protected(j->frame, j->pte))
        return;
    left = spaces_root_by_id(j->cow->spaces, j->frame->left_root);
    if (left)
        vote(j, left);
    else
        j->gone_shared += j->pages;
}

/* Finds the root with the best votes, and how many are as good. */
static void elect(struct judgement *j)
{
    struct table *root;
    size_t at = 0;

    while ((root = map_next(&j->cow->spaces->roots, &at))) {
        int better = 1;

        if (root->votes.judgement != j->number)
            continue;
        if (j->best)
            better = compare(j, root, j->best);
        if (better > 0)
            j->best = root;
        if (better >= 0)
            j->alike = better ? 1 : j->alike + 1;
    }
}

static struct cow_fork *add_fork(struct cow *cow)
{
    struct cow_fork *grown;

    if (cow->forks == cow->room) {
        cow->room = cow->room ? 2 * cow->room : 16;
        grown = realloc(cow->fork, cow->room * sizeof(*grown));
        if (!grown) {
            cow->spaces->failed = true;
            return NULL;
        }
        cow->fork = grown;
    }
    cow->fork[cow->forks] = (struct cow_fork){0};
    return &cow->fork[cow->forks++];
}

/* Appends a page to the ranges that the fork protected. Pages come in order of
 * address. */
static void add_range(struct cow *cow, struct cow_fork *fork, u64 va, u64 pages)
{
    struct cow_range *last =
        fork->ranges ? &fork->range[fork->ranges - 1] : NULL;

    if (last && last->va + (last->pages << 12) == va) {
        last->pages += pages;
        return;
    }
    /* Room doubles: a count that is a power of two is full. */
    if (!(fork->ranges & (fork->ranges - 1))) {
        unsigned room = fork->ranges ? 2 * fork->ranges : 1;
        struct cow_range *grown =
            realloc(fork->range, room * sizeof(*fork->range));

        if (!grown) {
            cow->spaces->failed = true;
            return;
        }
        fork->range = grown;
    }
    fork->range[fork->ranges++] = (struct cow_range){va, pages};
}

/* The pages that are neither shared nor absent in the parent. */
static void count_own(void *arg, struct entry at, u64 va)
{
    struct judgement *j = arg;
    struct cow *cow = j->cow;
    struct cow_fork *fork = &cow->fork[cow->forks - 1];
    const struct table *parent = spaces_root(cow->spaces, fork->parent);
    u64 other = parent ? spaces_find(cow->spaces, parent, va, NULL) : 0;

    take_page(j, at, va);
    if (!j->frame)
        return;
    if (is_protected(j->frame, j->pte)) {
        j->frame->fork = cow->forks;
        add_range(cow, fork, va, j->pages);
        fork->copies += j->frame->left_copies;
        j->frame->left_copies = 0;
    } else if (pte_is_user(other) &&
               pte_frame(other, at.table->level) != j->frame->ppn) {
        fork->own += j->pages;
    }
}

static const struct cow_fork *settle_fork(struct judgement *j)
{
    struct cow *cow = j->cow;
    struct cow_fork *fork = add_fork(cow);
    const struct table *parent = j->best;

    if (!fork)
        return NULL;
    fork->child_id = j->root->id;
    fork->child = j->root->frame;
    fork->shared = fork->protected = j->gone_shared;
    if (parent) {
        fork->parent_id = parent->id;
        fork->parent = parent->frame;
        fork->alike = j->alike;
        fork->shared = parent->votes.shared;
        fork->protected = parent->votes.protected;
    }
    spaces_each_leaf(cow->spaces, j->root, count_own, j);
    cow->totals.forks++;
    cow->totals.shared += fork->shared;
    cow->totals.protected += fork->protected;
    return fork;
}

const struct cow_fork *cow_judge_root(struct cow *cow, struct table *root,
                                      u64 pc)
{
    struct judgement j = {
        .cow = cow, .root = root, .number = ++cow->judgements, .pc = pc};

    spaces_each_leaf(cow->spaces, root, vote_leaf, &j);
    elect(&j);
    if (j.best && j.gone_shared > j.best->votes.protected)
        j.best = NULL;
    if (j.best ? !j.best->votes.protected : !j.gone_shared)
        return NULL;
    if (j.best && j.alike > 1 && !pc)
        return NULL;
    return settle_fork(&j);
}

/* The 4 KiB frame that va translates to, 0 for none. */
static u64 frame_at(const struct spaces *spaces, const struct table *root,
                    u64 va)
{
    struct entry at;
    u64 pte = spaces_find(spaces, root, va, &at);

    if (!pte_is_user(pte))
        return 0;
    return pte_frame(pte, at.table->level) +
           ((va & (level_size(at.table->level) - 1)) >> 12);
}

bool cow_walk_fork(const struct cow *cow, const struct cow_fork *fork,
                   u64 *together, u64 *apart)
{
    const struct table *parent =
        spaces_root_by_id(cow->spaces, fork->parent_id);
    const struct table *child = spaces_root_by_id(cow->spaces, fork->child_id);

    *together = *apart = 0;
    if (!parent || !child)
        return false;
    for (unsigned i = 0; i < fork->ranges; i++) {
        for (u64 n = 0; n < fork->range[i].pages; n++) {
            u64 va = fork->range[i].va + (n << 12);
            u64 ours = frame_at(cow->spaces, parent, va);
            u64 theirs = frame_at(cow->spaces, child, va);

            if (ours && theirs)
                ++*(ours == theirs ? together : apart);
        }
    }
    return *together || *apart;
}

struct comparison {
    const struct spaces *spaces;
    const struct table *parent;
    bool differs; /* a page that the parent lacks or maps otherwise */
    u64 shared;
    u64 own;
};

static void compare_leaf(void *arg, struct entry at, u64 va)
{
    const u64 permissions = PTE_R | PTE_W | PTE_X | PTE_U;
    struct comparison *c = arg;
    u64 pte = at.table->pte[at.index];
    u64 pages = level_size(at.table->level) >> 12;
    struct entry there;
    u64 other = spaces_find(c->spaces, c->parent, va, &there);

    if (!pte_is_user(other) || there.table->level != at.table->level ||
        ((pte ^ other) & permissions))
        c->differs = true;
    else if (pte_frame(pte, at.table->level) ==
             pte_frame(other, at.table->level))
        c->shared += pages;
    else
        c->own += pages;
}

const struct cow_fork *cow_judge_start(struct cow *cow, struct table *root,
                                       u64 pc)
{
    struct cow_fork *fork = NULL;
    struct comparison best = {0};
    unsigned alike = 0;
    struct table *other;
    size_t at = 0;

    while ((other = map_next(&cow->spaces->roots, &at))) {
        struct comparison c = {.spaces = cow->spaces, .parent = other};

        if (other == root || !made_ecall(other, pc - 4))
            continue;
        spaces_each_leaf(cow->spaces, root, compare_leaf, &c);
        if (c.differs || !c.own)
            continue;
        best = c;
        alike++;
    }
    if (best.parent)
        fork = add_fork(cow);
    if (!fork)
        return NULL;
    fork->eager = true;
    fork->alike = alike;
    fork->parent = best.parent->frame;
    fork->child = root->frame;
    fork->shared = best.shared;
    fork->own = best.own;
    cow->totals.eager_forks++;
    cow->totals.eager_pages += best.own;
    return fork;
}
