/* Translations that a hart may still hold; see phantoms.h. */
#include "analysis/phantoms.h"

#include "analysis/stale.h"
#include "base/bits.h"

#define LEAVES_BELOW 4096 /* of an entry that pointed to a table, at most */

enum { BY_PLACE, BY_SPACE, BY_FRAME };

static u64 mix(u64 key)
{
    return (key ^ key >> 32) * 0x9e3779b97f4a7c15ull >> 40;
}

static struct phantom **by_place(struct phantoms *p, unsigned hart, u64 va,
                                 unsigned level)
{
    u64 key = (va & -level_size(level)) | level << 8 | hart;

    return &p->place[mix(key) % PHANTOM_PLACES];
}

static struct phantom **by_frame(struct phantoms *p, u64 frame)
{
    return &p->of_frame[mix(frame) % PHANTOM_FRAMES];
}

static struct phantom **by_space(struct phantoms *p, const struct fenced *at)
{
    return at->global ? &p->of_global : &p->of_asid[at->asid % 256];
}

static void join(struct phantom **first, struct phantom *phantom, unsigned by)
{
    phantom->next[by] = *first;
    phantom->from[by] = first;
    if (*first)
        (*first)->from[by] = &phantom->next[by];
    *first = phantom;
}

static void leave(struct phantom *phantom, unsigned by)
{
    *phantom->from[by] = phantom->next[by];
    if (phantom->next[by])
        phantom->next[by]->from[by] = phantom->from[by];
}

static void end(struct phantoms *p, struct phantom *phantom)
{
    for (unsigned by = BY_PLACE; by <= BY_FRAME; by++)
        leave(phantom, by);
    phantom->next[BY_PLACE] = p->spare;
    p->spare = phantom;
    p->live--;
}

static struct arena *arena_of(const struct phantoms *p)
{
    return p->story->spaces.tables.arena;
}

static void add(struct phantoms *p, const struct phantom *born)
{
    struct phantom *phantom = p->spare;

    if (p->live == PHANTOMS_MAX) {
        p->unkept++;
        return;
    }
    if (phantom)
        p->spare = phantom->next[BY_PLACE];
    else
        phantom = arena_take(arena_of(p), sizeof(*phantom));
    if (!phantom) {
        p->unkept++;
        return;
    }
    *phantom = *born;
    join(by_place(p, born->at.hart, born->at.va, born->at.level), phantom,
         BY_PLACE);
    join(by_space(p, &born->at), phantom, BY_SPACE);
    join(by_frame(p, born->frame), phantom, BY_FRAME);
    p->live++;
}

/* A fence ends all that it covers of one list. */
static void fence_list(struct phantoms *p, struct phantom *phantom, unsigned by,
                       const struct fence *fence)
{
    for (struct phantom *next; phantom; phantom = next) {
        next = phantom->next[by];
        if (fence_gap(fence, &phantom->at) == COVERS)
            end(p, phantom);
    }
}

static void take_fence(struct phantoms *p, const struct fence *fence)
{
    if (!p->live)
        return;
    for (unsigned level = 0; fence->by_va && level < LEVELS; level++)
        fence_list(p, *by_place(p, fence->hart, fence->va, level), BY_PLACE,
                   fence);
    if (fence->by_va)
        return;
    if (fence->by_asid) {
        fence_list(p, p->of_asid[fence->asid % 256], BY_SPACE, fence);
        return;
    }
    for (unsigned i = 0; i < 256; i++)
        fence_list(p, p->of_asid[i], BY_SPACE, fence);
    fence_list(p, p->of_global, BY_SPACE, fence);
}

/* A store to a page table, and a leaf that it took something from. */
struct taken {
    struct phantoms *phantoms;
    struct phantom born;
    u64 since;           /* when the leaf got its value, at the latest */
    struct table *below; /* an entry led to it, and does no more … */
    bool shared;         /* … and others still do */
    unsigned left;       /* leaves below that may still be met */
};

/* A hart has had a root there until then. */
static void haunt(struct taken *taken, unsigned hart, u64 until)
{
    struct phantom born = taken->born;

    born.at.hart = (u8)hart;
    if (until == STAY_NOW ||
        !stays_fenced(&taken->phantoms->stays, &born.at, until))
        add(taken->phantoms, &born);
}

/* One of the roots that lead to the leaf. */
static void take_from(void *arg, struct table *root, u64 va)
{
    struct taken *taken = arg;
    struct phantoms *p = taken->phantoms;

    taken->born.at.va = va;
    taken->born.root = root->frame;
    for (unsigned hart = 0; hart < p->stays.harts; hart++) {
        const struct stay *stay = stays_of_root(&p->stays, hart, root->frame);

        for (; stay; stay = stay->same_root) {
            if (stay->until <= taken->since)
                continue;
            taken->born.at.asid = stay->asid;
            haunt(taken, hart, stay->until);
        }
    }
}

