/* What keys and clicks do; see keys.h. */
#include "view/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/leaves.h"

#define LINE_MOST 2000000 /* steps that a line is looked for in */
#define ZOOM_LEAST 6
#define ZOOM_MOST 96

static const struct key_help helps[] = {
#define KEY(name, shown, what) {shown, what},
#include "view/keys.def"
#undef KEY
};

unsigned keys_count(void)
{
    return sizeof(helps) / sizeof(helps[0]);
}

const struct key_help *keys_help(unsigned index)
{
    return &helps[index];
}

size_t view_next(const struct view *view, const struct survey *s, size_t from,
                 int by)
{
    size_t i =
        from == MOMENT_NONE ? (by > 0 ? 0 : s->moments - 1) : from + (size_t)by;

    for (; i < s->moments; i += (size_t)by)
        if (view->all || !s->moment[i].is_aside)
            return i;
    return MOMENT_NONE;
}

/* ---- where it begins ---- */

/* How well a moment does as the first: the copy of a variable of the user's
 * own, by a store to it; by one to its page; by a line of the user's. */
static unsigned worth(const struct moment *m)
{
    if (m->kind != MOMENT_FAULT || m->answer != ANSWER_COPY)
        return m->kind == MOMENT_FORK ? 1 : 0;
    if (m->name[0] && m->is_exact && m->line[0])
        return 5;
    if (m->name[0])
        return 4;
    return m->line[0] ? 3 : 2;
}

static size_t find_home(const struct survey *s)
{
    size_t home = 0;
    unsigned best = 0;

    for (size_t i = 0; i < s->moments; i++)
        if (worth(&s->moment[i]) > best) {
            best = worth(&s->moment[i]);
            home = i;
        }
    return home;
}

/* ---- going ---- */

/* The moment that a step is compared with: the one before it. */
static uint64_t step_before(const struct viewer *v, uint64_t step)
{
    const struct survey *s = &v->source->survey;
    size_t at = survey_moment_at(s, step);

    if (v->view.grain == GRAIN_INSN && step)
        return step - 1;
    if (s->moment[at].step < step)
        return s->moment[at].step;
    while (at-- > 0)
        if (s->moment[at].step < step)
            return s->moment[at].step;
    return 0;
}

int viewer_goto(struct viewer *v, uint64_t step, struct rvemu_error *error)
{
    v->view.is_asked = false;
    v->view.said[0] = '\0';
    if (step > v->source->survey.last_step)
        step = v->source->survey.last_step;
    if (picture_make(&v->picture, v->source, v->sources, step,
                     step_before(v, step), error) < 0)
        return -1;
    if (!v->view.panel_chosen)
        v->view.panel =
            v->picture.now.living > VIEW_MANY ? PANEL_FRAMES : PANEL_NONE;
    return 0;
}

static int goto_moment(struct viewer *v, size_t moment, bool jumps,
                       struct rvemu_error *error)
{
    struct view *view = &v->view;

    if (moment == MOMENT_NONE) {
        snprintf(view->said, sizeof(view->said), "There is none.");
        return 0;
    }
    if (jumps) {
        if (view->backs == VIEW_BACK)
            memmove(view->back, view->back + 1,
                    --view->backs * sizeof(view->back[0]));
        view->back[view->backs++] = v->picture.now.step;
    }
    return viewer_goto(v, v->source->survey.moment[moment].step, error);
}

/* The event of a word and a number, as in "fault:2". */
static size_t find_word(const struct viewer *v, const char *where)
{
    const struct survey *s = &v->source->survey;
    size_t length = strcspn(where, ":");
    unsigned long left =
        where[length] ? strtoul(where + length + 1, NULL, 10) : 1;

    for (size_t i = 0; i < s->moments; i++) {
        const char *word = moment_word(s->moment[i].kind);

        if (strlen(word) == length && !strncmp(word, where, length) &&
            (v->view.all || !s->moment[i].is_aside) && left && !--left)
            return i;
    }
    return MOMENT_NONE;
}

/* The next event that is about something of this name, or told so; behind the
 * last one comes the first. */
static size_t find_text(const struct viewer *v, const char *text)
{
    const struct survey *s = &v->source->survey;

    for (size_t n = 1; n <= s->moments; n++) {
        size_t i = (v->picture.moment + n) % s->moments;
        const struct moment *m = &s->moment[i];

        if (strstr(m->name, text) || strstr(m->line, text) ||
            (m->text && strstr(m->text, text)))
            return i;
    }
    return MOMENT_NONE;
}

