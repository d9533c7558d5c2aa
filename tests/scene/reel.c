/*
 * Goes to random places of a trace, and compares what is there with a scene
 * that was fed straight.
 *
 *   reel FILE PLACES SEED BYTES
 *
 * BYTES is what states may take. Prints what was compared and how long it took,
 * or the first place that differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rvemu/rvemu.h>

#include "base/bits.h"

#define ROOM 4096

struct place {
    u64 number;
    unsigned boot;
    u64 time;
    u64 digest;
};

static u64 stories;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void mix(u64 *digest, u64 value)
{
    *digest = stir(*digest ^ value) + value;
}

static void mix_text(u64 *digest, const char *text)
{
    for (; *text; text++)
        mix(digest, (unsigned char)*text);
}

static void mix_space(u64 *digest, const struct rvemu_scene *scene,
                      const struct rvemu_scene_space *space)
{
    struct rvemu_scene_page page;

    mix(digest, space->id ^ space->root_ppn << 20);
    mix(digest, space->parent ^ space->fork_story << 20);
    mix(digest, space->ended_time ^ space->seen_time);
    mix(digest, space->pages ^ space->shared << 20 ^ space->cow << 40);
    mix_text(digest, space->name);
    for (u64 va = 0; rvemu_scene_page_from(scene, space->id, va, &page);) {
        mix(digest, page.va ^ page.pte << 1);
        mix(digest, page.since ^ page.taken);
        mix(digest, page.mappers ^ page.fork << 20 ^ page.changed);
        va = page.va + page.size;
        if (!va)
            break;
    }
}

/* All that a scene answers, in one number. */
static u64 digest_of(const struct rvemu_scene *scene)
{
    static struct rvemu_scene_tlb entry[ROOM];
    const struct rvemu_scene_tlb_filter all = {.harts = 0};
    struct rvemu_scene_counts counts;
    struct rvemu_scene_space space;
    struct rvemu_scene_frame frame;
    struct rvemu_story story;
    u64 digest = 0;
    size_t entries = rvemu_scene_tlb(scene, &all, entry, ROOM);

    for (unsigned id = 0; rvemu_scene_next_space(scene, id, false, &space);
         id = space.id)
        mix_space(&digest, scene, &space);
    for (u64 ppn = 0; rvemu_scene_frame_from(scene, ppn, &frame);
         ppn = frame.ppn + 1) {
        mix(&digest, frame.ppn ^ frame.since << 20);
        mix(&digest, frame.was_va ^ frame.was_until ^ frame.copy_of);
    }
    for (size_t i = 0; i < entries && i < ROOM; i++)
        mix(&digest, entry[i].va ^ entry[i].pte << 1 ^ entry[i].filled);
    if (rvemu_scene_story(scene, rvemu_scene_last_story(scene), &story))
        mix_text(&digest, story.text);
    rvemu_scene_count(scene, &counts);
    mix(&digest, counts.events ^ counts.stories << 32);
    mix(&digest, counts.frames ^ counts.tables << 32);
    return digest;
}

static void hear(void *arg, const struct rvemu_story *story)
{
    stories++;
}

/* Feeds a trace straight, and notes what is at the places, which are in order.
 */
