/*
 * What the explainer says, drawn; see flows.h.
 *
 * A line is an object of one level but for the spaces in it, whose numbers are
 * wanted: a member is found by its key where it begins, behind a brace or a
 * comma outside of texts.
 */
#include "trace/flows.h"

#include <stdlib.h>
#include <string.h>

#include "trace/json.h"

#define ROOM_MIN 16
#define WORD_MAX 128
#define TEXT_MAX 4096
#define PAGE_SHIFT 12
#define PAGE_FAULTS 8 /* of a page that are remembered */

/* When a page of a space faulted, the latest times in a ring. */
struct page {
    uint64_t time[PAGE_FAULTS];
    unsigned faults;
};

/* The value of a member of the object at `object`, or NULL. */
static const char *member(const char *object, const char *key)
{
    size_t length = strlen(key);
    unsigned depth = 0;

    for (const char *at = object; *at; at++) {
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        if (*at == '"' && depth == 1 && (at[-1] == '{' || at[-1] == ',') &&
            !strncmp(at + 1, key, length) &&
            !strncmp(at + 1 + length, "\":", 2))
            return at + length + 3;
        if (*at == '"')
            for (at++; *at && *at != '"'; at++)
                at += *at == '\\' && at[1];
        if (!*at || !depth)
            return NULL;
    }
    return NULL;
}

static uint64_t number_of(const char *object, const char *key)
{
    const char *value = member(object, key);

    return value ? strtoull(value + (*value == '"'), NULL, 0) : 0;
}

/* The number of a space in a line, 0 for none. */
static uint64_t space_of(const char *line, const char *key)
{
    const char *value = member(line, key);

    return value ? number_of(value, "number") : 0;
}

/* A text as it stands between its quotes, or "". */
static void text_of(const char *line, const char *key, char *out, size_t size)
{
    const char *value = member(line, key);
    size_t used = 0;

    for (value += value != NULL; value && *value && *value != '"'; value++) {
        if (*value == '\\' && value[1])
            value++;
        if (used + 1 < size)
            out[used++] = *value;
    }
    out[used] = '\0';
}

/* The life of the space with this number: the last to have begun. */
static const struct life *find_life(struct flows *f, uint64_t number)
{
    const struct lives *lives = &f->source->lives;
    const struct life *found = NULL;

    for (size_t i = 0; number && i < lives->used; i++) {
        const struct life *life = &lives->list[i];

        if (life->called.number == number && life->first <= f->number &&
            (!found || life->first > found->first))
            found = life;
    }
    return found;
}

unsigned flows_process(struct tracks *tracks, struct source *source,
                       const struct life *life)
{
    char name[64];
    unsigned process;

    if (!life)
        return 0;
    process = TRACKS_SPACES + (unsigned)(life - source->lives.list);
    lives_name(life, name, sizeof(name));
    tracks_name_process(tracks, process, name);
    return process;
}

static void end_with_text(struct flows *f, const char *line)
{
    char text[TEXT_MAX];

    text_of(line, "text", text, sizeof(text));
    json_member(f->tracks->out, "text", text);
    tracks_end_event(f->tracks);
}

static void add_fork(struct flows *f, const char *line)
{
    struct fork fork = {.parent = space_of(line, "other"),
                        .child = space_of(line, "space"),
                        .time = number_of(line, "time_ns")};
    const struct life *life =
        find_life(f, fork.parent ? fork.parent : fork.child);

    if (f->forks == f->room) {
        size_t room = f->room ? 2 * f->room : ROOM_MIN;
        struct fork *list = realloc(f->fork, room * sizeof(*list));

        if (!list) {
            f->failed = true;
            return;
        }
        f->fork = list;
        f->room = room;
    }
    fork.place.process = flows_process(f->tracks, f->source, life);
    fork.place.thread = TRACKS_FORKS;
    fork.place.time = fork.time;
    f->fork[f->forks++] = fork;
    if (!fork.place.process || !f->is_shown)
        return;
    tracks_name_thread(f->tracks, fork.place.process, TRACKS_FORKS, "forks");
    tracks_slice(f->tracks, fork.place, fork.time + 1, "fork");
    end_with_text(f, line);
}

/* The fork that made both share a page: the latest of the two, or else of the
 * one. */
static const struct fork *find_fork(const struct flows *f, uint64_t space,
                                    uint64_t other)
{
    const struct fork *of_one = NULL;

    for (size_t i = f->forks; i--;) {
        const struct fork *fork = &f->fork[i];
        bool is_in = fork->parent == space || fork->child == space;

        if (is_in && other && (fork->parent == other || fork->child == other))
            return fork;
        if (is_in && !of_one)
            of_one = fork;
    }
    return of_one;
}

static uint64_t fault_key(uint64_t root, uint64_t va)
{
    return root << 36 ^ root >> 28 ^ va >> PAGE_SHIFT;
}

/* Notes that a page of a space has faulted. */
static void add_fault(struct flows *f, uint64_t root, uint64_t va,
                      uint64_t time)
{
    uint64_t key = fault_key(root, va);
    struct page *page = dict_get(&f->fault, key);

    if (!page) {
        page = calloc(1, sizeof(*page));
        if (!page || !dict_put(&f->fault, key, page)) {
            free(page);
            f->failed = true;
            return;
        }
    }
    page->time[page->faults++ % PAGE_FAULTS] = time;
}