int viewer_jump(struct viewer *v, const char *where, struct rvemu_error *error)
{
    char *end;
    uint64_t step = strtoull(where, &end, 10);
    size_t moment;

    if (*where && !*end)
        return viewer_goto(v, step, error);
    moment = find_word(v, where);
    if (moment == MOMENT_NONE && *where)
        moment = find_text(v, where);
    if (moment == MOMENT_NONE)
        return rvemu_error_set(error, "the run has no %.40s", where);
    return goto_moment(v, moment, true, error);
}

void viewer_type(struct viewer *v, const char *text)
{
    size_t length = strlen(v->view.typed);

    snprintf(v->view.typed + length, sizeof(v->view.typed) - length, "%s",
             text);
}

/* A key while something is typed. */
static int press_typing(struct viewer *v, enum key key)
{
    struct view *view = &v->view;
    struct rvemu_error error;
    size_t length = strlen(view->typed);

    if (key == KEY_undo && length) {
        do
            view->typed[--length] = '\0';
        while (length && (view->typed[length - 1] & 0xc0) == 0x80);
        return 0;
    }
    if (key != KEY_enter && key != KEY_escape)
        return 0;
    view->is_typing = false;
    if (key == KEY_enter && viewer_jump(v, view->typed, &error) < 0)
        snprintf(view->said, sizeof(view->said), "%.150s", error.text);
    return 0;
}

static int undo(struct viewer *v, struct rvemu_error *error)
{
    if (!v->view.backs)
        return goto_moment(v, MOMENT_NONE, false, error);
    return viewer_goto(v, v->view.back[--v->view.backs], error);
}

/* ---- by line ---- */

/* The line of the program's own that a hart is at; false: it is in none. */
static bool line_now(const struct viewer *v, char out[MOMENT_NAME])
{
    const struct rvemu_names *n = v->source->names;
    struct source_hart at;

    source_hart(v->source, rvemu_turn(v->source->machine), &at);
    return at.priv == 0 && n->name_line(n->arg, rvemu_satp_root(at.satp), at.pc,
                                        out, MOMENT_NAME);
}

/* On to where a program is at another of its lines. */
static int next_line(struct viewer *v, struct rvemu_error *error)
{
    char from[MOMENT_NAME] = "", now[MOMENT_NAME];
    uint64_t step = v->picture.now.step;

    if (!line_now(v, from))
        from[0] = '\0';
    for (unsigned i = 0; i < LINE_MOST && !v->source->stopped; i++) {
        if (source_goto(v->source, ++step, error) < 0)
            return -1;
        if (line_now(v, now) && strcmp(now, from) != 0)
            break;
    }
    return viewer_goto(v, v->source->step, error);
}

/* Back to where this line began, or the one before it: by walking on from the
 * moment before. */
static int line_before(struct viewer *v, struct rvemu_error *error)
{
    char last[MOMENT_NAME] = "", now[MOMENT_NAME];
    uint64_t until = v->picture.now.step, at, found = 0;
    uint64_t reach = 4096;

    while (!found && reach <= LINE_MOST) {
        at = until > reach ? until - reach : 0;
        last[0] = '\0';
        if (source_goto(v->source, at, error) < 0)
            return -1;
        for (bool first = true; at < until; at++) {
            if (source_goto(v->source, at, error) < 0)
                return -1;
            if (!line_now(v, now) || !strcmp(now, last))
                continue;
            memcpy(last, now, sizeof(last));
            if (!first)
                found = at;
            first = false;
        }
        if (until <= reach)
            break;
        reach *= 8;
    }
    return viewer_goto(v, found, error);
}

static int step(struct viewer *v, int by, struct rvemu_error *error)
{
    const struct survey *s = &v->source->survey;
    uint64_t at = v->picture.now.step;
    size_t next;

    if (v->view.grain != GRAIN_EVENT && v->source->replay) {
        snprintf(v->view.said, sizeof(v->view.said),
                 "A trace has no instructions: it goes from event to event.");
        return 0;
    }
    if (v->view.grain == GRAIN_INSN)
        return by < 0 && !at ? 0 : viewer_goto(v, at + (uint64_t)by, error);
    if (v->view.grain == GRAIN_LINE)
        return by > 0 ? next_line(v, error) : line_before(v, error);
    next = v->picture.moment;
    if (by > 0 || v->picture.at_moment)
        next = view_next(&v->view, s, next, by);
    if (next != MOMENT_NONE && by > 0 && v->view.predicts &&
        !v->view.is_asked) {
        v->view.is_asked = true;
        return 0;
    }
    if (next == MOMENT_NONE)
        return goto_moment(v, next, false, error);
    return viewer_goto(v, s->moment[next].step, error);
}

