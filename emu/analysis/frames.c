/* Frames and who maps them; see frames.h. */
#include "analysis/frames.h"

#include <string.h>

static u64 key_of(u64 ppn, unsigned level)
{
    return (u64)level << 60 | ppn;
}

/* Keeps the record for another frame: many come and go. */
static void put_away(struct frames *frames, struct frame *frame)
{
    if (frame->mapping != frame->few)
        arena_give(frames->by_ppn.arena, frame->mapping);
    frame->next = frames->spare;
    frames->spare = frame;
}

/* A record that is all 0, or NULL. */
static struct frame *take_record(struct frames *frames)
{
    struct frame *frame = frames->spare;

    if (!frame)
        return arena_take(frames->by_ppn.arena, sizeof(*frame));
    frames->spare = frame->next;
    memset(frame, 0, sizeof(*frame));
    return frame;
}

struct frame *frames_find(const struct frames *frames, u64 ppn, unsigned level)
{
    return map_get(&frames->by_ppn, key_of(ppn, level));
}

static struct frame *find_or_add(struct frames *frames, u64 ppn, unsigned level)
{
    struct frame *frame = frames_find(frames, ppn, level);

    if (frame)
        return frame;
    frame = take_record(frames);
    if (!frame)
        return NULL;
    frame->ppn = ppn;
    frame->level = level;
    frame->life = ++frames->made << 32;
    frame->mapping = frame->few;
    frame->room = sizeof(frame->few) / sizeof(frame->few[0]);
    if (!map_put(&frames->by_ppn, key_of(ppn, level), frame)) {
        put_away(frames, frame);
        return NULL;
    }
    return frame;
}

static bool grow(struct frames *frames, struct frame *frame)
{
    unsigned room = 2 * frame->room;
    bool had_few = frame->mapping == frame->few;
    struct entry *grown =
        arena_grow(frames->by_ppn.arena, had_few ? NULL : frame->mapping,
                   room * sizeof(*grown));

    if (!grown)
        return false;
    if (had_few)
        memcpy(grown, frame->few, sizeof(frame->few));
    frame->mapping = grown;
    frame->room = room;
    return true;
}

bool frames_link(struct frames *frames, u64 ppn, unsigned level,
                 struct entry from)
{
    struct frame *frame = find_or_add(frames, ppn, level);

    if (!frame || (frame->mappings == frame->room && !grow(frames, frame)))
        return false;
    frame->mapping[frame->mappings++] = from;
    return true;
}

void frames_unlink(struct frames *frames, struct frame *frame,
                   struct entry from)
{
    for (unsigned i = 0; i < frame->mappings; i++) {
        if (frame->mapping[i].table == from.table &&
            frame->mapping[i].index == from.index) {
            frame->mapping[i] = frame->mapping[--frame->mappings];
            break;
        }
    }
    frames_settle(frames, frame);
}

void frames_forget(struct frame *frame)
{
    frame->life++;
    frame->protected = false;
    frame->common = false;
    frame->by_fork = false;
    frame->back = false;
    frame->copied = false;
    frame->left_root = 0;
    frame->left_copies = 0;
    frame->fork = frame->first_fork = 0;
}

void frames_settle(struct frames *frames, struct frame *frame)
{
    if (frame->mappings || frame->protected)
        return;
    map_remove(&frames->by_ppn, key_of(frame->ppn, frame->level));
    put_away(frames, frame);
}
