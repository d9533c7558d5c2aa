/* Uses of stale translations; see stale.h. */
#include "analysis/stale.h"

#include <inttypes.h>
#include <stdio.h>

void stale_writer(const struct stale *stale, u64 pte_pa, struct facts *facts)
{
    const struct write *write =
        pte_pa ? writes_find(&stale->writes, pte_pa) : NULL;

    if (write)
        story_written(stale->story, write->pc, facts);
}

/* Names where the hart got the root that it has in satp, or gives its address.
 */
static void name_satp(const struct stale *stale, unsigned hart,
                      struct facts *facts)
{
    const struct stay *now = stays_now(stale->stays, hart);

    if (!now || !now->pc)
        return;
    story_written(stale->story, now->pc, facts);
    if (facts->say_written == SAY_NOTHING) { /* a trampoline, for one */
        snprintf(facts->writer, PLACE_TEXT, "0x%" PRIx64, now->pc);
        facts->say_written = SAY_WRITTEN_LINE;
    }
}

/* Names the access, and who changed the entry, or satp. */
static void name_use(struct stale *stale, const struct stale_access *use,
                     const struct window *window, struct facts *facts)
{
    const struct rvemu_event *event = use->event;
    struct story *story = stale->story;
    const struct access access = {.root = use->root->frame,
                                  .va = use->va,
                                  .pc = event->pc,
                                  .leaf = use->cached,
                                  .priv = event->priv,
                                  .hart = event->hart,
                                  .is_fetch =
                                      use->access == RVEMU_ACCESS_FETCH};

    if (event->priv == 0)
        naming_run(&story->naming, use->root->frame, event->pc);
    naming_access(&story->naming, &access, &facts->place);
    if (use->other || !window->pte_pa)
        name_satp(stale, event->hart, facts);
    else if (window->pc)
        story_written(stale->story, window->pc, facts);
    facts->who = story_name(story, use->root);
    story_place(story, use->root->frame, facts);
}

/* What the old leaf still allows, or reaches, and the table does not. */
static void choose(const struct stale_access *use, const struct facts *facts,
                   struct window *window)
{
    bool certain = window->certain;
    bool fetches = use->access == RVEMU_ACCESS_FETCH;

    if (use->other || !window->pte_pa)
        window->unseen = certain ? SAY_STALE_SPACE : SAY_MAY_SPACE;
    else if (!leaf_maps(use->now))
        window->unseen = !certain  ? SAY_MAY_ABSENT
                         : fetches ? SAY_STALE_TEXT
                                   : SAY_STALE_ABSENT;
    else if (facts->frame != facts->old)
        window->unseen = certain ? SAY_STALE_FRAME : SAY_MAY_FRAME;
    else if (!certain)
        window->unseen = SAY_MAY_RIGHTS;
    else
        window->unseen = facts->others ? SAY_STALE_SHARED : SAY_STALE_RIGHTS;
    window->sentence =
        window->unseen == SAY_STALE_RIGHTS ? SAY_STALE_SHARED : window->unseen;
}

/* Whether a fork, and nothing else, took W from the frame. */
static bool was_forked(const struct story *story, const struct window *window)
{
    const struct frame *frame =
        frames_find(&story->spaces.frames, window->frame, window->at.level);

    return frame && frame->by_fork;
}

void stale_facts(struct stale *stale, const struct stale_access *use,
                 struct window *window, struct facts *facts)
{
    struct story *story = stale->story;
    unsigned level = window->at.level;
    struct table *one = NULL;
    u64 others;

    window->id = use->root->id;
    window->time = use->event->time;
    window->stores = use->access == RVEMU_ACCESS_STORE;
    facts->va = use->va;
    facts->size = level_size(level);
    facts->old = window->frame;
    facts->frame = pte_frame(use->now, level);
    facts->asid = window->at.asid;
    facts->say_act =
        story_act(use->event->priv,
                  story->call[use->event->hart] == use->root->id, use->cached);
    facts->say_does = SAY_FETCHES + (enum sentence)use->access;
    facts->hart = use->event->hart + 1u;
    name_use(stale, use, window, facts);
    story_permissions(use->now, facts->permissions);
    others = spaces_others(&story->spaces, facts->old, level, use->root, false,
                           &one);
    story_others(story, facts, others, one);
    if (use->other)
        facts->other =
            story_name(story, spaces_root_by_id(&story->spaces, use->other));
    facts->say_since_when =
        was_forked(story, window) ? SAY_SINCE_FORK : SAY_NOW;
    choose(use, facts, window);
}

