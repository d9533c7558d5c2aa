/*
 * Who is there and what they share: spaces, frames, copy-on-write, and what
 * happened last and by what. The scene (rvemu/scene.h) knows all that from
 * events alone, and from the beginning: it is there where a script, -S or
 * -monitor stdio say from the start that somebody will ask. It is an observer,
 * which goes back with the machine.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor_priv.h"
#include "cli/walk_words.h"
#include "host/wrap.h"

#define CAUSES_MOST 8 /* that why goes back by */
#define MAPPERS_SAID 16
#define CHECKS_SAID 20

/* A sentence, in lines that fit. */
static void say_sentence(struct monitor *m, const char *text)
{
    char *wrapped = NULL;
    size_t size;
    FILE *out = open_memstream(&wrapped, &size);

    if (!out)
        return;
    wrap_line(out, text, MONITOR_COLUMNS);
    fclose(out);
    monitor_say(m, "%s\n", wrapped);
    free(wrapped);
}

static int need_scene(const struct monitor *m, struct rvemu_error *error)
{
    if (m->scene)
        return 0;
    return rvemu_error_set(error, "nobody has watched from the beginning: "
                                  "start emu with -S, --script or -monitor "
                                  "stdio");
}

/* Subscribes the scene to the machine. */
static int attach(struct monitor *m)
{
    struct rvemu_subscription of = {
        .kinds = rvemu_scene_kinds(&m->scene_options),
        .as = RVEMU_OBSERVER,
        .call = rvemu_scene_feed,
        .arg = m->scene,
        .save = rvemu_scene_save,
        .restore = rvemu_scene_restore,
        .drop = rvemu_scene_drop,
    };

    return rvemu_subscription_begin(m->machine, &of) < 0 ? -1 : 0;
}

/* A sentence, as it is told: self is the monitor. */
static void tell(void *self, const char *line)
{
    struct monitor *m = self;

    if (m->explains)
        say_sentence(m, line);
    monitor_tell(m);
}

/* An event that `trace` asks for, likewise. */
static void tell_event(void *self, const struct rvemu_event *event)
{
    struct monitor *m = self;
    char text[512];

    rvemu_event_text(text, sizeof(text), event, NULL, NULL);
    monitor_say(m, "%s\n", text + strspn(text, " "));
    monitor_tell(m);
}

int monitor_do_explain(struct monitor *m, const char *text,
                       struct rvemu_error *error)
{
    bool on = !strcmp(text, "on");

    if (!on && strcmp(text, "off") != 0)
        return rvemu_error_set(error, "explain on, or explain off");
    if (need_scene(m, error) < 0)
        return -1;
    m->explains = on;
    return 0;
}

int monitor_do_trace(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    struct rvemu_subscription of = {.call = tell_event, .arg = m};
    const char *bad;

    if (!*text)
        return rvemu_error_set(error, "trace LIST of kinds of events, or off");
    if (strcmp(text, "off") != 0 &&
        rvemu_event_kinds(text, &of.kinds, &bad) < 0)
        return rvemu_error_set(error,
                               "no kind of event: %.40s; info events "
                               "lists them",
                               bad);
    if (m->trace > 0)
        rvemu_subscription_end(m->machine, m->trace);
    m->trace = of.kinds ? rvemu_subscription_begin(m->machine, &of) : 0;
    return m->trace < 0 ? rvemu_error_set(error, "too many listen to events")
                        : 0;
}

void monitor_begin_scene(struct monitor *m)
{
    struct names *names = m->config.names(m->config.self);

    m->scene_options = (struct rvemu_scene_options){
        .explain = {.line = tell,
                    .arg = m,
                    .full = true,
                    .names = names ? names_answers(names) : NULL}};
    memcpy(m->scene_options.explain.check, m->config.options->explained.check,
           sizeof(m->scene_options.explain.check));
    m->scene = rvemu_scene_new(&m->scene_options);
    if (!m->scene || attach(m) == 0)
        return;
    rvemu_scene_free(m->scene);
    m->scene = NULL;
}

void monitor_leave_scene(struct monitor *m)
{
    monitor_free_scene(m);
    m->left = m->scene;
    m->scene = NULL;
}

void monitor_free_scene(struct monitor *m)
{
    rvemu_scene_free(m->left);
    m->left = NULL;
}

/* "pid 5 (sh)" */
static void say_space(struct monitor *m, unsigned id)
{
    struct rvemu_scene_space space;

    if (!rvemu_scene_space(m->scene, id, &space)) {
        monitor_say(m, "a space that is gone");
        return;
    }
    if (space.has_pid)
        monitor_say(m, "pid %" PRIu64, space.pid);
    else
        monitor_say(m, "space #%" PRIx64, space.root_ppn);
    if (space.name[0])
        monitor_say(m, " (%s)", space.name);
}

int monitor_info_spaces(struct monitor *m, const char *text,
                        struct rvemu_error *error)
{
    struct rvemu_scene_space space;
    unsigned id = 0;

