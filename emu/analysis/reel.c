/*
 * A reel: a scene that goes to any place of a trace; see rvemu/scene.h.
 *
 * Places are numbers of events: at place n all before event n have been fed.
 * The first pass is at its end, the `frontier`, whose state is kept while the
 * scene is elsewhere. It keeps a state every `distance` events; when states
 * take more than they may, every second one is dropped and the distance
 * doubles. A state is of one boot, which begins with its first event that
 * matters to a scene, from one that knows nothing.
 *
 * Only the first pass tells stories.
 */
#include <stdlib.h>

#include "analysis/scene.h"
#include "base/bits.h"

#define BYTES_DEFAULT (256ull << 20)
#define DISTANCE_FIRST 16384
#define COMPARED                                               \
    256 /* bytes that keeping a state compares, for each event \
           before: to compare costs a third of feeding then */

struct state {
    u64 number;
    unsigned boot;
    void *saved;
};

struct rvemu_reel {
    struct rvemu_emt *trace;
    struct rvemu_reel_options options;
    const struct rvemu_emt_about *about;
    struct rvemu_scene *scene;
    rvemu_event_set wanted; /* events that matter to it */
    void *blank;            /* a scene that knows nothing */
    struct state *state;    /* `count` of them, in order; the first is at 0 */
    size_t count, room;
    u64 distance;
    struct state frontier; /* its state, if the scene is not there */
    u64 number;            /* the scene's place … */
    unsigned boot;         /* … and boot */
    bool passing;          /* the first pass is what is fed */
    bool is_through;       /* it has told all */
    bool read_on; /* the trace is at that place, and gives what is wanted */
    bool all;     /* … all events */
};

static void hear(void *arg, const struct rvemu_story *story)
{
    const struct rvemu_reel *reel = arg;

    if (reel->passing && reel->options.scene.story)
        reel->options.scene.story(reel->options.scene.arg, story);
}

static bool add_state(struct rvemu_reel *reel, void *saved)
{
    size_t room = reel->room ? 2 * reel->room : 64;
    struct state *grown = reel->state;

    if (saved && reel->count == reel->room) {
        grown = realloc(grown, room * sizeof(*grown));
        if (grown) {
            reel->state = grown;
            reel->room = room;
        }
    }
    if (!saved || !grown) {
        rvemu_scene_drop(reel->scene, saved);
        return false;
    }
    reel->state[reel->count++] =
        (struct state){reel->number, reel->boot, saved};
    return true;
}

int rvemu_reel_open(struct rvemu_emt *trace,
                    const struct rvemu_reel_options *options,
                    struct rvemu_reel **out, struct rvemu_error *error)
{
    struct rvemu_reel *reel = calloc(1, sizeof(*reel));
    struct rvemu_scene_options scene = options->scene;

    *out = NULL;
    if (!reel)
        return rvemu_error_set(error, "no memory for a scene");
    reel->trace = trace;
    reel->options = *options;
    if (!reel->options.bytes)
        reel->options.bytes = BYTES_DEFAULT;
    reel->wanted = rvemu_scene_kinds(&scene);
    reel->about = rvemu_emt_about(trace);
    reel->distance = DISTANCE_FIRST;
    scene.story = hear;
    scene.arg = reel;
    scene.explain.line = NULL;
    if (!scene.explain.names)
        scene.explain.names = rvemu_emt_names(trace);
    reel->scene = rvemu_scene_new(&scene);
    reel->blank = reel->scene ? rvemu_scene_save(reel->scene) : NULL;
    if (!reel->blank || !add_state(reel, rvemu_scene_save(reel->scene))) {
        rvemu_reel_free(reel);
        return rvemu_error_set(error, "no memory for a scene");
    }
    reel->passing = true;
    *out = reel;
    return 0;
}

