/* Stores of the kernel by mappings of its own; see aliases.h. */
#include "analysis/aliases.h"

#include <string.h>

#include "base/bits.h"

#define PAGE 4096
#define LEVELS_SHARED 2 /* of the leaves that are looked at: 4 KiB, 2 MiB */

static void drop(struct aliases *a, unsigned at)
{
    lines_drop(&a->story->lines, a->alias[at].ticket);
    a->count--;
    memmove(&a->alias[at], &a->alias[at + 1],
            (a->count - at) * sizeof(a->alias[0]));
}

/* The protected frame that has the page, or NULL. */
static struct frame *find_frame(const struct story *story, u64 ppn)
{
    for (unsigned level = 0; level < LEVELS_SHARED; level++) {
        struct frame *frame = frames_find(
            &story->spaces.frames, align_down(ppn, 1ull << (9 * level)), level);

        if (frame && frame->protected)
            return frame;
    }
    return NULL;
}

/* ---- who shares a page ---- */

static unsigned place_of(const struct sharers *sharers, unsigned id)
{
    unsigned at = 0;

    while (at < sharers->count && sharers->id[at] != id)
        at++;
    return at;
}

static bool has(const struct sharers *sharers, unsigned id)
{
    return place_of(sharers, id) < sharers->count;
}

struct collection {
    const struct spaces *spaces;
    struct sharers *sharers;
    u64 offset; /* of the page in the frame */
};

static void add_sharer(void *arg, struct table *root, u64 va)
{
    struct collection *c = arg;
    struct sharers *sharers = c->sharers;

    if (!spaces_counts(c->spaces, root) || has(sharers, root->id) ||
        sharers->count == ALIAS_SHARERS)
        return;
    sharers->id[sharers->count] = root->id;
    sharers->va[sharers->count++] = va + c->offset;
}

static void collect(struct story *story, const struct frame *frame, u64 ppn,
                    struct sharers *sharers)
{
    struct collection c = {&story->spaces, sharers, (ppn - frame->ppn) * PAGE};

    sharers->count = 0;
    for (unsigned i = 0; i < frame->mappings; i++) {
        struct entry at = frame->mapping[i];

        if (!(entry_pte(at) & PTE_W))
            spaces_each_path(&story->spaces, at, add_sharer, &c);
    }
}

/* Leaves those that are in `now`, too. */
static void intersect(struct sharers *sharers, const struct sharers *now)
{
    unsigned count = 0;

    for (unsigned i = 0; i < sharers->count; i++) {
        if (!has(now, sharers->id[i]))
            continue;
        sharers->id[count] = sharers->id[i];
        sharers->va[count++] = sharers->va[i];
    }
    sharers->count = count;
}

/* ---- a store ---- */

/* Names what is stored to, of the program, and where the kernel does it. */
static void name_store(struct aliases *a, struct alias *alias,
                       const struct rvemu_event *event)
{
    struct story *story = a->story;
    struct table *root = spaces_root_by_id(&story->spaces, alias->who);
    struct facts *facts = &alias->facts;
    const struct access access = {.root = root->frame,
                                  .va = facts->va,
                                  .pc = event->pc,
                                  .leaf = PTE_V | PTE_R | PTE_U,
                                  .priv = event->priv,
                                  .hart = event->hart};

    naming_access(&story->naming, &access, &facts->place);
    facts->who = story_name(story, root);
    story_place(story, root->frame, facts);
    naming_caller(&story->naming, event->hart, event->pc, facts->caller);
    facts->say_tail = facts->caller[0] ? SAY_CALLED_BY : SAY_NOTHING;
}

/* Whether the kernel takes the frame for a free one, or a new one. */
static bool is_free(const struct aliases *a, u64 ppn, const struct frame *frame)
{
    const struct lifetime *life = lifetimes_find(a->lifetimes, ppn);

    return life && (life->is_free || life->time > frame->lost);
}

/* Whom the sentence is about: whose call it is, if that one shares the page. */
static void choose_who(const struct story *story, struct alias *alias)
{
    unsigned caller = story->call[alias->hart];
    const struct table *root = spaces_root_by_id(&story->spaces, caller);
    unsigned at = place_of(&alias->sharers, caller);

    alias->may_call = caller && at < alias->sharers.count;
    alias->on_call =
        alias->may_call && root && root->frame == story->root[alias->hart];
    if (!alias->may_call)
        at = 0;
    alias->who = alias->sharers.id[at];
    alias->facts.va = alias->sharers.va[at];
}

