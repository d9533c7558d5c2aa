/*
 * Having the machine run: points at which it stops, steps and other orders, and
 * what is said when it has stopped. The work is the debugger's (rvemu/debug.h),
 * which is made when it is first needed: a monitor that only looks has none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor_priv.h"

#define SIZE_MOST 4096  /* bytes that a watchpoint may have */
#define STRETCH 1000000 /* steps */
#define OP_JAL 0x6f
#define OP_JALR 0x67

/* A condition of a point, in words; lives as long as the monitor. */
struct monitor_condition {
    struct monitor *monitor;
    struct monitor_condition *next;
    int point; /* its number */
    char text[];
};

int monitor_need_debugger(struct monitor *m, struct rvemu_error *error)
{
    if (!m->debugger)
        m->debugger = m->config.debugger ? m->config.debugger
                                         : rvemu_debugger_new(m->machine);
    if (!m->debugger)
        return rvemu_error_set(error, "no memory for points and orders");
    if (m->config.names)
        rvemu_debug_set_places(m->debugger, monitor_find_line, m);
    return 0;
}

bool monitor_find_line(void *self, unsigned hart, uint64_t pc,
                       struct rvemu_place *place)
{
    struct monitor *m = self;
    struct names *names = m->config.names(m->config.self);
    unsigned chosen = m->hart;
    bool found;

    m->hart = hart;
    found = names && names_place(names,
                                 place_root(rvemu_priv(m->machine, hart),
                                            monitor_satp(m)),
                                 pc, place);
    m->hart = chosen;
    return found && place->path;
}

void monitor_free_points(struct monitor *m)
{
    while (m->conditions) {
        struct monitor_condition *condition = m->conditions;

        m->conditions = condition->next;
        free(condition);
    }
    if (!m->config.debugger)
        rvemu_debugger_free(m->debugger);
    m->debugger = NULL;
}

int monitor_is_alone(const struct monitor *m, struct rvemu_error *error)
{
    return m->config.debugger
               ? rvemu_error_set(error, "gdb has the machine (-gdb)")
               : 0;
}

/* ---- orders ---- */

/* The machine runs once commands are obeyed, until this is done. */
static int order(struct monitor *m, const struct rvemu_order *what,
                 struct rvemu_error *error)
{
    if (monitor_need_debugger(m, error) < 0 || monitor_is_alone(m, error) < 0)
        return -1;
    if (m->has_end)
        return rvemu_error_set(error, "the guest has ended");
    monitor_note_position(m);
    rvemu_debug_order(m->debugger, what);
    m->is_ordered = true;
    m->is_stopped = m->config.begins = false;
    return 0;
}

static int order_count(struct monitor *m, enum rvemu_go go, const char *text,
                       struct rvemu_error *error)
{
    struct rvemu_order what = {.go = go, .hart = m->hart, .count = 1};

    if (*text && monitor_value_only(m, text, &what.count, error) < 0)
        return -1;
    return order(m, &what, error);
}

int monitor_do_stepi(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    return order_count(m, RVEMU_GO_STEP, text, error);
}

/* Whether the instruction at pc is a call, and where that comes back to. */
static bool is_call(const struct monitor *m, uint64_t *back)
{
    struct scene scene = {.machine = m->machine};
    uint64_t pc = rvemu_pc(m->machine, m->hart);
    uint32_t insn, link;
    unsigned length = scene_insn(&scene, monitor_satp(m), pc, &insn);

    *back = pc + length;
    if (length == 2) /* c.jalr */
        return (insn & 0xf07f) == 0x9002 && (insn >> 7 & 31);
    link = insn >> 7 & 31;
    return length == 4 && (link == 1 || link == 5) &&
           ((insn & 0x7f) == OP_JAL || (insn & 0x7f) == OP_JALR);
}

int monitor_do_nexti(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    struct rvemu_order what = {.go = RVEMU_GO_TO, .hart = m->hart};

    if (monitor_nothing(text, error) < 0)
        return -1;
    if (!is_call(m, &what.first))
        what.go = RVEMU_GO_OVER;
    what.last = what.first;
    return order(m, &what, error);
}