void rvemu_reel_free(struct rvemu_reel *reel)
{
    if (!reel)
        return;
    for (size_t i = 0; i < reel->count; i++)
        rvemu_scene_drop(reel->scene, reel->state[i].saved);
    if (reel->scene) {
        rvemu_scene_drop(reel->scene, reel->frontier.saved);
        rvemu_scene_drop(reel->scene, reel->blank);
    }
    rvemu_scene_free(reel->scene);
    free(reel->state);
    free(reel);
}

const struct rvemu_scene *rvemu_reel_scene(const struct rvemu_reel *reel)
{
    return reel->scene;
}

unsigned rvemu_reel_boot(const struct rvemu_reel *reel)
{
    return reel->boot;
}

/* ---- states ---- */

static void restore(struct rvemu_reel *reel, const struct state *state)
{
    rvemu_scene_restore(reel->scene, state->saved);
    rvemu_scene_cut(reel->scene);
    reel->number = state->number;
    reel->boot = state->boot;
    reel->read_on = false;
}

/* Every second state goes, but for the first. */
static void thin_out(struct rvemu_reel *reel)
{
    size_t kept = 0;

    for (size_t i = 0; i < reel->count; i++) {
        if (i % 2 == 0)
            reel->state[kept++] = reel->state[i];
        else
            rvemu_scene_drop(reel->scene, reel->state[i].saved);
    }
    reel->count = kept;
    reel->distance *= 2;
}

/* Keeps a state, if one is due at the end of the first pass. */
static void keep(struct rvemu_reel *reel)
{
    const struct state *last = &reel->state[reel->count - 1];

    u64 due = most(reel->distance, arena_used(reel->scene->arena) / COMPARED);

    if (reel->number - last->number < due)
        return;
    add_state(reel, rvemu_scene_save(reel->scene));
    while (arena_kept(reel->scene->arena) > reel->options.bytes &&
           reel->count > 2)
        thin_out(reel);
}

/* The scene is at the end of the first pass. */
static void be_at_frontier(struct rvemu_reel *reel)
{
    rvemu_scene_drop(reel->scene, reel->frontier.saved);
    reel->frontier.saved = NULL;
    reel->passing = true;
}

static void go_to_frontier(struct rvemu_reel *reel)
{
    if (reel->passing)
        return;
    restore(reel, &reel->frontier);
    be_at_frontier(reel);
}

/* The scene is about to go elsewhere. False: memory is lacking. */
static bool leave_frontier(struct rvemu_reel *reel)
{
    void *saved = reel->passing ? rvemu_scene_save(reel->scene) : NULL;

    if (!reel->passing)
        return true;
    if (!saved)
        return false;
    reel->frontier = (struct state){reel->number, reel->boot, saved};
    reel->passing = false;
    return true;
}

/* The latest state at or before a place. */
static const struct state *find_state(const struct rvemu_reel *reel, u64 number)
{
    size_t low = 0, high = reel->count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (reel->state[middle].number <= number)
            low = middle;
        else
            high = middle;
    }
    return &reel->state[low];
}

/* ---- feeding ---- */

/* Has the trace give what follows the scene's place. */
static void read_from_here(struct rvemu_reel *reel, bool all)
{
    const struct rvemu_emt_filter filter = {.kinds = reel->wanted};

    if (reel->read_on && reel->all == all)
        return;
    rvemu_emt_want(reel->trace, all ? NULL : &filter);
    rvemu_emt_seek_event(reel->trace, reel->number);
    reel->read_on = true;
    reel->all = all;
}

/* A boot begins: what was is over. */
static void begin_boot(struct rvemu_reel *reel, unsigned boot)
{
    if (reel->passing)
        rvemu_scene_finish(reel->scene);
    rvemu_scene_restore(reel->scene, reel->blank);
    rvemu_scene_cut(reel->scene);
    reel->boot = boot;
}

/* The first pass is through: what was open is told. That is no part of the end
 * as one may see it. */