/* Whose the TLB entry is that answered: id of a root that is not the one in
 * satp, or 0. */
struct owner {
    const struct table *root;
    unsigned id;
    bool is_own;
};

static void own(void *arg, struct table *root, u64 va)
{
    struct owner *owner = arg;

    owner->is_own |= root == owner->root;
    owner->id = root->id;
}

/* A root that satp had with the same ASID, and that maps there what the TLB
 * has. */
static unsigned find_earlier(const struct stale *stale, unsigned hart,
                             const struct rvemu_ev_stale_use *use,
                             const struct table *root)
{
    const struct spaces *spaces = &stale->story->spaces;
    const struct stay *stay =
        stays_with_asid(stale->stays, hart, satp_asid(use->satp));

    for (; stay; stay = stay->same_asid) {
        const struct table *other = spaces_root(spaces, stay->root);
        u64 leaf = other && other != root
                       ? spaces_find(spaces, other, use->va, NULL)
                       : 0;

        if (leaf && pte_target(leaf) == pte_target(use->cached))
            return other->id;
    }
    return 0;
}

static unsigned find_other(struct stale *stale, unsigned hart,
                           const struct rvemu_ev_stale_use *use,
                           const struct table *root)
{
    struct spaces *spaces = &stale->story->spaces;
    struct owner owner = {.root = root};
    struct entry at = {map_get(&spaces->tables, use->pte_pa >> 12),
                       (unsigned)(use->pte_pa >> 3) % TABLE_ENTRIES};

    if (!use->pte_pa)
        return find_earlier(stale, hart, use, root);
    if (at.table)
        spaces_each_path(spaces, at, own, &owner);
    return owner.is_own ? 0 : owner.id;
}

/* Whether an entry that pointed to a table is what has changed. */
static bool is_above_leaf(const struct stale *stale,
                          const struct rvemu_ev_stale_use *use)
{
    const struct table *table =
        map_get(&stale->story->spaces.tables, use->pte_pa >> 12);

    return table && table->level > use->level;
}

void stale_use(struct stale *stale, const struct rvemu_event *event)
{
    const struct rvemu_ev_stale_use *use = &event->stale_use;
    struct story *story = stale->story;
    const struct write *write = writes_find(&stale->writes, use->pte_pa);
    bool known = write && write->time == use->since;
    struct stale_access access = {
        .event = event,
        .root = spaces_root(&story->spaces, satp_frame(use->satp)),
        .va = use->va,
        .access = (unsigned)use->access,
        .cached = use->cached,
        .now = use->now};
    struct window window = {.at = {.va = use->va,
                                   .level = (unsigned)use->level,
                                   .asid = satp_asid(use->satp),
                                   .hart = event->hart},
                            .certain = true,
                            .pte_pa = use->pte_pa};
    const struct stay *now = stays_now(stale->stays, event->hart);
    struct facts facts = {.va = 0};
    bool back = event->priv == 0;

    if (!access.root || use->level >= LEVELS || use->access >= RVEMU_ACCESSES)
        return;
    access.other = find_other(stale, event->hart, use, access.root);
    window.frame = pte_frame(use->cached, window.at.level);
    window.at.global = use->cached & PTE_G ||
                       spaces_is_global(&story->spaces, access.root, use->va);
    window.at.below = is_above_leaf(stale, use);
    window.at.seq = known ? write->seq : 0;
    window.writer = known ? write->hart : event->hart;
    window.pc = known ? write->pc : 0;
    if (!use->pte_pa || access.other) {
        window.at.seq = now ? now->entered : 0;
        window.writer = event->hart;
    } else {
        back = back && known && write->hart == event->hart &&
               stays_is_back(stale->stays, event->hart, write->seq);
    }
    stale_facts(stale, &access, &window, &facts);
    windows_open(stale->windows, &window, &facts, back);
}
