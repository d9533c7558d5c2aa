/*
 * Pages of a scene: what its entries were, and how they are told; see
 * rvemu/scene.h.
 */
#include "analysis/scene.h"

#include "../guest/include/uapi/mark.h"
#include "base/bits.h"

/* An entry at this place, as it is now. */
struct stored {
    u64 pte_pa;
    unsigned level;
    u64 old;
    u64 pte; /* both alone */
    bool found;
};

static bool same_page(const struct stored *stored)
{
    return pte_is_user(stored->old) && pte_is_user(stored->pte) &&
           pte_frame(stored->old, stored->level) ==
               pte_frame(stored->pte, stored->level);
}

static void begin_frame(struct rvemu_scene *scene, const struct stored *stored)
{
    u64 ppn = pte_frame(stored->pte, stored->level);
    const struct frame *known =
        frames_find(&scene_spaces(scene)->frames, ppn, stored->level);
    struct scene_frame *frame =
        scene_record(scene, &scene->frame, scene_frame_key(ppn, stored->level),
                     sizeof(*frame));

    if (!frame)
        return;
    if (known && known->mappings == 1)
        *frame = (struct scene_frame){.since = scene->time, .was = frame->left};
    if (scene->copied.pte_pa == stored->pte_pa && scene->copied.new == ppn) {
        frame->copy_of = scene->copied.old;
        frame->copied = scene->copied_time;
    }
}

/* W is gone from a page that stays. */
static void note_taken(struct rvemu_scene *scene,
                       const struct rvemu_event *event,
                       struct scene_entry *entry)
{
    const struct table *root =
        spaces_root(scene_spaces(scene), event->pte_write.root);
    struct scene_space *space = root ? scene_space(scene, root->id) : NULL;

    entry->taken = event->time;
    entry->taken_pc = event->pc;
    if (!space)
        return;
    space->taken = (struct rvemu_story_moment){event->time, event->pc};
    space->fenced = (struct rvemu_story_moment){0};
}

static void change_entry(struct rvemu_scene *scene,
                         const struct rvemu_event *event,
                         const struct stored *stored, struct scene_entry *entry)
{
    bool same = same_page(stored);

    if (stored->found) {
        *entry = (struct scene_entry){.since = event->time};
    } else {
        struct rvemu_story_moment taken = {entry->taken, entry->taken_pc};

        scene_take_write(scene, event, &taken);
        entry->changed = event->time;
        entry->changed_pc = event->pc;
        entry->changed_from = stored->old;
    }
    if (same && !stored->found) {
        if (stored->old & PTE_W && !(stored->pte & PTE_W))
            note_taken(scene, event, entry);
        return;
    }
    entry->since = event->time;
    entry->taken = entry->taken_pc = 0;
    if (pte_is_user(stored->pte))
        begin_frame(scene, stored);
}

void scene_take_entry(struct rvemu_scene *scene,
                      const struct rvemu_event *event)
{
    bool found = event->kind == RVEMU_EVENT_pte_found;
    struct stored stored = {
        .pte_pa = found ? event->pte_found.pte_pa : event->pte_write.pte_pa,
        .old = found ? 0 : event->pte_write.old,
        .found = found,
    };
    const struct table *table =
        map_get(&scene_spaces(scene)->tables, stored.pte_pa >> 12);
    struct scene_entry *entry;

    if (!table)
        return;
    stored.level = table->level;
    stored.old = pte_alone(stored.old, table->level, stored.pte_pa);
    stored.pte = table_pte(table, (unsigned)(stored.pte_pa >> 3) % 512);
    entry = scene_record(scene, &scene->entry, stored.pte_pa, sizeof(*entry));
    if (entry)
        change_entry(scene, event, &stored, entry);
    scene->copied.pte_pa = 0;
}

void scene_left(void *arg, const struct table *root, u64 va,
                const struct frame *frame)
{
    struct rvemu_scene *scene = arg;
    struct scene_frame *known =
        map_get(&scene->frame, scene_frame_key(frame->ppn, frame->level));

    if (known)
        known->left =
            (struct scene_use){root->id, va, scene_spaces(scene)->now};
}

/* ---- answers ---- */

static enum rvemu_scene_area area_of(const struct rvemu_scene *scene, u64 root,
                                     u64 va)
{
    static const enum rvemu_scene_area areas[] = {
        [MARK_AREA_TEXT] = RVEMU_AREA_TEXT,
        [MARK_AREA_RODATA] = RVEMU_AREA_RODATA,
        [MARK_AREA_DATA] = RVEMU_AREA_DATA,
        [MARK_AREA_HEAP] = RVEMU_AREA_HEAP,
        [MARK_AREA_STACK] = RVEMU_AREA_STACK,
        [MARK_AREA_MMAP] = RVEMU_AREA_MMAP,
    };

    return areas[marks_find_area(&scene->explain->story.marks, root, va)];
}

const char *rvemu_scene_area_name(enum rvemu_scene_area area)
{
    static const char *const names[RVEMU_AREAS] = {
        "", "text", "rodata", "data", "heap", "stack", "mmap"};

    return area < RVEMU_AREAS ? names[area] : "";
}