static void end_pass(struct rvemu_reel *reel)
{
    void *saved = reel->is_through ? NULL : rvemu_scene_save(reel->scene);

    if (!saved)
        return;
    rvemu_scene_finish(reel->scene);
    rvemu_scene_restore(reel->scene, saved);
    rvemu_scene_drop(reel->scene, saved);
    reel->is_through = true;
}

static void take(struct rvemu_reel *reel, const struct rvemu_event *event,
                 const struct rvemu_emt_place *place)
{
    if (!reel->passing && place->number >= reel->frontier.number)
        be_at_frontier(reel);
    reel->number = place->number + 1;
    if (!(RVEMU_EVENT_SET(event->kind) & reel->wanted))
        return;
    if (place->boot != reel->boot)
        begin_boot(reel, place->boot);
    rvemu_scene_feed(reel->scene, event);
    if (reel->passing)
        keep(reel);
}

/* Feeds what comes before a place. */
static void feed_to(struct rvemu_reel *reel, u64 number)
{
    struct rvemu_emt_place place = {.number = number};
    struct rvemu_event event;

    read_from_here(reel, false);
    while (reel->number < number &&
           rvemu_emt_next(reel->trace, &event, &place) && place.number < number)
        take(reel, &event, &place);
    reel->read_on &= place.number < number;
    reel->number = number;
    if (reel->passing && number == reel->about->events)
        end_pass(reel);
}

static u64 frontier_of(const struct rvemu_reel *reel)
{
    return reel->passing ? reel->number : reel->frontier.number;
}

bool rvemu_reel_prepare(struct rvemu_reel *reel, uint64_t events)
{
    struct state here = {reel->number, reel->boot, NULL};
    u64 left = reel->about->events - frontier_of(reel);

    if (!left || !(here.saved = rvemu_scene_save(reel->scene)))
        return false;
    go_to_frontier(reel);
    feed_to(reel, reel->number + least(left, events));
    if (leave_frontier(reel))
        restore(reel, &here);
    rvemu_scene_drop(reel->scene, here.saved);
    return left > events;
}

void rvemu_reel_seek_event(struct rvemu_reel *reel, uint64_t number)
{
    const struct state *state;

    number = least(number, reel->about->events);
    if (number >= frontier_of(reel)) {
        go_to_frontier(reel);
        feed_to(reel, number);
        return;
    }
    if (!leave_frontier(reel))
        return;
    state = find_state(reel, number);
    if (reel->number > number || reel->number < state->number)
        restore(reel, state);
    feed_to(reel, number);
}

void rvemu_reel_seek(struct rvemu_reel *reel, unsigned boot, uint64_t time)
{
    struct rvemu_emt_place place = {.number = reel->about->events};
    struct rvemu_event event;

    rvemu_emt_want(reel->trace, NULL);
    rvemu_emt_seek(reel->trace, time == UINT64_MAX ? boot + 1 : boot, time + 1);
    if (!rvemu_emt_next(reel->trace, &event, &place))
        place.number = reel->about->events;
    reel->read_on = false;
    rvemu_reel_seek_event(reel, place.number);
    if (reel->boot < boot && leave_frontier(reel))
        begin_boot(reel, boot);
}

bool rvemu_reel_next(struct rvemu_reel *reel, struct rvemu_event *event,
                     struct rvemu_emt_place *place)
{
    struct rvemu_emt_place at;

    read_from_here(reel, true);
    if (!rvemu_emt_next(reel->trace, event, &at)) {
        feed_to(reel, reel->about->events);
        return false;
    }
    take(reel, event, &at);
    if (place)
        *place = at;
    return true;
}

void rvemu_reel_counts(const struct rvemu_reel *reel,
                       struct rvemu_reel_counts *counts)
{
    *counts = (struct rvemu_reel_counts){
        .passed = frontier_of(reel),
        .states = reel->count,
        .bytes = arena_kept(reel->scene->arena),
    };
}