/* A global one may have been met by any root. */
static void take_global(struct taken *taken, u64 va)
{
    struct phantoms *p = taken->phantoms;

    taken->born.at.va = va;
    for (unsigned hart = 0; hart < p->stays.harts; hart++)
        if (stays_translated(&p->stays, hart, taken->since))
            haunt(taken, hart, p->stays.hart[hart]->translated);
}

/* The leaf at `at` as it has been; false: it answers nothing. */
static bool read_leaf(struct taken *taken, struct entry at)
{
    u64 old = entry_pte(at);

    if (!pte_maps(old) || !(old & PTE_A))
        return false;
    taken->since = writes_since(&taken->phantoms->stale->writes, at);
    taken->born.old = old;
    taken->born.frame = pte_frame(old, at.table->level);
    taken->born.at.level = at.table->level;
    return true;
}

static void take_leaf(struct taken *taken, struct entry at, u64 root, u64 va)
{
    struct spaces *spaces = &taken->phantoms->story->spaces;

    if (!read_leaf(taken, at))
        return;
    taken->born.root = root;
    taken->born.at.global =
        spaces_is_global(spaces, spaces_root(spaces, root), va);
    if (taken->born.at.global)
        take_global(taken, va);
    else
        spaces_each_path(spaces, at, take_from, taken);
}

/* All leaves that root leads to by the table. A global one that it shares with
 * other roots is where it was. */
static void take_below(struct taken *taken, struct table *table,
                       struct table *root, u64 va, bool global)
{
    for (unsigned i = 0; i < TABLE_ENTRIES && taken->left; i++) {
        struct entry at = {table, i};
        u64 pte = entry_pte(at);
        u64 part = va + ((u64)i << (12 + 9 * table->level));
        struct table *child;

        taken->born.at.global = global || pte & PTE_G;
        if (!(pte & PTE_V) || (taken->born.at.global && taken->shared))
            continue;
        if (read_leaf(taken, at)) {
            taken->left--;
            if (taken->born.at.global)
                take_global(taken, part);
            else
                take_from(taken, root, part);
        } else if (pte_points(pte)) {
            child = spaces_child(&taken->phantoms->story->spaces, table, i);
            if (child)
                take_below(taken, child, root, part, taken->born.at.global);
        }
    }
}

/* One of the roots that led to a table. */
static void take_table(void *arg, struct table *root, u64 va)
{
    struct taken *taken = arg;
    bool global = spaces_is_global(&taken->phantoms->story->spaces, root, va);

    if (!global || !taken->shared)
        take_below(taken, taken->below, root, va, false);
}

static void take_write(struct phantoms *p, const struct rvemu_event *event)
{
    const struct rvemu_ev_pte_write *write = &event->pte_write;
    struct spaces *spaces = &p->story->spaces;
    struct entry at = {map_get(&spaces->tables, write->pte_pa >> 12),
                       (unsigned)(write->pte_pa >> 3) % TABLE_ENTRIES};
    struct taken taken = {.phantoms = p,
                          .born = {.pte_pa = write->pte_pa,
                                   .at = {.seq = spaces->seq},
                                   .pc = event->pc,
                                   .writer = event->hart},
                          .left = LEAVES_BELOW};

    if (!at.table || !pte_differs(write->old, write->new))
        return;
    if (pte_maps(write->old)) {
        take_leaf(&taken, at, write->root, write->va);
        return;
    }
    if (pte_points(write->old))
        taken.below = spaces_child(spaces, at.table, at.index);
    if (!taken.below)
        return;
    taken.shared = taken.below->parents > 1;
    taken.born.at.below = true;
    spaces_each_path(spaces, at, take_table, &taken);
}

void phantoms_before(struct phantoms *p, const struct rvemu_event *event)
{
    u64 seq = p->story->spaces.seq;
    const struct fence *fence;
    unsigned at = 0;

    stays_event(&p->stays, event, seq);
    if (!p->on)
        return;
    if (event->kind == RVEMU_EVENT_tlb_flush ||
        event->kind == RVEMU_EVENT_svinval)
        while ((fence = stays_took_effect(&p->stays, event->hart, seq, &at)))
            take_fence(p, fence);
    if (event->kind == RVEMU_EVENT_pte_write)
        take_write(p, event);
}

/* An access, and what the hart found for it. */
struct use {
    const struct rvemu_event *event;
    struct table *root;
    u64 va;
    unsigned access;
    u16 asid;
    u64 now;        /* the leaf, or the last entry, of a walk */
    unsigned level; /* of that */
    bool permitted;
};

