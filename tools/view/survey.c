/*
 * One silent run; see survey.h. The explainer says what happened; where its
 * lines are made into moments is chain.c.
 */
#include "view/survey.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rvemu/emt.h>

#include "view/chain.h"
#include "view/record.h"

#define PRIV_U 0
#define WATCH_STEPS 4000000 /* between two looks at how far it is … */
#define WATCH_EVENTS 262144 /* … of a trace */

/* A survey in the making. */
struct maker {
    struct survey *survey;
    const struct survey_config *config;
    struct rvemu_explain *explain;
    struct record record;
    char **line; /* of the explainer, in JSON, owned */
    size_t lines, lines_room;
    size_t processes_room;
    uint64_t known[RVEMU_HARTS_MAX]; /* the root seen last, +1 */
    bool failed;
};

static void take_line(void *arg, const char *line)
{
    struct maker *m = arg;
    char **grown =
        record_grow(m->line, m->lines, &m->lines_room, sizeof(*m->line));

    if (grown)
        m->line = grown;
    if (!grown || !(m->line[m->lines] = strdup(line)))
        m->failed = true;
    else
        m->lines++;
}

/* Processes are met in the order of their numbers, or nearly so. */
struct process *survey_find(struct survey *s, uint64_t number)
{
    if (number && number <= s->processes &&
        s->process[number - 1].number == number)
        return &s->process[number - 1];
    for (size_t i = s->processes; number && i-- > 0;)
        if (s->process[i].number == number)
            return &s->process[i];
    return NULL;
}

static struct process *add_process(struct maker *m, uint64_t number,
                                   uint64_t root, uint64_t step)
{
    struct survey *s = m->survey;
    struct process *grown = record_grow(
        s->process, s->processes, &m->processes_room, sizeof(*s->process));

    if (!grown) {
        m->failed = true;
        return NULL;
    }
    s->process = grown;
    s->process[s->processes] = (struct process){.number = number,
                                                .root = root,
                                                .from = step,
                                                .until = UINT64_MAX,
                                                .fork = MOMENT_NONE};
    return &s->process[s->processes++];
}

static void add_satp(struct maker *m, struct process *p, uint64_t step,
                     uint64_t satp)
{
    struct survey_satp *grown;

    if (p->satps && p->satp[p->satps - 1].satp == satp)
        return;
    grown = realloc(p->satp, (p->satps + 1) * sizeof(*grown));
    if (!grown) {
        m->failed = true;
        return;
    }
    p->satp = grown;
    p->satp[p->satps++] = (struct survey_satp){step, satp};
}

/* A hart goes back to a program: whose space that is. */
static void meet(struct maker *m, const struct rvemu_event *event)
{
    struct rvemu_explain_called called;
    struct process *p;
    uint64_t root = m->record.root[event->hart];
    uint64_t step = record_step(&m->record, event->time);

    if (!root || !rvemu_explain_called(m->explain, root, &called))
        return;
    p = survey_find(m->survey, called.number);
    if (!p)
        p = add_process(m, called.number, root, step);
    if (!p)
        return;
    p->has_pid = called.has_pid;
    p->pid = called.pid;
    snprintf(p->name, sizeof(p->name), "%s", called.name);
    add_satp(m, p, step, m->record.satp[event->hart]);
}

static void take_event(void *arg, const struct rvemu_event *event)
{
    struct maker *m = arg;

    rvemu_explain_feed(m->explain, event);
    if (!(RVEMU_EVENT_SET(event->kind) & RECORD_KINDS))
        return;
    record_event(&m->record, event);
    if (event->kind == RVEMU_EVENT_xret && event->xret.target == PRIV_U)
        meet(m, event);
}

static uint64_t steps_of(const rvemu *machine)
{
    uint64_t steps = 0;

    for (unsigned hart = 0; hart < rvemu_harts(machine); hart++)
        steps += rvemu_steps(machine, hart);
    return steps;
}

static void add_byte(struct survey *s, uint64_t step, uint8_t byte)
{
    struct survey_byte *grown;

    if (!(s->bytes & (s->bytes - 1))) {
        grown =
            realloc(s->console, (s->bytes ? 2 * s->bytes : 1) * sizeof(*grown));
        if (!grown)
            return;
        s->console = grown;
    }
    s->console[s->bytes++] = (struct survey_byte){step, byte};
}

void survey_console(struct survey *s, rvemu *machine, uint8_t byte)
{
    add_byte(s, steps_of(machine), byte);
}

/* Why the run ended, for people. */
static void say_end(struct survey *s, const struct rvemu_stop *stop)
{
    const char *why = "the run ends";

    switch (stop->reason) {
    case RVEMU_STOP_PASS: why = "The guest powers off."; break;
    case RVEMU_STOP_FAIL: why = "The guest ends with a failure."; break;
    case RVEMU_STOP_RESET: why = "The guest asks for a reset."; break;
    case RVEMU_STOP_DEADLOCK: why = "Every hart waits, for ever."; break;
    case RVEMU_STOP_LOST: why = "No hart can get on."; break;
    case RVEMU_STOP_STEPS: why = "The viewer looks no further."; break;
    default: break;
    }
    snprintf(s->ended, sizeof(s->ended), "%s", why);
    s->is_cut = stop->reason == RVEMU_STOP_STEPS;
}