static u64 feed(const char *path, struct place *place, size_t places)
{
    const struct rvemu_scene_options options = {.story = hear};
    struct rvemu_scene *scene = NULL;
    struct rvemu_scene_options with = options;
    struct rvemu_emt_place at;
    struct rvemu_event event;
    struct rvemu_error error;
    struct rvemu_emt *trace;
    unsigned boot = 0;
    size_t i = 0;
    u64 time = 0;

    if (rvemu_emt_open(path, &trace, &error) < 0)
        exit(2);
    with.explain.names = rvemu_emt_names(trace);
    scene = rvemu_scene_new(&with);
    while (rvemu_emt_next(trace, &event, &at)) {
        for (; i < places && place[i].number <= at.number; i++) {
            place[i].digest = digest_of(scene);
            place[i].boot = boot;
            place[i].time =
                event.time > time && at.boot == boot ? event.time - 1 : 0;
        }
        if (!(RVEMU_EVENT_SET(event.kind) & rvemu_scene_kinds(&with)))
            continue;
        if (at.boot != boot) {
            rvemu_scene_finish(scene);
            rvemu_scene_free(scene);
            scene = rvemu_scene_new(&with);
            boot = at.boot;
        }
        rvemu_scene_feed(scene, &event);
        time = event.time;
    }
    for (; i < places; i++) {
        place[i].digest = digest_of(scene);
        place[i].boot = boot;
    }
    rvemu_scene_finish(scene);
    rvemu_scene_free(scene);
    rvemu_emt_free(trace);
    return i;
}

static int by_number(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

static void fail(const char *what, const struct place *place)
{
    printf("%s: event %" PRIu64 ", boot %u, time %" PRIu64 "\n", what,
           place->number, place->boot, place->time);
    exit(1);
}

static double visit(struct rvemu_reel *reel, const struct place *place,
                    bool by_time)
{
    double begun = now(), took;
    struct rvemu_emt_place next;
    struct rvemu_event event;

    if (by_time && place->time)
        rvemu_reel_seek(reel, place->boot, place->time);
    else
        rvemu_reel_seek_event(reel, place->number);
    took = now() - begun;
    if (digest_of(rvemu_reel_scene(reel)) != place->digest)
        fail("the scene is another", place);
    if (rvemu_reel_next(reel, &event, &next) && !by_time &&
        next.number < place->number)
        fail("the next event is another", place);
    return took;
}

static u64 draw(u64 *state)
{
    *state += 0x9e3779b97f4a7c15;
    return stir(*state);
}

int main(int argc, char **argv)
{
    struct rvemu_reel_options options = {.scene = {.story = hear}};
    size_t places = argc == 5 ? strtoul(argv[2], NULL, 0) : 0;
    struct place *place = calloc(places + 1, sizeof(*place));
    struct rvemu_reel_counts counts;
    struct rvemu_error error;
    struct rvemu_emt *trace;
    struct rvemu_reel *reel;
    double begun, first, most = 0, sum = 0;
    u64 seed, told;

    if (!places || !place || rvemu_emt_open(argv[1], &trace, &error) < 0)
        return 2;
    seed = strtoull(argv[3], NULL, 0);
    options.bytes = strtoull(argv[4], NULL, 0);
    for (size_t i = 0; i < places; i++)
        place[i].number = draw(&seed) % (rvemu_emt_about(trace)->events + 1);
    qsort(place, places, sizeof(*place), by_number);
    feed(argv[1], place, places);
    told = stories;
    stories = 0;
    if (rvemu_reel_open(trace, &options, &reel, &error) < 0)
        return 2;
    visit(reel, &place[draw(&seed) % places], true);
    begun = now();
    while (rvemu_reel_prepare(reel, 100000))
        ;
    first = now() - begun;
    if (stories != told)
        fail("stories are told once", place);
    for (size_t i = 0; i < 2 * places; i++) {
        double took = visit(reel, &place[draw(&seed) % places], i & 1);

        most = took > most ? took : most;
        sum += took;
    }
    rvemu_reel_counts(reel, &counts);
    if (stories != told)
        fail("stories are told once", place);
    printf("%" PRIu64 " events, %" PRIu64 " stories, %zu places, %" PRIu64
           " states of %" PRIu64
           " KiB; first pass %.0f ms of CPU, a seek %.1f, "
           "%.1f at most\n",
           counts.passed, told, 2 * places, counts.states, counts.bytes >> 10,
           first, sum / (double)(2 * places), most);
    rvemu_reel_free(reel);
    rvemu_emt_free(trace);
    free(place);
    return 0;
}