/* Whether a leaf with A would have answered; SUM and MXR are not known, and
 * what is in doubt is what the walk's end says. */
static bool permits(u64 leaf, const struct use *use)
{
    static const u64 needs[] = {
        [RVEMU_ACCESS_FETCH] = PTE_X,
        [RVEMU_ACCESS_LOAD] = PTE_R,
        [RVEMU_ACCESS_STORE] = PTE_W | PTE_D,
        [RVEMU_ACCESS_CACHE] = PTE_R,
    };
    bool refused_user = use->event->kind == RVEMU_EVENT_page_fault &&
                        use->event->page_fault.reason == RVEMU_REASON_USER;

    if (use->event->priv == 0 && !(leaf & PTE_U))
        return false;
    if (use->event->priv != 0 && (leaf & PTE_U) &&
        (use->access == RVEMU_ACCESS_FETCH || refused_user))
        return false;
    return (leaf & needs[use->access]) == needs[use->access];
}

static u64 frame_at(u64 leaf, unsigned level, u64 va)
{
    return pte_frame(leaf, level) + ((va & (level_size(level) - 1)) >> 12);
}

/* Whether an old leaf would have answered otherwise. A page that has moved is
 * read in its old place, whatever this access was refused or given. */
static bool differs(u64 old, unsigned level, const struct use *use)
{
    if (!use->permitted)
        return permits(old, use);
    return frame_at(old, level, use->va) !=
               frame_at(use->now, use->level, use->va) ||
           (old ^ use->now) & PTE_PBMT;
}

static bool is_at(const struct phantom *phantom, const struct use *use)
{
    return phantom->at.hart == use->event->hart &&
           !((phantom->at.va ^ use->va) & -level_size(phantom->at.level)) &&
           (phantom->at.global || phantom->at.asid == use->asid);
}

/* The latest phantom that would have answered otherwise. */
static struct phantom *find(struct phantoms *p, const struct use *use)
{
    struct phantom *found = NULL;

    for (unsigned level = use->permitted ? use->level : 0; level < LEVELS;
         level++) {
        struct phantom *phantom =
            *by_place(p, use->event->hart, use->va, level);

        for (; phantom; phantom = phantom->next[BY_PLACE]) {
            if (phantom->at.level != level || !is_at(phantom, use))
                continue;
            if (!differs(phantom->old, level, use)) {
                p->harmless += !phantom->harmless;
                phantom->harmless = true;
            } else if (!found || phantom->at.seq > found->at.seq) {
                found = phantom;
            }
        }
    }
    return found;
}

/* Whether the kernel has gone back to the program that it came from, behind
 * the store, without the fence. */
static bool is_due(const struct phantoms *p, const struct use *use,
                   unsigned writer, u64 seq)
{
    return use->event->priv == 0 && use->event->hart == writer &&
           stays_is_back(&p->stays, writer, seq);
}

static void tell_use(struct phantoms *p, const struct use *use,
                     struct window *window, u64 old, unsigned other, bool due)
{
    const struct stale_access access = {.event = use->event,
                                        .root = use->root,
                                        .va = use->va,
                                        .access = use->access,
                                        .cached = old,
                                        .now = use->now,
                                        .other = other};
    struct facts facts = {.frame = 0};

    stale_facts(p->stale, &access, window, &facts);
    windows_open(p->windows, window, &facts, due);
}

static void meet(struct phantoms *p, const struct use *use,
                 struct phantom *phantom)
{
    struct window window = {.at = phantom->at,
                            .writer = phantom->writer,
                            .pc = phantom->pc,
                            .pte_pa = phantom->pte_pa,
                            .frame = phantom->frame};
    const struct table *other;

    if (phantom->used)
        return;
    phantom->used = true;
    window.at.asid = use->asid;
    other = spaces_root(&p->story->spaces, phantom->root);
    tell_use(p, use, &window, phantom->old,
             other && other != use->root && !phantom->at.global ? other->id : 0,
             phantom->given ||
                 is_due(p, use, phantom->writer, phantom->at.seq));
}

/* Another root has been in satp with this ASID, and no fence since the one that
 * is there now came. */
static void meet_others(struct phantoms *p, const struct use *use)
{
    unsigned hart = use->event->hart;
    struct stay *stay = stays_with_asid(&p->stays, hart, use->asid);
    const struct stay *now = stays_now(&p->stays, hart);

    for (; stay; stay = stay->same_asid) {
        const struct table *root = spaces_root(&p->story->spaces, stay->root);
        struct window window = {
            .at = {.va = use->va, .asid = use->asid, .hart = (u8)hart},
            .writer = (u8)hart};
        struct entry at;
        u64 leaf;

        if (!root || !now || root == use->root || stay->told)
            continue;
        leaf = spaces_find(&p->story->spaces, root, use->va, &at);
        if (!leaf || !(leaf & PTE_A) ||
            spaces_is_global(&p->story->spaces, root, use->va) ||
            writes_since(&p->stale->writes, at) >= stay->until ||
            !differs(leaf, at.table->level, use))
            continue;
        stay->told = true;
        window.at.seq = now->entered;
        window.at.level = at.table->level;
        window.frame = pte_frame(leaf, at.table->level);
        tell_use(p, use, &window, leaf, root->id, use->event->priv == 0);
    }
}