/* False, with error: whoever watches has had enough. */
static bool watched(const struct survey_config *c, uint64_t count,
                    struct rvemu_error *error)
{
    if (!c->watch || c->watch->call(c->watch->arg, count, c->trace != NULL))
        return true;
    rvemu_error_set(error, "given up");
    return false;
}

static int run_machine(struct maker *m, rvemu_event_set kinds,
                       struct rvemu_error *error)
{
    const struct survey_config *c = m->config;
    struct rvemu_stop stop;
    uint64_t steps = 0;
    int number = rvemu_subscription_begin(
        c->machine, &(struct rvemu_subscription){
                        .kinds = kinds, .call = take_event, .arg = m});

    if (number < 0)
        return rvemu_error_set(error, "no memory for events");
    do {
        uint64_t left = c->limit - steps, most = left;

        if (!watched(c, steps, error))
            return -1;
        if (c->watch && most > WATCH_STEPS)
            most = WATCH_STEPS;
        rvemu_run(c->machine, most, &stop);
        steps += most;
    } while (stop.reason == RVEMU_STOP_STEPS && steps < c->limit);
    rvemu_subscription_end(c->machine, number);
    if (stop.reason == RVEMU_STOP_BROKEN)
        return rvemu_error_set(error, "%s", stop.text);
    m->survey->last_step = steps_of(c->machine);
    say_end(m->survey, &stop);
    return 0;
}

/* The first boot of a trace. Bytes of the console are events of it, too. */
static int read_trace(struct maker *m, struct rvemu_error *error)
{
    struct survey *s = m->survey;
    struct rvemu_emt *trace = m->config->trace;
    const struct rvemu_emt_about *about = rvemu_emt_about(trace);
    struct rvemu_emt_place place;
    struct rvemu_event event;
    uint64_t count = 0;

    m->record.by_time = true;
    rvemu_emt_want(trace, NULL);
    rvemu_emt_seek(trace, 0, 0);
    while (rvemu_emt_next(trace, &event, &place) && !place.boot) {
        if (count++ % WATCH_EVENTS == 0 &&
            !watched(m->config, count - 1, error))
            return -1;
        s->last_step = event.time + 1;
        if (event.kind == RVEMU_EVENT_console)
            add_byte(s, event.time, (uint8_t)event.console.byte);
        take_event(m, &event);
    }
    snprintf(s->ended, sizeof(s->ended), "%.150s",
             about->end.reason && about->end.text && about->end.text[0]
                 ? about->end.text
                 : "The trace ends here.");
    return 0;
}

static int run(struct maker *m, struct rvemu_error *error)
{
    const struct survey_config *c = m->config;
    const struct rvemu_explain_options options = {
        .line = take_line,
        .arg = m,
        .full = true,
        .json = true,
        .lang = c->lang,
        .names = c->names,
    };

    m->explain = rvemu_explain_new(&options);
    if (!m->explain)
        return rvemu_error_set(error, "no memory for the story");
    rvemu_explain_begin(m->explain, "");
    if ((c->trace ? read_trace(m, error)
                  : run_machine(m, rvemu_explain_kinds(&options) | RECORD_KINDS,
                                error)) < 0)
        return -1;
    rvemu_explain_finish(m->explain);
    return 0;
}

static void take_down(struct maker *m)
{
    rvemu_explain_free(m->explain);
    for (size_t i = 0; i < m->lines; i++)
        free(m->line[i]);
    free(m->line);
    record_free(&m->record);
}

/* A process that goes on in another space lives no longer in the first. */
static void settle_lives(struct survey *s)
{
    for (size_t i = 0; i < s->processes; i++) {
        struct process *old = &s->process[i];

        for (size_t j = i + 1; j < s->processes && old->until == UINT64_MAX;
             j++) {
            const struct process *young = &s->process[j];

            if (old->root == young->root ||
                (old->has_pid && young->has_pid && old->pid == young->pid))
                old->until = young->from;
        }
    }
}

int survey_make(struct survey *survey, const struct survey_config *config,
                struct rvemu_error *error)
{
    struct maker m = {.survey = survey,
                      .config = config,
                      .record = {.step_shift = survey->step_shift}};
    struct chain_source source;
    int failed = run(&m, error);

    source = (struct chain_source){&m.record, m.line, m.lines};
    if (!failed && (m.failed || m.record.failed))
        failed = rvemu_error_set(error, "no memory for the story");
    if (!failed && chain_build(survey, &source) < 0)
        failed = rvemu_error_set(error, "no memory for the story");
    if (!failed)
        settle_lives(survey);
    survey->area = m.record.area;
    survey->areas = m.record.areas;
    m.record.area = NULL;
    take_down(&m);
    if (failed)
        survey_free(survey);
    return failed;
}

void survey_free(struct survey *s)
{
    for (size_t i = 0; i < s->moments; i++)
        free(s->moment[i].text);
    for (size_t i = 0; i < s->processes; i++)
        free(s->process[i].satp);
    free(s->moment);
    free(s->process);
    free(s->area);
    free(s->console);
    *s = (struct survey){0};
}

uint64_t survey_satp_at(const struct process *p, uint64_t step)
{
    uint64_t satp = p->satps ? p->satp[0].satp : 0;

    for (size_t i = 0; i < p->satps && p->satp[i].step <= step; i++)
        satp = p->satp[i].satp;
    return satp;
}

size_t survey_moment_at(const struct survey *s, uint64_t step)
{
    size_t low = 0, high = s->moments;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->moment[middle].step <= step)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : 0;
}