/* The next moment of a kind, in a direction. */
static size_t find_kind(const struct viewer *v, enum moment_kind kind, int by)
{
    const struct survey *s = &v->source->survey;
    size_t at = v->picture.moment;

    if (by < 0 && !v->picture.at_moment)
        at++;
    while ((at = view_next(&v->view, s, at, by)) != MOMENT_NONE)
        if (s->moment[at].kind == kind ||
            (kind == MOMENT_FAULT && s->moment[at].kind == MOMENT_FINDING))
            return at;
    return MOMENT_NONE;
}

/* ---- selection ---- */

/* Says in a line what is selected, in hex. */
static void say_pick(struct viewer *v)
{
    const struct hit *pick = &v->view.pick;
    const struct picture *p = &v->picture;
    const struct board_row *row = &p->board.row[pick->row];
    const struct snap_row *now = &p->now.row[pick->row];
    char *out = v->view.said;
    size_t size = sizeof(v->view.said);

    if (pick->kind == HIT_FRAME && row->is_single)
        snprintf(out, size, "frame 0x%" PRIx64 ", mapped by %u",
                 now->frame[pick->place].ppn, now->frame[pick->place].users);
    else if (pick->kind == HIT_FRAME)
        snprintf(out, size, "%u frames of %s", now->frame[pick->place].pages,
                 row->label);
    else if (pick->kind == HIT_PAGE && row->is_single)
        snprintf(out, size, "page 0x%" PRIx64 ", entry 0x%" PRIx64, row->va,
                 now->page[pick->place].pte);
    else if (pick->kind == HIT_PAGE)
        snprintf(out, size, "%u pages of %s, from 0x%" PRIx64 " on",
                 now->page[pick->place].pages, row->label, row->va);
    else if (pick->kind == HIT_SLOT && now->slot[pick->place].is_full)
        snprintf(out, size, "TLB entry of 0x%" PRIx64 ", ASID %u: 0x%" PRIx64,
                 now->slot[pick->place].entry.va,
                 now->slot[pick->place].entry.asid,
                 now->slot[pick->place].entry.pte);
    else if (pick->kind == HIT_SLOT)
        snprintf(out, size, "no TLB entry of 0x%" PRIx64, row->va);
}

int viewer_click(struct viewer *v, const struct hit *hit,
                 struct rvemu_error *error)
{
    if (hit->kind == HIT_MOMENT)
        return goto_moment(v, hit->moment, true, error);
    if (hit->kind == HIT_PROCESS) {
        v->picture.pinned = hit->moment;
        return viewer_goto(v, v->picture.now.step, error);
    }
    v->view.pick = *hit;
    v->view.said[0] = '\0';
    say_pick(v);
    return 0;
}

/* ---- keys ---- */

static void toggle(struct view *view, enum panel panel)
{
    view->panel = view->panel == panel ? PANEL_NONE : panel;
    view->panel_chosen = true;
}

/* Keys that change what is shown of the step. */
static bool change(struct view *view, enum key key)
{
    switch (key) {
    case KEY_finer: view->grain += view->grain + 1 < GRAINS; break;
    case KEY_coarser: view->grain -= view->grain > 0; break;
    case KEY_tables: toggle(view, PANEL_TABLES); break;
    case KEY_frames: toggle(view, PANEL_FRAMES); break;
    case KEY_events: toggle(view, PANEL_EVENTS); break;
    case KEY_console: toggle(view, PANEL_CONSOLE); break;
    case KEY_registers: toggle(view, PANEL_REGISTERS); break;
    case KEY_keys: toggle(view, PANEL_KEYS); break;
    case KEY_all: view->all = !view->all; break;
    case KEY_theme: view->theme = !view->theme; break;
    case KEY_black: view->is_black = !view->is_black; break;
    case KEY_zoom:
        view->zoom = view->zoom / 2 < ZOOM_LEAST ? ZOOM_LEAST : view->zoom / 2;
        break;
    case KEY_zoom_out:
        view->zoom = 2 * view->zoom > ZOOM_MOST ? ZOOM_MOST : 2 * view->zoom;
        break;
    case KEY_predict:
        view->predicts = !view->predicts;
        view->is_asked = false;
        snprintf(view->said, sizeof(view->said), "%s",
                 view->predicts ? "Each step asks first." : "");
        break;
    case KEY_escape:
        view->panel_chosen = view->panel_chosen || view->panel != PANEL_NONE;
        view->panel = PANEL_NONE;
        view->pick = (struct hit){.kind = HIT_NONE};
        view->is_black = false;
        view->said[0] = '\0';
        break;
    default: return false;
    }
    return true;
}