int monitor_do_step(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    struct rvemu_order what = {.go = RVEMU_GO_LINE, .hart = m->hart};

    return monitor_nothing(text, error) < 0 ? -1 : order(m, &what, error);
}

int monitor_do_next(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    struct rvemu_order what = {.go = RVEMU_GO_NEXT, .hart = m->hart};

    return monitor_nothing(text, error) < 0 ? -1 : order(m, &what, error);
}

int monitor_do_finish(struct monitor *m, const char *text,
                      struct rvemu_error *error)
{
    struct rvemu_order what = {.go = RVEMU_GO_FINISH, .hart = m->hart};

    return monitor_nothing(text, error) < 0 ? -1 : order(m, &what, error);
}

void monitor_drop_until(struct monitor *m)
{
    if (m->until > 0)
        rvemu_point_remove(m->debugger, m->until);
    m->until = 0;
}

int monitor_do_until(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    struct rvemu_point point = {.kind = RVEMU_POINT_BREAK,
                                .harts = 1u << m->hart};

    if (monitor_value_only(m, text, &point.va, error) < 0 ||
        monitor_need_debugger(m, error) < 0)
        return -1;
    monitor_drop_until(m);
    m->until = rvemu_point_add(m->debugger, &point, error);
    if (m->until > 0 &&
        order(m, &(struct rvemu_order){.go = RVEMU_GO_ON}, error) == 0)
        return 0;
    monitor_drop_until(m);
    return -1;
}

/* ---- points ---- */

/* The word of the event that has this name. */
bool monitor_event_field(const struct monitor *m, const char *name,
                         size_t length, uint64_t *value)
{
    const struct rvemu_event_info *info =
        m->event ? rvemu_event_info(m->event->kind) : NULL;

    for (unsigned i = 0; info && i < info->fields; i++)
        if (monitor_is(name, length, info->field[i].name)) {
            *value = m->event->word[i];
            return true;
        }
    return false;
}

/* What cannot be evaluated holds: one then sees why. */
static bool holds(void *arg, const struct rvemu_debug_stop *stop)
{
    const struct monitor_condition *condition = arg;
    struct monitor *m = condition->monitor;
    const struct rvemu_event *event = m->event;
    unsigned chosen = m->hart;
    struct rvemu_error ignored;
    uint64_t value = 1;

    if (stop->hart != RVEMU_NO_HART)
        m->hart = stop->hart;
    m->event = stop->event.kind ? &stop->event : NULL;
    if (monitor_value_only(m, condition->text, &value, &ignored) < 0)
        value = 1;
    m->event = event;
    m->hart = chosen;
    return value;
}

/* "if EXPR" at the text, or nothing. */
static int take_condition(struct monitor *m, const char *text,
                          struct rvemu_point *point, struct rvemu_error *error)
{
    struct monitor_condition *condition;
    const char *word;
    size_t length = monitor_word(&text, &word), size;

    if (!length)
        return 0;
    if (!monitor_is(word, length, "if") || !*text)
        return rvemu_error_set(error, "if EXPR, or nothing, may follow here");
    size = strlen(text) + 1;
    condition = malloc(sizeof(*condition) + size);
    if (!condition)
        return rvemu_error_set(error, "no memory for a condition");
    *condition = (struct monitor_condition){m, m->conditions, 0};
    memcpy(condition->text, text, size);
    m->conditions = condition;
    point->holds = holds;
    point->arg = condition;
    return 0;
}

int monitor_event_kind(const char *name, size_t length,
                       struct rvemu_error *error)
{
    for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++)
        if (rvemu_event_info(kind) &&
            monitor_is(name, length, rvemu_event_info(kind)->name))
            return (int)kind;
    rvemu_error_set(error, "no kind of event: %.*s; info events lists them",
                    (int)(length < 40 ? length : 40), name);
    return -1;
}

static int read_watch(struct monitor *m, const char **text,
                      struct rvemu_point *point, struct rvemu_error *error)
{
    const char *rest = *text, *word;
    size_t length = monitor_word(&rest, &word);
    uint64_t size = 8;

