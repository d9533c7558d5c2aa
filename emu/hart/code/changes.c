/* What has changed of code that was fetched; see changes.h. */
#include "hart/code/changes.h"

#include <stdlib.h>

#define FRAME 4096

struct changes_saved {
    struct arena_state *state;
    unsigned changed;
    struct map frames;
};

static void forget_all(struct changes *changes)
{
    struct changed_frame *frame;
    size_t at = 0;

    while ((frame = map_next(&changes->frames, &at))) {
        arena_give(changes->arena, frame->changed);
        arena_give(changes->arena, frame);
    }
    map_free(&changes->frames);
    changes->changed = 0;
}

void changes_begin(struct changes *changes)
{
    if (!changes->arena)
        changes->arena = changes->frames.arena = arena_new();
    changes->on = true;
}

void changes_end(struct changes *changes)
{
    forget_all(changes);
    changes->on = false;
}

void changes_free(struct changes *changes)
{
    forget_all(changes);
    arena_free(changes->arena);
    *changes = (struct changes){.on = false};
}

int changes_save(const struct changes *changes, struct changes_saved **saved)
{
    *saved = NULL;
    if (!changes->arena)
        return 0;
    *saved = malloc(sizeof(**saved));
    if (!*saved)
        return -1;
    (*saved)->frames = changes->frames;
    (*saved)->changed = changes->changed;
    (*saved)->state = arena_save(changes->arena);
    if ((*saved)->state)
        return 0;
    free(*saved);
    *saved = NULL;
    return -1;
}

void changes_restore(struct changes *changes, const struct changes_saved *saved)
{
    if (!saved) {
        forget_all(changes);
        return;
    }
    arena_restore(changes->arena, saved->state);
    changes->frames = saved->frames;
    changes->changed = saved->changed;
}

void changes_drop(const struct changes *changes, struct changes_saved *saved)
{
    if (saved)
        arena_drop(changes->arena, saved->state);
    free(saved);
}

u64 changes_kept(const struct changes *changes)
{
    return changes->arena ? arena_kept(changes->arena) : 0;
}

struct changed_frame *changes_find(const struct changes *changes, u64 pa)
{
    return map_get(&changes->frames, pa / FRAME);
}

static struct changed_frame *frame_of(struct changes *changes, u64 pa)
{
    struct changed_frame *frame = changes_find(changes, pa);

    if (frame)
        return frame;
    frame = arena_take(changes->arena, sizeof(*frame));
    if (!frame || !map_put(&changes->frames, pa / FRAME, frame)) {
        arena_give(changes->arena, frame);
        return NULL;
    }
    frame->pa = pa & -(u64)FRAME;
    return frame;
}

struct changed_frame *changes_fetched(struct changes *changes, unsigned hart,
                                      u64 pa, u64 time)
{
    struct changed_frame *frame = frame_of(changes, pa);

    if (frame && !(frame->fetched >> hart & 1)) {
        frame->fetched |= (u8)(1u << hart);
        frame->since[hart] = time;
    }
    return frame;
}

/* A half is another from now on for all that have fetched from its frame. */
static void change_half(struct changed_frame *frame, unsigned half,
                        const struct change *by)
{
    for (unsigned i = 0; i < CHANGES_HARTS; i++)
        if (frame->fetched >> i & 1)
            frame->changed->of_hart[i][half / 64] |= 1ull << half % 64;
    frame->changed->last[half / 4] = *by;
}

/* Makes room for what has changed of a frame. */
static bool open_frame(struct changes *changes, struct changed_frame *frame)
{
    if (frame->changed)
        return true;
    if (changes->changed == CHANGES_MAX)
        return false;
    frame->changed = arena_take(changes->arena, sizeof(*frame->changed));
    changes->changed += frame->changed != NULL;
    return frame->changed != NULL;
}

bool changes_stored(struct changes *changes, struct changed_frame *frame,
                    u64 pa, const void *now, const void *bytes, u64 size,
                    const struct change *by)
{
    const u8 *old = now, *new = bytes;
    unsigned offset = pa & (FRAME - 1);
    bool any = false;

    for (u64 i = 0; i < size; i++) {
        if (old[i] == new[i])
            continue;
        if (!open_frame(changes, frame))
            return false;
        change_half(frame, (offset + (unsigned)i) / 2, by);
        any = true;
    }
    return any;
}

static bool has_changed(const struct changed_frame *frame, unsigned hart,
                        unsigned half)
{
    return frame->changed->of_hart[hart][half / 64] >> half % 64 & 1;
}

static bool is_by_same(const struct change *a, const struct change *b)
{
    return a->pc == b->pc && a->hart == b->hart && a->origin == b->origin;
}

/* What this store has changed is known to be. */
static void forget(struct changed_frame *frame, unsigned hart,
                   const struct change *by)
{
    for (unsigned i = 0; i < CHANGES_PLACES; i++)
        if (is_by_same(&frame->changed->last[i], by))
            frame->changed->of_hart[hart][i / 16] &= ~(15ull << i % 16 * 4);
}

bool changes_judge(struct changed_frame *frame, unsigned hart, u64 pa,
                   unsigned size, struct change *by)
{
    unsigned half = (pa & (FRAME - 1)) / 2;

    if (!frame->changed)
        return false;
    for (unsigned end = half + size / 2; half < end; half++) {
        if (!has_changed(frame, hart, half))
            continue;
        *by = frame->changed->last[half / 4];
        forget(frame, hart, by);
        return true;
    }
    return false;
}

bool changes_has(const struct changed_frame *frame, unsigned offset)
{
    if (!frame->changed || offset >= FRAME)
        return false;
    for (unsigned i = 0; i < CHANGES_HARTS; i++)
        if (has_changed(frame, i, offset / 2))
            return true;
    return false;
}

bool changes_fenced(struct changes *changes, struct changed_frame *frame,
                    unsigned hart)
{
    frame->fetched &= (u8) ~(1u << hart);
    if (frame->fetched) {
        for (unsigned i = 0; frame->changed && i < CHANGES_HALVES / 64; i++)
            frame->changed->of_hart[hart][i] = 0;
        return false;
    }
    changes->changed -= frame->changed != NULL;
    arena_give(changes->arena, frame->changed);
    frame->changed = NULL;
    return true;
}
