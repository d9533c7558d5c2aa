/*
 * The lives of address spaces; see lives.h. Who tells spaces apart and names
 * them is the explainer, so that the numbers are those of its sentences.
 */
#include "trace/lives.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOT_ENDED UINT64_MAX
#define ROOM_MIN 64

struct reading {
    struct lives *lives;
    const struct options *options;
    struct rvemu_explain *explain;
    struct dict by_root; /* the place in lives of the current one, from 1 on */
    bool failed;         /* memory is lacking */
};

/* Whether the options ask for one that is called so. */
static bool is_asked_for(const struct options *o,
                         const struct rvemu_explain_called *called)
{
    for (unsigned i = 0; i < o->pids; i++)
        if (called->has_pid && called->pid == o->pid[i])
            return true;
    for (unsigned i = 0; i < o->explained.filter.spaces; i++) {
        const struct rvemu_explain_space *space = &o->explained.filter.space[i];

        if (space->name[0]
                ? !strcmp(space->name, called->name)
                : space->number ==
                      (called->has_pid ? called->pid : called->number))
            return true;
    }
    return false;
}

static struct life *begin(struct reading *r, uint64_t root, uint64_t number)
{
    struct lives *lives = r->lives;

    if (lives->used == lives->room) {
        size_t room = lives->room ? 2 * lives->room : ROOM_MIN;
        struct life *list = realloc(lives->list, room * sizeof(*list));

        if (!list) {
            r->failed = true;
            return NULL;
        }
        lives->list = list;
        lives->room = room;
    }
    if (!dict_put(&r->by_root, root, (void *)(lives->used + 1))) {
        r->failed = true;
        return NULL;
    }
    lives->list[lives->used] =
        (struct life){.root = root, .first = number, .last = NOT_ENDED};
    return &lives->list[lives->used++];
}

static struct life *current(struct reading *r, uint64_t root)
{
    size_t place = (size_t)dict_get(&r->by_root, root);

    return place ? &r->lives->list[place - 1] : NULL;
}

/* Looks at how the root is called now. */
static void look(struct reading *r, uint64_t root, uint64_t number)
{
    struct life *life = current(r, root);
    struct rvemu_explain_called called;

    if (!life)
        life = begin(r, root, number);
    if (!life || !rvemu_explain_called(r->explain, root, &called))
        return;
    if (life->called.number && life->called.number != called.number) {
        life->last = number - 1;
        life = begin(r, root, number);
        if (!life)
            return;
    }
    life->called = called;
    life->is_wanted |= is_asked_for(r->options, &called);
}

static void end(struct reading *r, uint64_t root, uint64_t number)
{
    struct life *life;

    look(r, root, number);
    life = current(r, root);
    if (life)
        life->last = number;
    dict_put(&r->by_root, root, NULL);
}

static void end_all(struct reading *r, uint64_t number)
{
    for (size_t i = 0; i < r->lives->used; i++)
        if (r->lives->list[i].last == NOT_ENDED)
            end(r, r->lives->list[i].root, number);
}

static void ignore_line(void *arg, const char *line)
{
}

/* The machine of another boot: nothing is left of the one before. */
static bool begin_boot(struct reading *r, struct rvemu_emt *trace)
{
    const struct rvemu_explain_options options = {
        .line = ignore_line, .names = rvemu_emt_names(trace)};

    rvemu_explain_free(r->explain);
    r->explain = rvemu_explain_new(&options);
    return r->explain != NULL;
}

static void take(struct reading *r, const struct rvemu_event *event,
                 const struct rvemu_emt_place *place)
{
    uint64_t root = place->root_ppn;

    if (event->kind == RVEMU_EVENT_root_lost)
        end(r, root, place->number);
    rvemu_explain_feed(r->explain, event);
    if (root && event->kind != RVEMU_EVENT_root_lost &&
        (place->names_root || event->kind == RVEMU_EVENT_mark ||
         (event->kind == RVEMU_EVENT_xret && !event->xret.target)))
        look(r, root, place->number);
}

static int compare(const void *one, const void *other)
{
    const struct life *a = one, *b = other;

    if (a->root != b->root)
        return a->root < b->root ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

int lives_read(struct lives *lives, struct rvemu_emt *trace,
               const struct options *options, struct progress *progress,
               struct rvemu_error *error)
{
    const struct rvemu_emt_filter filter = {
        .kinds = rvemu_explain_kinds(&options->explained)};
    struct reading r = {.lives = lives, .options = options};
    struct rvemu_emt_place place = {0};
    struct rvemu_event event;
    unsigned boot = 0;
    bool failed = !begin_boot(&r, trace);

    rvemu_emt_want(trace, &filter);
    while (!failed && !r.failed && rvemu_emt_next(trace, &event, &place)) {
        if (place.boot != boot) {
            end_all(&r, place.number - 1);
            failed = !begin_boot(&r, trace);
            boot = place.boot;
        }
        progress_at(progress, place.offset);
        if (!failed)
            take(&r, &event, &place);
    }
    if (!failed && !r.failed)
        end_all(&r, place.number);
    failed |= r.failed;
    rvemu_explain_free(r.explain);
    dict_free(&r.by_root);
    rvemu_emt_seek(trace, 0, 0);
    if (failed)
        return rvemu_error_set(error, "no memory for the address spaces");
    if (lives->used)
        qsort(lives->list, lives->used, sizeof(*lives->list), compare);
    return 0;
}

void lives_free(struct lives *lives)
{
    free(lives->list);
    *lives = (struct lives){0};
}

static bool has(const struct life *life, uint64_t root, uint64_t number)
{
    return life && life->root == root && life->first <= number &&
           number <= life->last;
}

const struct life *lives_find(struct lives *lives, uint64_t root,
                              uint64_t number)
{
    size_t low = 0, high = lives->used;

    if (has(lives->last, root, number))
        return lives->last;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct life *life = &lives->list[middle];

        if (life->root < root || (life->root == root && life->first <= number))
            low = middle + 1;
        else
            high = middle;
    }
    if (!low || !has(&lives->list[low - 1], root, number))
        return NULL;
    lives->last = &lives->list[low - 1];
    return lives->last;
}

void lives_name(const struct life *life, char *out, size_t size)
{
    const struct rvemu_explain_called *called = &life->called;
    int used;

    if (!called->number)
        used = snprintf(out, size, "root 0x%" PRIx64, life->root);
    else
        used = snprintf(out, size, "%s %" PRIu64,
                        called->has_pid ? "pid" : "space",
                        called->has_pid ? called->pid : called->number);
    if (called->name[0] && used > 0 && (size_t)used < size)
        snprintf(out + used, size - (size_t)used, " (%s)", called->name);
}