    point->is_physical = monitor_is(word, length, "-p");
    if (point->is_physical)
        *text = rest;
    if (monitor_value(m, text, &point->first, error) < 0)
        return -1;
    if (**text && strncmp(*text, "if ", 3) != 0 &&
        monitor_value(m, text, &size, error) < 0)
        return -1;
    if (!size || size > SIZE_MOST || point->first + size - 1 < point->first)
        return rvemu_error_set(error, "1 to %u bytes can be watched",
                               SIZE_MOST);
    point->last = point->first + size - 1;
    return 0;
}

/* An address, unless a condition or nothing follows. */
static int read_address(struct monitor *m, const char **text, uint64_t *va,
                        bool *has_va, struct rvemu_error *error)
{
    *has_va = **text && strncmp(*text, "if ", 3) != 0;
    return *has_va ? monitor_value(m, text, va, error) : 0;
}

static bool has_field(const struct rvemu_event_info *info, const char *name)
{
    for (unsigned i = 0; i < info->fields; i++)
        if (!strcmp(info->field[i].name, name))
            return true;
    return false;
}

static int read_catch(struct monitor *m, const char **text,
                      struct rvemu_point *point, struct rvemu_error *error)
{
    const char *word;
    size_t length = monitor_word(text, &word);
    int kind = monitor_event_kind(word, length, error);

    if (kind < 0 ||
        read_address(m, text, &point->va, &point->has_va, error) < 0)
        return -1;
    if (point->has_va && !has_field(rvemu_event_info((unsigned)kind), "va"))
        return rvemu_error_set(error, "%s has no field va",
                               rvemu_event_info((unsigned)kind)->name);
    point->event = (unsigned)kind;
    point->va_last = point->va;
    return 0;
}

int monitor_read_point(struct monitor *m, enum monitor_point kind,
                       const char *text, struct rvemu_point *point,
                       struct rvemu_error *error)
{
    static const enum rvemu_point_kind kinds[] = {
        [MONITOR_BREAK] = RVEMU_POINT_BREAK,
        [MONITOR_WATCH] = RVEMU_POINT_WATCH,
        [MONITOR_RWATCH] = RVEMU_POINT_WATCH,
        [MONITOR_AWATCH] = RVEMU_POINT_WATCH,
        [MONITOR_CATCH] = RVEMU_POINT_CATCH,
        [MONITOR_PTE] = RVEMU_POINT_PTE,
    };
    bool ignored;
    int failed;

    *point = (struct rvemu_point){
        .kind = kinds[kind],
        .va = kind == MONITOR_BREAK ? rvemu_pc(m->machine, m->hart) : 0,
        .reads = kind == MONITOR_RWATCH || kind == MONITOR_AWATCH,
        .writes = kind == MONITOR_WATCH || kind == MONITOR_AWATCH,
        .has_space = kind == MONITOR_PTE,
        .satp = kind == MONITOR_PTE ? monitor_satp_as_is(m) : 0,
    };
    if (kind == MONITOR_CATCH)
        failed = read_catch(m, &text, point, error);
    else if (kind == MONITOR_BREAK)
        failed = read_address(m, &text, &point->va, &ignored, error);
    else if (kind == MONITOR_PTE)
        failed = monitor_value(m, &text, &point->va, error);
    else
        failed = read_watch(m, &text, point, error);
    return failed ? failed : take_condition(m, text, point, error);
}

static int add_point(struct monitor *m, enum monitor_point kind,
                     const char *text, struct rvemu_error *error)
{
    struct rvemu_point point;
    int number;

    if (monitor_need_debugger(m, error) < 0 ||
        monitor_read_point(m, kind, text, &point, error) < 0)
        return -1;
    number = rvemu_point_add(m->debugger, &point, error);
    if (number < 0)
        return -1;
    monitor_say_point(m, number);
    return 0;
}

int monitor_do_break(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    return add_point(m, MONITOR_BREAK, text, error);
}

int monitor_do_watch(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    const char *rest = text, *word;

    if (monitor_is(text, monitor_word(&rest, &word), "pte"))
        return add_point(m, MONITOR_PTE, rest, error);
    return add_point(m, MONITOR_WATCH, text, error);
}