    if (monitor_nothing(text, error) < 0 || need_scene(m, error) < 0)
        return -1;
    monitor_say(m, "root         pages  shared     cow  harts  who\n");
    while (rvemu_scene_next_space(m->scene, id, true, &space)) {
        id = space.id;
        monitor_say(m,
                    "%-10" PRIx64 " %7" PRIu64 " %7" PRIu64 " %7" PRIu64
                    " %6" PRIx32 "  ",
                    space.root_ppn, space.pages, space.shared, space.cow,
                    space.harts);
        say_space(m, id);
        if (space.parent) {
            monitor_say(m, ", forked from ");
            say_space(m, space.parent);
        }
        monitor_say(m, "\n");
    }
    return 0;
}

/* Who maps a frame, a line each, but for one place. */
static void say_mappers(struct monitor *m, uint64_t frame, unsigned but,
                        uint64_t but_va)
{
    struct rvemu_scene_mapper mapper[MAPPERS_SAID];
    size_t count = rvemu_scene_mappers(m->scene, frame, mapper, MAPPERS_SAID);
    char words[PTE_WORDS];

    for (size_t i = 0; i < count && i < MAPPERS_SAID; i++) {
        if (mapper[i].space == but && mapper[i].va == but_va)
            continue;
        monitor_say(m, "    ");
        say_space(m, mapper[i].space);
        monitor_say(m, " at 0x%" PRIx64 ": %s\n", mapper[i].va,
                    pte_words(mapper[i].pte, words));
    }
    if (count > MAPPERS_SAID)
        monitor_say(m, "    and %zu more\n", count - MAPPERS_SAID);
}

static int say_frame(struct monitor *m, uint64_t pa, struct rvemu_error *error)
{
    static const char *const kinds[] = {
        [RVEMU_FRAME_UNKNOWN] = "nobody's",
        [RVEMU_FRAME_USER] = "a user's",
        [RVEMU_FRAME_TABLE] = "a page table",
        [RVEMU_FRAME_ROOT] = "the root of a space",
        [RVEMU_FRAME_LEFT] = "shared once, and left",
    };
    struct rvemu_scene_frame frame;

    if (!rvemu_scene_frame(m->scene, pa / PAGE, &frame))
        return rvemu_error_set(error, "nothing is known of frame %" PRIx64,
                               pa / PAGE);
    monitor_say(m, "frame %" PRIx64 ": %s, in %" PRIu64 " pages%s\n", frame.ppn,
                kinds[frame.kind], frame.mappers,
                frame.is_protected ? ", copy-on-write" : "");
    if (frame.fork)
        monitor_say(m, "    shared by fork %" PRIu64 "\n", frame.fork);
    if (frame.copy_of)
        monitor_say(m,
                    "    a copy of frame %" PRIx64 ", made at %" PRIu64 " ns\n",
                    frame.copy_of, frame.copied);
    if (frame.copies)
        monitor_say(m, "    %" PRIu64 " copies were made of it\n",
                    frame.copies);
    say_mappers(m, frame.ppn, 0, 0);
    return 0;
}

int monitor_info_frames(struct monitor *m, const char *text,
                        struct rvemu_error *error)
{
    struct rvemu_scene_counts counts;
    uint64_t pa;

    if (need_scene(m, error) < 0)
        return -1;
    if (*text)
        return monitor_value_only(m, text, &pa, error) < 0
                   ? -1
                   : say_frame(m, pa, error);
    rvemu_scene_count(m->scene, &counts);
    monitor_say(m,
                "%" PRIu64 " frames are mapped for users, %" PRIu64
                " of them more than once;\n%" PRIu64 " page tables, %" PRIu64
                " spaces\n",
                counts.frames, counts.shared, counts.tables, counts.alive);
    return 0;
}

/* ---- info cow ---- */

/* What a store there would do, by what the entry is and who has the frame. */
static void say_store(struct monitor *m, const struct rvemu_scene_page *page)
{
    if (page->pte & PTE_W)
        monitor_say(m, "a store would go through%s\n",
                    page->mappers > 1 ? ", and be seen by all that map it"
                                      : "");
    else if (!page->is_cow)
        monitor_say(m, "a store would fault: the page is read-only\n");
    else if (page->mappers > 1)
        monitor_say(m, "a store would fault, and the kernel has to copy the "
                       "frame:\n    this one stays with the others\n");
    else
        monitor_say(m, "a store would fault, and the kernel may give W back: "
                       "nobody else has the frame\n");
}

static void say_when(struct monitor *m, const char *what, uint64_t time,
                     uint64_t pc)
{
    char place[PLACE_MAX] = "";
    struct scene scene = monitor_scene(m);

    if (scene.names->arg)
        place_text(&scene, 0, pc, place);
    monitor_say(m, "%s at %" PRIu64 " ns, by 0x%" PRIx64 "%s%s\n", what, time,
                pc, strncmp(place, "0x", 2) ? " in " : "",
                strncmp(place, "0x", 2) ? place : "");
}

