/* Code that was changed, and harts that may not know; see old_code.h. */
#include "analysis/old_code.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PRIV_USER 0
#define PAGE_BITS 12
#define FNV_BASIS 0xcbf29ce484222325
#define FNV_PRIME 0x100000001b3

static struct arena *arena_of(const struct old_code *o)
{
    return o->story->spaces.tables.arena;
}

static struct old_code_use take(struct old_code *o, unsigned at)
{
    struct old_code_use use = o->use[at];

    o->count--;
    memmove(&o->use[at], &o->use[at + 1], (o->count - at) * sizeof(use));
    return use;
}

/* What there was in place of the fence.i: one of another hart's, if any. */
static void name_gap(const struct old_code *o, unsigned hart, u64 changed,
                     struct facts *facts)
{
    unsigned nearest = hart;

    for (unsigned i = 0; i < HARTS; i++)
        if (i != hart && o->fenced[i] > changed &&
            (nearest == hart || o->fenced[i] < o->fenced[nearest]))
            nearest = i;
    facts->say_missing = SAY_MISSING_I;
    if (nearest == hart)
        return;
    facts->say_missing = SAY_MISSING_I_HART;
    story_fence(o->story, o->fenced_pc[nearest], facts);
}

static void tell(struct old_code *o, const struct old_code_use *use)
{
    if (!map_get(&o->told, use->key)) {
        if (!map_put(&o->told, use->key, o))
            o->story->spaces.failed = true;
        name_gap(o, use->hart, use->changed, use->facts);
        story_say(o->story, use->ticket, use->time, SAY_STALE_CODE, use->facts);
    } else {
        lines_drop(&o->story->lines, use->ticket);
    }
    arena_give(arena_of(o), use->facts);
}

/* Names the code that has changed, and who changed it. */
static void name_places(struct old_code *o, const struct rvemu_event *event,
                        struct facts *facts)
{
    const struct rvemu_ev_stale_fetch *fetch = &event->stale_fetch;
    const struct naming *naming = &o->story->naming;
    u64 root = o->story->root[event->hart];
    struct place place = {.name = ""};
    bool user = event->priv == PRIV_USER;

    if (user)
        naming_run(&o->story->naming, root, event->pc);
    naming_source(naming, user ? root : 0, event->pc, &facts->place);
    facts->va = facts->pc = event->pc;
    story_place(o->story, root, facts);
    if (!fetch->by) {
        facts->say_changed = SAY_CHANGED_DEVICE;
        return;
    }
    if (fetch->by_priv != PRIV_USER) {
        story_written(o->story, fetch->by, facts);
    } else {
        naming_source(naming, root, fetch->by, &place);
        memcpy(facts->writer, place.line, PLACE_TEXT);
        facts->say_written = place.line[0] ? SAY_WRITTEN_LINE : SAY_NOTHING;
    }
    if (facts->say_written)
        return;
    snprintf(facts->writer, PLACE_TEXT, "0x%" PRIx64, fetch->by);
    facts->say_written = SAY_WRITTEN_LINE;
}

/* What a store is known by: its line, or its address, or, of a device's, the
 * page that runs. */
static u64 key_of(const struct rvemu_event *event, const struct facts *facts)
{
    const char *text[] = {facts->writer_function, facts->writer};
    u64 hash = FNV_BASIS;

    if (!event->stale_fetch.by)
        return event->pc >> PAGE_BITS;
    for (unsigned i = 0; i < 2; i++)
        for (const char *at = text[i]; *at; at++)
            hash = (hash ^ (u8)*at) * FNV_PRIME;
    return hash;
}

static void take_fetch(struct old_code *o, const struct rvemu_event *event)
{
    const struct rvemu_ev_stale_fetch *fetch = &event->stale_fetch;
    struct old_code_use use = {
        .time = event->time, .hart = event->hart, .changed = fetch->changed};
    bool due = event->priv == PRIV_USER && fetch->by_priv != PRIV_USER;

    use.facts = arena_take(arena_of(o), sizeof(*use.facts));
    if (!use.facts) {
        o->story->spaces.failed = true;
        return;
    }
    use.facts->hart = event->hart + 1u;
    name_places(o, event, use.facts);
    use.key = key_of(event, use.facts);
    if (map_get(&o->told, use.key)) {
        arena_give(arena_of(o), use.facts);
        return;
    }
    if (due) {
        tell(o, &use);
        return;
    }
    if (o->count == OLD_CODES) {
        struct old_code_use oldest = take(o, 0);

        tell(o, &oldest);
    }
    use.ticket = lines_hold(&o->story->lines, use.time);
    o->use[o->count++] = use;
}

static void take_fence(struct old_code *o, const struct rvemu_event *event)
{
    o->fenced[event->hart] = event->time;
    o->fenced_pc[event->hart] = event->pc;
    for (unsigned i = 0; i < o->count;) {
        struct old_code_use use = o->use[i];

        if (use.hart != event->hart) {
            i++;
            continue;
        }
        take(o, i);
        o->windows++;
        lines_drop(&o->story->lines, use.ticket);
        arena_give(arena_of(o), use.facts);
    }
}

void old_code_event(struct old_code *o, const struct rvemu_event *event)
{
    if (!o->story->options.check[RVEMU_CHECK_ICACHE])
        return;
    if (event->kind == RVEMU_EVENT_stale_fetch)
        take_fetch(o, event);
    else
        take_fence(o, event);
}

void old_code_advance(struct old_code *o, u64 now)
{
    while (o->count && now - o->use[0].time >= LINES_HOLD) {
        struct old_code_use use = take(o, 0);

        tell(o, &use);
    }
}

void old_code_finish(struct old_code *o)
{
    while (o->count) {
        struct old_code_use use = take(o, 0);

        tell(o, &use);
    }
}