int monitor_do_rwatch(struct monitor *m, const char *text,
                      struct rvemu_error *error)
{
    return add_point(m, MONITOR_RWATCH, text, error);
}

int monitor_do_awatch(struct monitor *m, const char *text,
                      struct rvemu_error *error)
{
    return add_point(m, MONITOR_AWATCH, text, error);
}

int monitor_do_catch(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    return add_point(m, MONITOR_CATCH, text, error);
}

/* The number at the text, or 0 for none. */
static int take_number(struct monitor *m, const char *text, int *number,
                       struct rvemu_error *error)
{
    uint64_t value = 0;

    if (*text && monitor_value_only(m, text, &value, error) < 0)
        return -1;
    *number = value < INT32_MAX ? (int)value : INT32_MAX;
    if (monitor_need_debugger(m, error) < 0)
        return -1;
    if (*text && !rvemu_point_find(m->debugger, *number, &value))
        return rvemu_error_set(error, "there is no point %d", *number);
    return 0;
}

int monitor_do_delete(struct monitor *m, const char *text,
                      struct rvemu_error *error)
{
    int number;

    if (take_number(m, text, &number, error) < 0)
        return -1;
    if (number) {
        rvemu_point_remove(m->debugger, number);
        return 0;
    }
    while ((number = rvemu_point_next(m->debugger, 0)) != 0)
        rvemu_point_remove(m->debugger, number);
    return 0;
}

static int turn(struct monitor *m, const char *text, bool on,
                struct rvemu_error *error)
{
    int number;

    if (!*text)
        return rvemu_error_set(error, "a point's number is missing");
    if (take_number(m, text, &number, error) < 0)
        return -1;
    return rvemu_point_switch(m->debugger, number, on) < 0
               ? rvemu_error_set(error, "no memory for point %d", number)
               : 0;
}

int monitor_do_enable(struct monitor *m, const char *text,
                      struct rvemu_error *error)
{
    return turn(m, text, true, error);
}

int monitor_do_disable(struct monitor *m, const char *text,
                       struct rvemu_error *error)
{
    return turn(m, text, false, error);
}

/* "breakpoint", "watch", "rwatch", "catch page_fault", "pte" and its address */
static void say_what(struct monitor *m, const struct rvemu_point *point)
{
    char place[PLACE_MAX] = "";

    switch (point->kind) {
    case RVEMU_POINT_BREAK:
        monitor_place(m, point->va, place);
        monitor_say(m, "break 0x%" PRIx64 "%s%s", point->va,
                    place[0] ? " in " : "", place);
        break;
    case RVEMU_POINT_WATCH:
        monitor_say(m, "%swatch %s0x%" PRIx64 " %" PRIu64,
                    !point->reads   ? ""
                    : point->writes ? "a"
                                    : "r",
                    point->is_physical ? "-p " : "", point->first,
                    point->last - point->first + 1);
        break;
    case RVEMU_POINT_PTE:
        monitor_say(m, "watch pte 0x%" PRIx64 " in root %" PRIx64, point->va,
                    rvemu_satp_root(point->satp));
        break;
    default:
        monitor_say(m, "catch %s", rvemu_event_info(point->event)->name);
        if (point->has_va)
            monitor_say(m, " 0x%" PRIx64, point->va);
    }
}

void monitor_say_point(struct monitor *m, int number)
{
    uint64_t hits;
    const struct rvemu_point *point =
        rvemu_point_find(m->debugger, number, &hits);
    const struct monitor_condition *condition = point->arg;

    monitor_say(m, "%d: ", number);
    say_what(m, point);
    if (condition)
        monitor_say(m, " if %s", condition->text);
    if (hits)
        monitor_say(m, ", met %" PRIu64 " time%s", hits, hits > 1 ? "s" : "");
    monitor_say(m, "%s%s\n", point->is_once ? ", once" : "",
                point->is_off ? ", off" : "");
}

int monitor_info_breakpoints(struct monitor *m, const char *text,
                             struct rvemu_error *error)
{
    int number = 0;

