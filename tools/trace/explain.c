/*
 * explain: the sentences of emu --explain, from a file.
 *
 * The explainer has to have seen everything from the beginning of a boot on;
 * what was before --from in its boot is fed to it in a pause. It ends where
 * --to says, as if the run had ended there. Each boot is told by an explainer
 * of its own, and a boot that had nothing to tell is told to have had nothing.
 */
#include <string.h>
#include <unistd.h>

#include "host/wrap.h"
#include "trace/commands.h"
#include "trace/source.h"

struct telling {
    struct source s;
    struct rvemu_explain_options options;
    struct rvemu_explain *explain;
    unsigned boot;  /* that it tells of */
    bool has_begun; /* the first line has been said */
    bool paused;
    bool wraps;   /* lines are to fit the terminal */
    bool in_line; /* the guest's console is in the middle of a line */
};

static void put_line(void *arg, const char *line)
{
    const struct telling *t = arg;
    unsigned columns = t->wraps ? wrap_columns(STDOUT_FILENO) : 0;

    if (columns)
        wrap_line(t->s.out, line, columns);
    else
        fputs(line, t->s.out);
    fputc('\n', t->s.out);
}

/* The first line of a boot; of those behind the first only JSON has one. */
static int begin(struct telling *t, struct rvemu_error *error)
{
    t->explain = rvemu_explain_new(&t->options);
    if (!t->explain)
        return rvemu_error_set(error, "no memory for the explainer");
    rvemu_explain_pause(t->explain, t->paused);
    if (t->options.json || !t->has_begun)
        rvemu_explain_begin(t->explain, t->s.about->title);
    t->has_begun = true;
    return 0;
}

static void finish(struct telling *t)
{
    if (t->explain)
        rvemu_explain_finish(t->explain);
    rvemu_explain_free(t->explain);
    t->explain = NULL;
}

/* Lines that wait for more of their kind are told before what the guest prints
 * next, as emu tells them. */
static void take_console(struct telling *t)
{
    uint64_t byte = t->s.event.console.byte;

    if (!t->in_line)
        rvemu_explain_flush(t->explain);
    if (byte != '\r')
        t->in_line = byte != '\n';
}

/* Goes on to a boot. */
static int go_to(struct telling *t, unsigned boot, struct rvemu_error *error)
{
    while (t->boot < boot) {
        finish(t);
        t->boot++;
        if (begin(t, error) < 0)
            return -1;
    }
    return 0;
}

/* The last boot that is asked for, of those that there are. */
static unsigned last_boot(const struct source *s)
{
    unsigned last = s->about->boots ? s->about->boots - 1 : 0;

    return s->options->has_to && s->options->to.boot < last
               ? s->options->to.boot
               : last;
}

static int tell(struct telling *t, struct rvemu_error *error)
{
    struct source *s = &t->s;
    bool has_event = source_next(s);

    t->paused = s->options->from.boot || s->options->from.time;
    progress_quiet(&s->progress, t->paused);
    t->boot = s->options->from.boot;
    /* Of the boots before, nothing was kept. */
    if (s->about->has_begun_late && has_event)
        t->boot = s->place.boot;
    if (begin(t, error) < 0)
        return -1;
    for (; has_event; has_event = source_next(s)) {
        if (go_to(t, s->place.boot, error) < 0)
            return -1;
        if (t->paused && source_has_begun(s)) {
            t->paused = false;
            progress_quiet(&s->progress, false);
            rvemu_explain_pause(t->explain, false);
        }
        rvemu_explain_feed(t->explain, &s->event);
        if (s->event.kind == RVEMU_EVENT_console)
            take_console(t);
    }
    if (go_to(t, last_boot(s), error) < 0)
        return -1;
    finish(t);
    return 0;
}

/* --pid is --space by a number. */
static int add_pids(const struct options *o,
                    struct rvemu_explain_filter *filter,
                    struct rvemu_error *error)
{
    for (unsigned i = 0; i < o->pids; i++) {
        if (filter->spaces == RVEMU_EXPLAIN_FILTERS)
            return rvemu_error_set(error, "--pid and --space: those are too "
                                          "many");
        filter->space[filter->spaces++] =
            (struct rvemu_explain_space){.number = o->pid[i]};
    }
    return 0;
}

static bool wants_color(const struct options *o, const FILE *out)
{
    if (o->explained.json || o->color == OPTIONS_COLOR_OFF)
        return false;
    return o->color == OPTIONS_COLOR_ON ||
           (out == stdout && wrap_color(STDOUT_FILENO));
}

int command_explain(const struct options *o, FILE *out,
                    struct rvemu_error *error)
{
    struct telling t = {.options = o->explained};
    /* Who is called how is the explainer's to say: the trace is read once. */
    struct options plain = *o;
    int failed;

    if (add_pids(o, &t.options.filter, error) < 0)
        return -1;
    plain.pids = plain.explained.filter.spaces = 0;
    if (source_open(&t.s, &plain, o->file[0], out, SOURCE_ALL,
                    rvemu_explain_kinds(&o->explained) |
                        RVEMU_EVENT_BIT(console),
                    false, error) < 0)
        return -1;
    t.wraps = out == stdout && !o->explained.json;
    t.options.color = wants_color(o, out);
    t.options.line = put_line;
    t.options.arg = &t;
    t.options.names = rvemu_emt_names(t.s.trace);
    rvemu_emt_seek(t.s.trace, o->from.boot, 0);
    failed = tell(&t, error);
    if (!failed)
        source_tell_losses(&t.s);
    rvemu_explain_free(t.explain);
    source_close(&t.s);
    return failed ? -1 : STATUS_OK;
}