static void describe(const struct rvemu_scene *scene, const struct table *root,
                     struct entry at, u64 va, struct rvemu_scene_page *page)
{
    struct spaces *spaces = scene_spaces(scene);
    unsigned level = at.table->level;
    u64 pte = entry_pte(at), ppn = pte_frame(pte, level);
    u64 pte_pa = at.table->frame << 12 | (u64)at.index << 3;
    const struct scene_entry *entry = map_get(&scene->entry, pte_pa);
    struct frame frame = {.ppn = ppn, .level = level};
    const struct frame *known = frames_find(&spaces->frames, ppn, level);
    bool woven = spaces->woven;

    if (known)
        frame = *known;
    if (!frame.protected)
        spaces_inherit(spaces, &frame);
    *page = (struct rvemu_scene_page){
        .va = va,
        .size = level_size(level),
        .level = level,
        .frame = ppn,
        .pte_pa = pte_pa,
        .pte = pte,
        .is_user = pte_is_user(pte),
        .mappers = spaces_sharers(spaces, ppn, level),
        .is_cow = pte_is_user(pte) && !(pte & PTE_W) && frame.protected,
        .fork = frame.fork,
        .fork_story = scene_fork_story(scene, frame.fork),
        .area = area_of(scene, root->frame, va),
    };
    spaces->woven = woven;
    if (!entry)
        return;
    page->since = entry->since;
    page->changed = entry->changed;
    page->changed_pc = entry->changed_pc;
    page->changed_from = entry->changed_from;
    page->taken = entry->taken;
    page->taken_pc = entry->taken_pc;
}

/* The first user leaf whose index path is `from` or above, below a table that
 * maps from `base` on; both are addresses that are not sign-extended. */
static bool find_from(const struct spaces *spaces, struct table *table,
                      u64 base, u64 from, struct entry *at, u64 *va)
{
    unsigned shift = 12 + 9 * table->level;
    unsigned i = base >= from ? 0 : (unsigned)(from >> shift) % 512;

    for (; (i = table_next_used(table, i)) < TABLE_ENTRIES; i++) {
        struct table *child;

        *va = base | (u64)i << shift;
        *at = (struct entry){table, i};
        if (pte_is_user(entry_pte(*at)))
            return true;
        child = spaces_child(spaces, table, i);
        if (child && child->below &&
            find_from(spaces, child, *va, from, at, va))
            return true;
    }
    return false;
}

bool rvemu_scene_page_from(const struct rvemu_scene *scene, unsigned space,
                           uint64_t va, struct rvemu_scene_page *page)
{
    const struct spaces *spaces = scene_spaces(scene);
    struct table *root = spaces_root_by_id(spaces, space);
    struct entry at;
    unsigned width;
    u64 from;

    *page = (struct rvemu_scene_page){0};
    if (!root)
        return false;
    width = 21 + 9 * root->level;
    from = bits(va, width - 1, 0);
    if (sext(from, width) != va) /* between the two halves */
        from = 1ull << (width - 1);
    if (!find_from(spaces, root, 0, from, &at, &va))
        return false;
    describe(scene, root, at, sext(va, width), page);
    return true;
}

/* Whether a space of this root has such an address. */
static bool is_canonical(const struct table *root, u64 va)
{
    return sext(va, 21 + 9 * root->level) == va;
}

bool rvemu_scene_page_at(const struct rvemu_scene *scene, unsigned space,
                         uint64_t va, struct rvemu_scene_page *page)
{
    const struct spaces *spaces = scene_spaces(scene);
    const struct table *root = spaces_root_by_id(spaces, space);
    struct entry at;

    *page = (struct rvemu_scene_page){0};
    if (!root || !is_canonical(root, va) || !spaces_find(spaces, root, va, &at))
        return false;
    describe(scene, root, at, va & -level_size(at.table->level), page);
    return true;
}

unsigned rvemu_scene_walk(const struct rvemu_scene *scene, unsigned space,
                          uint64_t va,
                          struct rvemu_scene_step step[RVEMU_SCENE_LEVELS])
{
    const struct spaces *spaces = scene_spaces(scene);
    const struct table *table = spaces_root_by_id(spaces, space);
    unsigned count = 0;

    if (!table || !is_canonical(table, va))
        return 0;
    while (table) {
        unsigned index = (unsigned)(va >> (12 + 9 * table->level)) % 512;
        u64 pte_pa = table->frame << 12 | (u64)index << 3;
        const struct scene_entry *entry = map_get(&scene->entry, pte_pa);
        struct rvemu_scene_step *now = &step[count++];

        *now = (struct rvemu_scene_step){.level = table->level,
                                         .pte_pa = pte_pa,
                                         .pte = table_pte(table, index)};
        if (entry) {
            now->changed = entry->changed;
            now->changed_pc = entry->changed_pc;
            now->changed_from = entry->changed_from;
        }
        table = spaces_child(spaces, table, index);
    }
    return count;
}