    if (monitor_nothing(text, error) < 0)
        return -1;
    while (m->debugger && (number = rvemu_point_next(m->debugger, number)) != 0)
        monitor_say_point(m, number);
    return 0;
}

/* ---- what is said of a stop ---- */

static void say_access(struct monitor *m, const struct rvemu_debug_stop *stop)
{
    const struct rvemu_debug_access *a = &stop->access;
    char place[PLACE_MAX] = "";

    if (a->has_va && stop->hart != RVEMU_NO_HART)
        monitor_place(m, stop->pc, place);
    monitor_say(m, "    %s %" PRIu64 " bytes at 0x%" PRIx64,
                a->is_write ? "wrote" : "read", a->size,
                a->has_va ? a->va : a->pa);
    if (a->has_va && a->va != a->pa)
        monitor_say(m, ", physical 0x%" PRIx64, a->pa);
    if (a->origin != RVEMU_ORIGIN_HART)
        monitor_say(m, ", by the %s\n", rvemu_origin_name(a->origin));
    else
        monitor_say(m, ",\n    by 0x%" PRIx64 "%s%s\n", stop->pc,
                    place[0] ? " in " : "", place);
    if (a->is_write)
        monitor_say(m, "    old 0x%" PRIx64 ", new 0x%" PRIx64 "\n", a->old,
                    a->now);
    else
        monitor_say(m, "    value 0x%" PRIx64 "\n", a->now);
}

static void say_event(struct monitor *m, const struct rvemu_event *event)
{
    const struct rvemu_event_info *info = rvemu_event_info(event->kind);
    char word[64];

    monitor_say(m, "    %s at 0x%" PRIx64 ":", info->name, event->pc);
    for (unsigned i = 0; i < info->fields; i++) {
        rvemu_word_text(word, sizeof(word), info->field[i].unit,
                        event->word[i]);
        monitor_say(m, "%s%s=%s", i % 3 == 0 ? "\n        " : " ",
                    info->field[i].name, word);
    }
    monitor_say(m, "\n");
}

void monitor_say_stop(struct monitor *m, const struct rvemu_debug_stop *stop)
{
    uint64_t hits;

    if (stop->hart != RVEMU_NO_HART)
        m->hart = stop->hart;
    if (stop->why == RVEMU_WHY_TOLD || stop->why == RVEMU_WHY_ERROR)
        monitor_say(m, "%s\n", stop->text);
    if (stop->why == RVEMU_WHY_FIRST)
        monitor_say(m, "nothing is known of before\n");
    m->caught = stop->event;
    m->event = stop->event.kind ? &m->caught : NULL;
    if (stop->why == RVEMU_WHY_POINT &&
        !(m->until && stop->point == m->until)) {
        if (rvemu_point_find(m->debugger, stop->point, &hits))
            monitor_say_point(m, stop->point);
        if (stop->event.kind)
            say_event(m, &stop->event);
        else if (stop->access.size)
            say_access(m, stop);
    }
    m->next.file = NULL;
    monitor_say_hart(m, m->hart);
    monitor_drop_until(m);
}

void monitor_run_debugger(struct monitor *m, uint64_t steps,
                          struct rvemu_stop *stop)
{
    struct rvemu_debug_stop told = {.why = RVEMU_WHY_STEPS};

    m->event = NULL;
    /* In the past no host is asked: it is looked at in between. */
    if (steps > STRETCH && rvemu_history_is_past(m->machine))
        steps = STRETCH;
    rvemu_debug_run(m->debugger, steps, &told);
    *stop = (struct rvemu_stop){.reason = RVEMU_STOP_STEPS};
    switch (told.why) {
    case RVEMU_WHY_STEPS: return;
    case RVEMU_WHY_HOST: stop->reason = RVEMU_STOP_HOST; return;
    case RVEMU_WHY_END:
        *stop = told.machine;
        m->is_ordered = false;
        return;
    default: break;
    }
    m->is_ordered = false;
    m->is_stopped = m->is_told = true;
    monitor_say_stop(m, &told);
}
