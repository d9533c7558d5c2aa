/*
 * Frames of a scene; see rvemu/scene.h.
 *
 * To find the next one, a bit for each frame of which something is known lies
 * beside the scene, made again when something has changed.
 */
#include <stdlib.h>

#include "analysis/scene.h"
#include "base/bits.h"

#define INDEX_MOST (1ull << 26) /* bits; beyond, all are looked at */

/* The smallest page that holds the frame, or NULL. */
static const struct frame *mapped_at(const struct rvemu_scene *scene, u64 ppn)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        const struct frame *frame =
            frames_find(&scene_spaces(scene)->frames,
                        align_down(ppn, 1ull << (9 * level)), level);

        if (frame)
            return frame;
    }
    return NULL;
}

static void describe_user(const struct rvemu_scene *scene,
                          const struct frame *frame,
                          struct rvemu_scene_frame *out)
{
    struct spaces *spaces = scene_spaces(scene);
    const struct scene_frame *more =
        map_get(&scene->frame, scene_frame_key(frame->ppn, frame->level));
    bool woven = spaces->woven;
    const struct scene_use *was;

    *out = (struct rvemu_scene_frame){
        .ppn = frame->ppn,
        .size = level_size(frame->level),
        .kind = frame->mappings ? RVEMU_FRAME_USER : RVEMU_FRAME_LEFT,
        .level = frame->level,
        .mappers = spaces_sharers(spaces, frame->ppn, frame->level),
        .is_protected = frame->protected,
        .fork = frame->fork,
        .fork_story = scene_fork_story(scene, frame->fork),
    };
    spaces->woven = woven;
    if (!more)
        return;
    out->since = more->since;
    out->copy_of = more->copy_of;
    out->copied = more->copied;
    out->copies = more->copies;
    was = frame->mappings ? &more->was : &more->left;
    out->was_space = was->space;
    out->was_va = was->va;
    out->was_until = was->until;
}

static void describe_table(const struct rvemu_scene *scene,
                           const struct table *table,
                           struct rvemu_scene_frame *out)
{
    const struct scene_frame *more =
        map_get(&scene->frame, scene_frame_key(table->frame, 0));
    const struct scene_space *space =
        table->id ? scene_space(scene, table->id) : NULL;

    *out = (struct rvemu_scene_frame){
        .ppn = table->frame,
        .size = 4096,
        .kind = table->id ? RVEMU_FRAME_ROOT : RVEMU_FRAME_TABLE,
        .level = table->level,
        .since = space ? space->seen : 0,
    };
    if (!more)
        return;
    out->was_space = more->left.space;
    out->was_va = more->left.va;
    out->was_until = more->left.until;
}

bool rvemu_scene_frame(const struct rvemu_scene *scene, uint64_t ppn,
                       struct rvemu_scene_frame *out)
{
    const struct table *table = map_get(&scene_spaces(scene)->tables, ppn);
    const struct frame *frame = mapped_at(scene, ppn);

    *out = (struct rvemu_scene_frame){0};
    if (table)
        describe_table(scene, table, out);
    else if (frame)
        describe_user(scene, frame, out);
    else
        return false;
    return true;
}

/* ---- the next one ---- */

typedef void each_fn(void *arg, u64 ppn);

/* Calls with the first frame of each page and table, in no order. */
static void each_frame(const struct rvemu_scene *scene, each_fn *call,
                       void *arg)
{
    const struct spaces *spaces = scene_spaces(scene);
    const struct frame *frame;
    const struct table *table;
    size_t at = 0;

    while ((frame = map_next(&spaces->frames.by_ppn, &at)))
        call(arg, frame->ppn);
    at = 0;
    while ((table = map_next(&spaces->tables, &at)))
        call(arg, table->frame);
}

struct extent {
    u64 first, last, count;
};

static void measure(void *arg, u64 ppn)
{
    struct extent *extent = arg;

    extent->first = least(extent->first, ppn);
    extent->last = most(extent->last, ppn);
    extent->count++;
}

static void mark(void *arg, u64 ppn)
{
    const struct scene_told *told = arg;

    told->frames[(ppn - told->base) / 64] |= 1ull << (ppn - told->base) % 64;
}

/* Makes the index. False: there is none, for want of memory or since the frames
 * lie too far apart. */