/* When the page had last faulted by `time`; that itself, if it is not known. A
 * line may come when the page has faulted again. */
static uint64_t find_fault(const struct flows *f, uint64_t root, uint64_t va,
                           uint64_t time)
{
    const struct page *page = dict_get(&f->fault, fault_key(root, va));
    uint64_t last = 0;

    for (unsigned i = 0; page && i < PAGE_FAULTS && i < page->faults; i++)
        if (page->time[i] <= time && page->time[i] > last)
            last = page->time[i];
    return last ? last : time;
}

static void put_copy(struct flows *f, const char *line)
{
    uint64_t time = number_of(line, "time_ns");
    uint64_t space = space_of(line, "space"), hart = number_of(line, "hart");
    const struct life *life = find_life(f, space);
    unsigned process = flows_process(f->tracks, f->source, life);
    const struct fork *fork = find_fork(f, space, space_of(line, "other"));
    struct tracks_place fault = {process, TRACKS_FAULTS(hart), time};
    struct tracks_place copy = {process, TRACKS_COPIES, time};
    char thread[32];

    if (!process || !f->is_shown)
        return;
    fault.time = find_fault(f, life->root, number_of(line, "va"), copy.time);
    snprintf(thread, sizeof(thread), "COW faults, hart %u", (unsigned)hart);
    tracks_name_thread(f->tracks, process, fault.thread, thread);
    tracks_name_thread(f->tracks, process, copy.thread, "copies");
    tracks_slice(f->tracks, fault, time + 1, "COW fault");
    end_with_text(f, line);
    tracks_slice(f->tracks, copy, time + 1, "copy");
    end_with_text(f, line);
    f->flow++;
    if (fork && fork->place.process)
        tracks_flow(f->tracks, fork->place, 's', f->flow);
    tracks_flow(f->tracks, fault, fork && fork->place.process ? 't' : 's',
                f->flow);
    tracks_flow(f->tracks, copy, 'f', f->flow);
}

static void put_counters(struct flows *f, uint64_t time)
{
    struct rvemu_spaces_totals totals;

    if (time < f->next_count || !f->is_shown)
        return;
    f->next_count = time + f->between;
    rvemu_explain_spaces_totals(f->explain, &totals);
    tracks_counter(f->tracks, time, "live spaces", totals.roots);
    tracks_counter(f->tracks, time, "mapped frames", totals.frames);
    tracks_counter(f->tracks, time, "shared frames", totals.shared);
}

/* Whether it is the line of a shared frame's copy. */
static bool is_copy(const char *kind)
{
    return !strncmp(kind, "copy", 4);
}

static void take_line(void *arg, const char *line)
{
    struct flows *f = arg;
    struct tracks_place said = {.thread = TRACKS_SAID};
    char kind[WORD_MAX];

    text_of(line, "kind", kind, sizeof(kind));
    if (!member(line, "time_ns"))
        return;
    if (!strncmp(kind, "fork", 4))
        add_fork(f, line);
    if (is_copy(kind))
        put_copy(f, line);
    said.time = number_of(line, "time_ns");
    said.process = flows_process(f->tracks, f->source,
                                 find_life(f, space_of(line, "space")));
    if (!said.process || !f->is_shown)
        return;
    tracks_name_thread(f->tracks, said.process, said.thread, "what happened");
    tracks_instant(f->tracks, said, kind);
    end_with_text(f, line);
}

int flows_begin(struct flows *f, struct source *source, struct tracks *tracks,
                uint64_t between)
{
    const struct rvemu_explain_options options = {
        .line = take_line,
        .arg = f,
        .full = true,
        .json = true,
        .names = rvemu_emt_names(source->trace)};
    uint64_t flow = f->flow;

    *f = (struct flows){.source = source,
                        .tracks = tracks,
                        .flow = flow,
                        .between = between,
                        .explain = rvemu_explain_new(&options)};
    return f->explain ? 0 : -1;
}

void flows_take(struct flows *f)
{
    const struct rvemu_event *event = &f->source->event;

    f->is_shown = source_is_wanted(f->source);
    f->number = f->source->place.number;
    f->time = event->time;
    if (event->kind == RVEMU_EVENT_page_fault)
        add_fault(f, f->source->place.root_ppn, event->page_fault.va,
                  event->time);
    rvemu_explain_feed(f->explain, event);
    if (event->kind == RVEMU_EVENT_satp ||
        event->kind == RVEMU_EVENT_root_lost ||
        event->kind == RVEMU_EVENT_page_fault)
        put_counters(f, event->time);
}

void flows_end(struct flows *f)
{
    struct page *page;
    size_t at = 0;

    if (f->explain) {
        f->next_count = 0;
        put_counters(f, f->time);
        rvemu_explain_finish(f->explain);
    }
    rvemu_explain_free(f->explain);
    while ((page = dict_next(&f->fault, &at)))
        free(page);
    dict_free(&f->fault);
    free(f->fork);
    f->explain = NULL;
    f->fork = NULL;
    f->forks = f->room = 0;
}