/* The moment of a new survey that is like one of the old: the same kind of
 * thing about the same variable, the so-manieth of its kind. */
static size_t find_like(const struct survey *old, size_t moment,
                        const struct survey *s)
{
    const struct moment *m = &old->moment[moment];
    unsigned wanted = 0, met = 0;
    size_t last = MOMENT_NONE;

    for (size_t i = 0; i <= moment; i++)
        wanted += old->moment[i].kind == m->kind &&
                  !strcmp(old->moment[i].name, m->name);
    for (size_t i = 0; i < s->moments && met < wanted; i++)
        if (s->moment[i].kind == m->kind &&
            !strcmp(s->moment[i].name, m->name)) {
            met++;
            last = i;
        }
    return last;
}

/* The program again, as it is on disk now, at the same place of its story. What
 * was shown stays if that cannot be run. */
static int run_again(struct viewer *v, struct rvemu_error *error)
{
    struct source *fresh;
    struct sources *sources;
    size_t moment;

    if (source_open(&fresh, v->argc, v->argv, v->watch, error) < 0) {
        snprintf(v->view.said, sizeof(v->view.said), "%.150s", error->text);
        return 0;
    }
    sources = sources_open(fresh);
    if (!sources) {
        source_close(fresh);
        return rvemu_error_set(error, "no memory for lines of source");
    }
    moment = find_like(&v->source->survey, v->picture.moment, &fresh->survey);
    sources_close(v->sources);
    source_close(v->source);
    v->source = fresh;
    v->sources = sources;
    v->home = find_home(&fresh->survey);
    v->picture = (struct picture){0};
    v->view.backs = 0;
    v->view.pick = (struct hit){.kind = HIT_NONE};
    if (moment == MOMENT_NONE)
        moment = v->home;
    return viewer_goto(v, fresh->survey.moment[moment].step, error);
}

int viewer_press(struct viewer *v, enum key key, struct rvemu_error *error)
{
    const struct survey *s = &v->source->survey;

    if (v->view.is_typing)
        return press_typing(v, key);
    if (change(&v->view, key)) {
        if (key != KEY_escape || !v->picture.pinned)
            return 0;
        v->picture.pinned = 0;
        return viewer_goto(v, v->picture.now.step, error);
    }
    switch (key) {
    case KEY_next: return step(v, 1, error);
    case KEY_back: return step(v, -1, error);
    case KEY_home: return goto_moment(v, v->home, true, error);
    case KEY_end: return goto_moment(v, s->moments - 1, true, error);
    case KEY_fault:
        return goto_moment(v, find_kind(v, MOMENT_FAULT, 1), true, error);
    case KEY_fault_before:
        return goto_moment(v, find_kind(v, MOMENT_FAULT, -1), true, error);
    case KEY_fork:
        return goto_moment(v, find_kind(v, MOMENT_FORK, 1), true, error);
    case KEY_fork_before:
        return goto_moment(v, find_kind(v, MOMENT_FORK, -1), true, error);
    case KEY_why:
        return goto_moment(v, s->moment[v->picture.moment].cause, true, error);
    case KEY_undo: return undo(v, error);
    case KEY_jump:
        v->view.is_typing = true;
        v->view.typed[0] = '\0';
        return 0;
    case KEY_again: return run_again(v, error);
    case KEY_quit: v->quits = true; return 0;
    default: return 0;
    }
}

/* ---- open and close ---- */

int viewer_open(struct viewer *v, int argc, char **argv,
                const struct survey_watch *watch, struct rvemu_error *error)
{
    *v = (struct viewer){.argc = argc, .argv = argv, .watch = watch};
    v->view.zoom = 12;
    if (source_open(&v->source, argc, argv, watch, error) < 0)
        return -1;
    v->sources = sources_open(v->source);
    if (!v->sources) {
        source_close(v->source);
        return rvemu_error_set(error, "no memory for lines of source");
    }
    v->home = find_home(&v->source->survey);
    if (viewer_goto(v, v->source->survey.moment[v->home].step, error) < 0) {
        viewer_close(v);
        return -1;
    }
    return 0;
}

void viewer_close(struct viewer *v)
{
    sources_close(v->sources);
    source_close(v->source);
}
