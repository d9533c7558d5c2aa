/*
 * Who watches a session's machine: those that options ask for, and who gives
 * them names.
 */
#include <unistd.h>

#include "host/wrap.h"
#include "cli/expect.h"
#include "cli/image_symbols.h"
#include "cli/session_priv.h"

static bool wants_color(const struct options *o)
{
    if (o->color != OPTIONS_COLOR_AUTO)
        return o->color == OPTIONS_COLOR_ON;
    return wrap_color(STDERR_FILENO);
}

/* Memory has to be looked at promptly for names, which costs: where a trace
 * alone asks, and there are none to be had, it is not. */
void session_attach_names(struct session *s)
{
    names_attach(s->names, s->machine);
    if (!names_are_any(s->names) && !options_explains(s->options) && !s->rules)
        rvemu_set_prompt(s->machine, 0);
}

int session_open_names(struct session *s, const struct session_config *config,
                       struct rvemu_error *error)
{
    const struct names_config names = {
        .options = s->options,
        .guest = &config->guest,
        .program = &config->program,
        .kernels = s->symbols,
        .say = session_notice,
        .self = s,
    };

    if (names_open(&s->names, &names, error) < 0)
        return -1;
    session_attach_names(s);
    return 0;
}

static int open_frames(struct session *s, struct observe_options *observe,
                       struct rvemu_error *error)
{
    if (!s->symbols)
        return rvemu_error_set(error, "no memory for the guest's symbols");
    observe->explained.frames = &s->frames.config;
    if (frames_open(&s->frames, s->options->frames, s->symbols, error) < 0)
        return -1;
    return frames_attach(&s->frames, s->machine, error);
}

static int open_tracing(struct session *s, const struct session_config *config,
                        struct rvemu_error *error)
{
    struct tracing_config tracing = {
        .options = s->options,
        .title = rvemu_title_text(config->what, RVEMU_LANG_EN),
        .resolve = s->symbols ? rvemu_symbols_find : NULL,
        .symbols = s->symbols,
    };

    if (!s->names && session_open_names(s, config, error) < 0)
        return -1;
    if (names_are_any(s->names))
        tracing.names = names_answers(s->names);
    return tracing_open(&s->tracing, &tracing, error);
}

struct rvemu_symbols *session_find_symbols(void *self)
{
    struct session *s = self;

    if (!s->symbols)
        s->symbols = image_symbols(&s->config->guest);
    return s->symbols;
}

struct names *session_find_names(void *self)
{
    struct session *s = self;
    struct rvemu_error ignored;

    if (!s->names && session_find_symbols(s))
        session_open_names(s, s->config, &ignored);
    return s->names;
}

int session_watch(struct session *s, const struct session_config *config,
                  struct rvemu_error *error)
{
    const struct options *o = s->options;
    struct observe_options observe = {
        .explain = o->explain,
        .explained = o->explained,
        .title = rvemu_title_text(config->what, RVEMU_LANG_EN),
        .path = o->log_file,
        .commits = o->log_commits,
        .commits_path = o->commits_file,
    };

    observe.explained.color = wants_color(o);
    if (observe_kinds("-d", o->log[0] ? o->log : NULL, &observe.kinds, error) <
            0 ||
        observe_kinds("--trace-hash", o->trace_hash, &observe.hashed, error) <
            0)
        return -1;
    if (observe.kinds || o->frames || tracing_is_wanted(o) || o->symbols_count)
        s->symbols = image_symbols(&config->guest);
    /* --symbols is read, and refused, even if nothing asks for names. */
    if ((o->symbols_count || options_explains(o) || s->rules) &&
        session_open_names(s, config, error) < 0)
        return -1;
    if (s->rules && expect_check(s->rules, o, s->names, error) < 0)
        return -1;
    observe.explained.expect = s->rules;
    if (o->frames && open_frames(s, &observe, error) < 0)
        return -1;
    observe.explained.only_checks = !o->explain;
    if (tracing_is_wanted(o) && open_tracing(s, config, error) < 0)
        return -1;
    if (s->names)
        observe.explained.names = names_answers(s->names);
    if (tracing_names(&s->tracing))
        observe.explained.names = tracing_names(&s->tracing);
    if (s->symbols) {
        observe.resolve = rvemu_symbols_find;
        observe.symbols = s->symbols;
    }
    if (observe_start(s->machine, &observe, &s->observer, error) < 0)
        return -1;
    return tracing_attach(&s->tracing, s->machine, error);
}

/* Who sets a limit, or knows what a failure looks like, may ask why: what
 * happens of late is kept. It costs a run without such an option nothing. */
int session_record(struct session *s, struct rvemu_error *error)
{
    const struct options *o = s->options;

    if (!o->max_insns && !o->timeout_ns && !o->fail_on)
        return 0;
    if (!s->recent)
        s->recent = recent_new();
    if (!s->recent || recent_attach(s->recent, s->machine) < 0)
        return rvemu_error_set(error, "no memory for what happens of late");
    return 0;
}