static int say_page(struct monitor *m, uint64_t va, struct rvemu_error *error)
{
    uint64_t root = rvemu_satp_root(monitor_satp_as_is(m));
    struct rvemu_scene_page page;
    struct rvemu_story fork;
    char words[PTE_WORDS];
    unsigned space;

    space = rvemu_scene_space_of_root(m->scene, root);
    if (!space)
        return rvemu_error_set(error, "the hart is in no space that is known");
    if (!rvemu_scene_page_at(m->scene, space, va, &page))
        return rvemu_error_set(error, "nothing is mapped at 0x%" PRIx64, va);
    say_space(m, space);
    monitor_say(m, " at 0x%" PRIx64 ": frame %" PRIx64 ", %s%s\n", page.va,
                page.frame, pte_words(page.pte, words),
                page.is_cow ? ", copy-on-write" : "");
    if (page.taken)
        say_when(m, "W was taken", page.taken, page.taken_pc);
    if (page.fork) {
        bool has_story = rvemu_scene_story(m->scene, page.fork_story, &fork);

        monitor_say(m, "shared since fork %" PRIu64 "%s\n", page.fork,
                    has_story ? ":" : "");
        if (has_story)
            say_sentence(m, fork.text);
    }
    if (page.mappers > page.is_user)
        monitor_say(m, "the same frame is mapped by\n");
    say_mappers(m, page.frame, space, page.va);
    say_store(m, &page);
    return 0;
}

int monitor_info_cow(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    uint64_t va;

    if (monitor_value_only(m, text, &va, error) < 0 || need_scene(m, error) < 0)
        return -1;
    return say_page(m, va, error);
}

/* ---- why ---- */

/* The fault that the hart has not come back from. False: there is none. */
static bool say_fault(struct monitor *m)
{
    struct rvemu_scene_hart hart;
    struct rvemu_error ignored;

    if (!rvemu_scene_hart(m->scene, m->hart, &hart) || !hart.has_fault)
        return false;
    monitor_say(
        m,
        "hart %u has not come back from a page fault: a %s at 0x%" PRIx64 "\n",
        m->hart, rvemu_access_name(hart.fault_access), hart.fault_va);
    say_when(m, "    raised", hart.fault_time, hart.fault_pc);
    say_page(m, hart.fault_va, &ignored);
    return true;
}

static void say_story(struct monitor *m, const struct rvemu_story *story)
{
    say_sentence(m, story->text);
    for (unsigned part = 0; part < RVEMU_PARTS; part++) {
        char what[64];

        if (!story->part[part].time)
            continue;
        snprintf(what, sizeof(what), "    %s",
                 rvemu_story_part_name((enum rvemu_story_part)part));
        say_when(m, what, story->part[part].time, story->part[part].pc);
    }
}

/* The latest story of the space or address that is asked about. */
static bool find_story(const struct monitor *m, bool has_va, uint64_t va,
                       struct rvemu_story *story)
{
    uint64_t id = rvemu_scene_last_story(m->scene);

    for (; id && rvemu_scene_story(m->scene, id, story); id--)
        if (!has_va || va - story->va < (story->size ? story->size : 1))
            return true;
    return false;
}

int monitor_do_why(struct monitor *m, const char *text,
                   struct rvemu_error *error)
{
    struct rvemu_story story;
    bool has_va = *text;
    uint64_t va = 0, cause;

    if ((has_va && monitor_value_only(m, text, &va, error) < 0) ||
        need_scene(m, error) < 0)
        return -1;
    if (!has_va && say_fault(m))
        return 0;
    if (!find_story(m, has_va, va, &story))
        return rvemu_error_set(error, "nothing has happened there yet that "
                                      "there is a sentence for");
    say_story(m, &story);
    for (unsigned i = 0; i < CAUSES_MOST && story.cause; i++) {
        cause = story.cause;
        if (!rvemu_scene_story(m->scene, cause, &story))
            break;
        monitor_say(m, "because of\n");
        say_story(m, &story);
    }
    return 0;
}

int monitor_info_checks(struct monitor *m, const char *text,
                        struct rvemu_error *error)
{
    struct rvemu_story story;
    unsigned said = 0;
    uint64_t id;

    if (monitor_nothing(text, error) < 0 || need_scene(m, error) < 0)
        return -1;
    id = rvemu_scene_last_story(m->scene);
    for (; id && rvemu_scene_story(m->scene, id, &story); id--)
        if (story.is_finding && said++ < CHECKS_SAID) {
            monitor_say(m, "at %" PRIu64 " ns:\n", story.time);
            say_sentence(m, story.text);
        }
    if (!said)
        monitor_say(m, "nothing was found so far%s\n",
                    rvemu_explain_checks_any(&m->scene_options.explain)
                        ? ""
                        : "; --check looks for more");
    return 0;
}
