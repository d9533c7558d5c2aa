/*
 * The scene: events in, answers out; see rvemu/scene.h.
 *
 * Of an event the explainer hears first, but for a page fault, whose parts are
 * to be there when it becomes a story. What a scene notes beside it comes from
 * the same event and from what the explainer's spaces now are.
 */
#include "analysis/scene.h"

#include <stdlib.h>

struct rvemu_scene *rvemu_scene_new(const struct rvemu_scene_options *options)
{
    struct rvemu_explain *explain = rvemu_explain_new(&options->explain);
    struct rvemu_scene *scene =
        explain ? arena_take(explain->arena, sizeof(*scene)) : NULL;

    if (scene)
        scene->told = calloc(1, sizeof(*scene->told));
    if (!scene || !scene->told) {
        rvemu_explain_free(explain);
        return NULL;
    }
    scene->explain = explain;
    scene->arena = explain->arena;
    scene->options = *options;
    scene->wanted = rvemu_scene_kinds(options);
    scene->kinds = rvemu_explain_kinds(&options->explain);
    scene->space.arena = scene->number.arena = scene->arena;
    scene->entry.arena = scene->frame.arena = scene->arena;
    scene->ear =
        (struct spaces_ear){scene, scene_begun, scene_ended, scene_left};
    explain->story.spaces.ear = &scene->ear;
    explain->story.ear = scene_hear;
    explain->story.ear_arg = scene;
    explain->story.naming.names = options->explain.names;
    return scene;
}

void rvemu_scene_free(struct rvemu_scene *scene)
{
    if (!scene)
        return;
    free(scene->told->frames);
    free(scene->told);
    rvemu_explain_free(scene->explain);
}

rvemu_event_set rvemu_scene_kinds(const struct rvemu_scene_options *options)
{
    return rvemu_explain_kinds(&options->explain) | RVEMU_EVENT_BIT(tlb_fill) |
           RVEMU_EVENT_BIT(tlb_evict) | RVEMU_EVENT_BIT(ad_update);
}

struct rvemu_explain *rvemu_scene_explainer(struct rvemu_scene *scene)
{
    return scene->explain;
}

void rvemu_scene_feed(void *arg, const struct rvemu_event *event)
{
    struct rvemu_scene *scene = arg;

    if (!(RVEMU_EVENT_SET(event->kind) & scene->wanted))
        return;
    scene->told->serial++;
    scene->events++;
    scene->time = event->time;
    if (event->kind == RVEMU_EVENT_page_fault)
        scene_open_episode(scene, event);
    if (RVEMU_EVENT_SET(event->kind) & scene->kinds)
        rvemu_explain_feed(scene->explain, event);
    switch (event->kind) {
    case RVEMU_EVENT_satp: scene_take_satp(scene, event); break;
    case RVEMU_EVENT_pte_write:
    case RVEMU_EVENT_pte_found: scene_take_entry(scene, event); break;
    case RVEMU_EVENT_frame_copied:
        scene->copied = event->frame_copied;
        scene->copied_time = event->time;
        break;
    case RVEMU_EVENT_ad_update:
        spaces_note_use(scene_spaces(scene), &event->ad_update);
        break;
    case RVEMU_EVENT_tlb_flush:
    case RVEMU_EVENT_xret: scene_take_part(scene, event); break;
    default: break;
    }
    scene_take_tlb(scene, event);
    if (scene->pendings)
        scene_tell(scene, false);
}

void rvemu_scene_finish(struct rvemu_scene *scene)
{
    scene->told->serial++;
    rvemu_explain_finish(scene->explain);
    scene_tell(scene, true);
}

void *rvemu_scene_save(void *arg)
{
    struct rvemu_scene *scene = arg;

    return rvemu_explain_save(scene->explain);
}

void rvemu_scene_restore(void *arg, const void *saved)
{
    struct rvemu_scene *scene = arg;

    rvemu_explain_restore(scene->explain, saved);
    scene->told->serial++;
}

void rvemu_scene_drop(void *arg, void *saved)
{
    struct rvemu_scene *scene = arg;

    rvemu_explain_drop(scene->explain, saved);
}

void rvemu_scene_cut(struct rvemu_scene *scene)
{
    rvemu_explain_cut(scene->explain);
    scene->told->stories = scene->tellings;
}

void rvemu_scene_count(const struct rvemu_scene *scene,
                       struct rvemu_scene_counts *counts)
{
    const struct spaces *spaces = scene_spaces(scene);
    const struct frame *frame;
    size_t at = 0;

    *counts = (struct rvemu_scene_counts){
        .events = scene->events,
        .time = scene->time,
        .spaces = spaces->roots_seen,
        .alive = spaces->roots.count,
        .tables = spaces->tables.count,
        .stories = scene->stories,
        .forgotten = scene->forgotten,
        .failed = scene->failed || scene->explain->silent,
    };
    while ((frame = map_next(&spaces->frames.by_ppn, &at))) {
        u64 pages = level_size(frame->level) >> 12;

        counts->frames += frame->mappings ? pages : 0;
        counts->shared += frame->mappings > 1 ? pages : 0;
    }
}

bool rvemu_scene_hart(const struct rvemu_scene *scene, unsigned hart,
                      struct rvemu_scene_hart *out)
{
    const struct scene_hart *h = hart < HARTS ? scene->hart[hart] : NULL;
    const struct table *root;

    *out = (struct rvemu_scene_hart){0};
    if (!h)
        return false;
    root = spaces_root(scene_spaces(scene), satp_frame(h->satp));
    out->satp = h->satp;
    out->space = root ? root->id : 0;
    out->call = scene->explain->story.call[hart];
    if (h->faults) {
        u64 number = h->fault[h->faults - 1];
        const struct scene_episode *e =
            &scene->episode[number % SCENE_EPISODES];

        out->has_fault = true;
        out->fault_time = e->time;
        out->fault_va = e->va;
        out->fault_pc = e->pc;
        out->fault_access = e->access;
    }
    return true;
}