/* Whether an earlier store to the page stands for this one. It does no more
 * when the frame has changed since, or more spaces share it. */
static bool waits(struct aliases *a, const struct alias *next)
{
    for (unsigned i = 0; i < a->count; i++) {
        const struct alias *alias = &a->alias[i];

        if (alias->ppn != next->ppn)
            continue;
        if (alias->lost == next->lost &&
            alias->sharers.count >= next->sharers.count)
            return true;
        drop(a, i);
        break;
    }
    return false;
}

void aliases_store(struct aliases *a, const struct rvemu_event *event)
{
    const struct rvemu_ev_alias_store *store = &event->alias_store;
    u64 ppn = store->pa / PAGE;
    struct frame *frame = find_frame(a->story, ppn);
    struct alias alias = {.time = event->time,
                          .ppn = ppn,
                          .hart = event->hart,
                          .facts = {.frame = ppn,
                                    .hart = event->hart + 1u,
                                    .size = PAGE,
                                    .say_does = SAY_STORES}};

    if (!frame || (frame->fork && frame->alias_told == frame->fork))
        return;
    alias.level = frame->level;
    alias.lost = frame->lost;
    alias.is_free = is_free(a, ppn, frame);
    if (store->pa % PAGE == 0)
        alias.facts.say_hint = SAY_MAY_CLEAR;
    collect(a->story, frame, ppn, &alias.sharers);
    if (!alias.sharers.count || waits(a, &alias))
        return;
    choose_who(a->story, &alias);
    alias.facts.va += store->pa % PAGE;
    name_store(a, &alias, event);
    if (a->count == ALIASES)
        drop(a, 0);
    alias.ticket = lines_hold(&a->story->lines, alias.time);
    a->alias[a->count++] = alias;
}

/* ---- what becomes of it ---- */

/* The frame, if it still is what it was when it was stored to, and a fork had
 * made it so. */
static struct frame *frame_of(const struct aliases *a,
                              const struct alias *alias)
{
    struct frame *frame = find_frame(a->story, alias->ppn);

    return frame && frame->level == alias->level && frame->by_fork &&
                   frame->lost == alias->lost
               ? frame
               : NULL;
}

/* Says it; alias->sharers has those who see the store. */
static void say(struct aliases *a, unsigned at, struct frame *frame)
{
    struct alias *alias = &a->alias[at];
    unsigned one = alias->sharers.id[alias->sharers.id[0] == alias->who];
    u64 others = alias->sharers.count - has(&alias->sharers, alias->who);

    alias->facts.say_act = story_act(1, alias->on_call, PTE_V | PTE_R | PTE_U);
    story_others(a->story, &alias->facts, others,
                 spaces_root_by_id(&a->story->spaces, one));
    frame->alias_told = frame->fork;
    story_say(a->story, alias->ticket, alias->time,
              alias->is_free ? SAY_ALIAS_FREE : SAY_ALIAS, &alias->facts);
    alias->ticket = 0;
    drop(a, at);
}

void aliases_meet(struct aliases *a, unsigned parent, struct table *child,
                  u64 time)
{
    for (unsigned i = 0; i < a->count;) {
        struct alias *alias = &a->alias[i];
        struct frame *frame = frame_of(a, alias);
        struct sharers now = {.count = 0};

        if (frame)
            collect(a->story, frame, alias->ppn, &now);
        if (alias->time > time && alias->who == parent &&
            has(&now, child->id) && !has(&alias->sharers, child->id)) {
            alias->sharers.count = 1;
            alias->sharers.id[0] = child->id;
            say(a, i, frame);
        } else {
            i++;
        }
    }
}

void aliases_run(struct aliases *a, const struct table *root, unsigned hart)
{
    for (unsigned i = 0; i < a->count;) {
        struct alias *alias = &a->alias[i];
        struct frame *frame = frame_of(a, alias);
        struct sharers now = {.count = 0};

        if (alias->hart == hart) {
            alias->on_call |= alias->may_call && alias->who == root->id;
            alias->may_call = false;
        }
        if (frame)
            collect(a->story, frame, alias->ppn, &now);
        intersect(&now, &alias->sharers);
        if (!has(&now, root->id) || !has(&now, alias->who) || now.count < 2) {
            i++;
            continue;
        }
        alias->sharers = now;
        say(a, i, frame);
    }
}

void aliases_advance(struct aliases *a, u64 now)
{
    while (a->count && now - a->alias[0].time >= LINES_HOLD)
        drop(a, 0);
}

void aliases_finish(struct aliases *a)
{
    while (a->count)
        drop(a, 0);
}