static bool make_index(const struct rvemu_scene *scene)
{
    struct scene_told *told = scene->told;
    struct extent extent = {.first = UINT64_MAX};

    if (told->frames && told->indexed == told->serial)
        return true;
    each_frame(scene, measure, &extent);
    free(told->frames);
    told->frames = NULL;
    if (!extent.count || extent.last - extent.first >= INDEX_MOST)
        return false;
    told->base = extent.first;
    told->count = extent.last - extent.first + 1;
    told->frames = calloc((told->count + 63) / 64, sizeof(u64));
    if (!told->frames)
        return false;
    each_frame(scene, mark, told);
    told->indexed = told->serial;
    return true;
}

struct search {
    u64 from, found;
};

static void compare(void *arg, u64 ppn)
{
    struct search *search = arg;

    if (ppn >= search->from)
        search->found = least(search->found, ppn);
}

static u64 next_marked(const struct scene_told *told, u64 from)
{
    u64 at = from > told->base ? from - told->base : 0;

    while (at < told->count) {
        u64 left = told->frames[at / 64] >> at % 64;

        if (left)
            return told->base + at + (u64)__builtin_ctzll(left);
        at = (at | 63) + 1;
    }
    return UINT64_MAX;
}

bool rvemu_scene_frame_from(const struct rvemu_scene *scene, uint64_t ppn,
                            struct rvemu_scene_frame *out)
{
    struct search search = {ppn, UINT64_MAX};

    *out = (struct rvemu_scene_frame){0};
    if (make_index(scene))
        search.found = next_marked(scene->told, ppn);
    else
        each_frame(scene, compare, &search);
    return search.found != UINT64_MAX &&
           rvemu_scene_frame(scene, search.found, out);
}

/* ---- who maps it ---- */

struct listing {
    const struct rvemu_scene *scene;
    struct entry at;
    u64 offset;                        /* of the frame, in the page at `at` */
    struct rvemu_scene_mapper *mapper; /* `count` of them … */
    size_t count, room;
    size_t all; /* … of so many */
};

static void add_mapper(void *arg, struct table *root, u64 va)
{
    struct listing *listing = arg;
    const struct table *table = listing->at.table;
    u64 pte_pa = table->frame << 12 | (u64)listing->at.index << 3;
    const struct scene_entry *entry = map_get(&listing->scene->entry, pte_pa);

    listing->all++;
    if (listing->count == listing->room) {
        size_t room = listing->room ? 2 * listing->room : 16;
        struct rvemu_scene_mapper *grown =
            realloc(listing->mapper, room * sizeof(*grown));

        if (!grown)
            return;
        listing->mapper = grown;
        listing->room = room;
    }
    listing->mapper[listing->count++] = (struct rvemu_scene_mapper){
        .space = root->id,
        .va = va + listing->offset,
        .pte = entry_pte(listing->at),
        .pte_pa = pte_pa,
        .level = table->level,
        .since = entry ? entry->since : 0,
    };
}

static int by_space_and_va(const void *a, const void *b)
{
    const struct rvemu_scene_mapper *x = a, *y = b;

    if (x->space != y->space)
        return x->space < y->space ? -1 : 1;
    return x->va < y->va ? -1 : x->va > y->va;
}

size_t rvemu_scene_mappers(const struct rvemu_scene *scene, uint64_t ppn,
                           struct rvemu_scene_mapper *mappers, size_t most)
{
    struct spaces *spaces = scene_spaces(scene);
    struct listing listing = {.scene = scene};
    bool woven = spaces->woven;

    for (unsigned level = 0; level < LEVELS; level++) {
        u64 first = align_down(ppn, 1ull << (9 * level));
        const struct frame *frame = frames_find(&spaces->frames, first, level);

        listing.offset = (ppn - first) << 12;
        for (unsigned i = 0; frame && i < frame->mappings; i++) {
            listing.at = frame->mapping[i];
            spaces_each_path(spaces, listing.at, add_mapper, &listing);
        }
    }
    spaces->woven = woven;
    if (listing.count)
        qsort(listing.mapper, listing.count, sizeof(*listing.mapper),
              by_space_and_va);
    for (size_t i = 0; i < listing.count && i < most; i++)
        mappers[i] = listing.mapper[i];
    free(listing.mapper);
    return listing.all;
}