static void take_use(struct phantoms *p, const struct use *use)
{
    struct phantom *phantom;

    if (!use->root || !p->stays.hart[use->event->hart] ||
        use->access >= RVEMU_ACCESSES || use->level >= LEVELS)
        return;
    phantom = p->live ? find(p, use) : NULL;
    if (phantom)
        meet(p, use, phantom);
    meet_others(p, use);
}

static void take_fill(struct phantoms *p, const struct rvemu_event *event)
{
    const struct rvemu_ev_tlb_fill *fill = &event->tlb_fill;
    const struct use use = {
        .event = event,
        .root = spaces_root(&p->story->spaces, satp_frame(fill->satp)),
        .va = fill->va,
        .access = (unsigned)fill->access,
        .asid = satp_asid(fill->satp),
        .now = pte_alone(fill->pte, (unsigned)fill->level, fill->pte_pa),
        .level = (unsigned)fill->level,
        .permitted = true};

    if (pte_maps(fill->pte))
        take_use(p, &use);
}

static void take_fault(struct phantoms *p, const struct rvemu_event *event)
{
    const struct rvemu_ev_page_fault *fault = &event->page_fault;
    struct table *root =
        spaces_root(&p->story->spaces, satp_frame(fault->satp));
    const struct use use = {
        .event = event,
        .root = root,
        .va = fault->va,
        .access = (unsigned)fault->access,
        .asid = satp_asid(fault->satp),
        .now = root ? spaces_find(&p->story->spaces, root, fault->va, NULL) : 0,
        .level = 0};

    take_use(p, &use);
}

static void say_given(struct phantoms *p, const struct phantom *phantom,
                      const struct rvemu_event *event)
{
    const struct window window = {.at = phantom->at, .writer = phantom->writer};
    struct facts facts = {.va = phantom->at.va, .frame = phantom->frame};

    if (p->story->options.check[RVEMU_CHECK_TLB] < RVEMU_CHECK_POSSIBLE)
        return;
    facts.who =
        story_name(p->story, spaces_root(&p->story->spaces, phantom->root));
    story_place(p->story, phantom->root, &facts);
    story_written(p->story, event->pc, &facts);
    windows_name_gap(p->windows, &window, &facts);
    story_say(p->story, 0, event->time, SAY_MAY_GIVEN, &facts);
}

/* The frame has no user any more, and gets one. */
static void give(struct phantoms *p, u64 frame, unsigned level, u64 pte_pa,
                 const struct rvemu_event *event)
{
    struct phantom *phantom = *by_frame(p, frame), *next;

    for (; phantom; phantom = next) {
        next = phantom->next[BY_FRAME];
        if (phantom->frame != frame || phantom->at.level != level ||
            phantom->pte_pa == pte_pa || phantom->given)
            continue;
        phantom->given = true;
        p->possible++;
        say_given(p, phantom, event);
    }
    windows_given(p->windows, frame, level);
}

static void take_given(struct phantoms *p, const struct rvemu_event *event,
                       u64 pte, u64 pte_pa, u64 level)
{
    const struct frame *frame;
    u64 number;

    if (level >= LEVELS || !pte_is_user(pte))
        return;
    number =
        pte_frame(pte_alone(pte, (unsigned)level, pte_pa), (unsigned)level);
    frame = frames_find(&p->story->spaces.frames, number, (unsigned)level);
    if (frame && frame->mappings == 1)
        give(p, number, (unsigned)level, pte_pa, event);
}

void phantoms_after(struct phantoms *p, const struct rvemu_event *event)
{
    if (!p->on)
        return;
    switch (event->kind) {
    case RVEMU_EVENT_tlb_fill: take_fill(p, event); break;
    case RVEMU_EVENT_page_fault: take_fault(p, event); break;
    case RVEMU_EVENT_pte_write:
        if (pte_differs(event->pte_write.old, event->pte_write.new) ||
            !pte_maps(event->pte_write.old))
            take_given(p, event, event->pte_write.new, event->pte_write.pte_pa,
                       event->pte_write.level);
        break;
    case RVEMU_EVENT_pte_found:
        take_given(p, event, event->pte_found.pte, event->pte_found.pte_pa,
                   event->pte_found.level);
        break;
    default: break;
    }
}
