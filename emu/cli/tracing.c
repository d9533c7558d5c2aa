/* --trace and --on-fail; see tracing.h. */
#include "cli/tracing.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool tracing_is_wanted(const struct options *options)
{
    return options->trace.path[0] || options->on_fail.path[0];
}

static rvemu_event_set kinds_of(const struct options_trace *option)
{
    return option->kinds ? option->kinds : ~RVEMU_EVENTS_COMMIT;
}

static int open_writer(struct rvemu_emt_writer **writer,
                       const struct options_trace *option,
                       const struct tracing_config *config,
                       const struct rvemu_names *names,
                       struct rvemu_error *error)
{
    const struct rvemu_emt_options options = {
        .kinds = kinds_of(option),
        .from = option->from,
        .to = option->to,
        .keep = option->keep,
        .title = config->title,
        .names = names,
        .resolve = config->resolve,
        .symbols = config->symbols,
    };

    return rvemu_emt_create(option->path, &options, writer, error);
}

int tracing_open(struct tracing *t, const struct tracing_config *config,
                 struct rvemu_error *error)
{
    const struct options *o = config->options;

    t->options = o;
    t->names = config->names;
    t->asks = config->names && !o->explain;
    if (o->trace.path[0]) {
        if (open_writer(&t->all, &o->trace, config, t->names, error) < 0)
            return -1;
        t->names = rvemu_emt_recorder(t->all);
    }
    if (t->all && o->trace.replay) {
        t->keeper = rvemu_emt_keeper_new(t->all, o->trace.replay_bytes);
        if (!t->keeper)
            return rvemu_error_set(error, "no memory for %s", o->trace.path);
    }
    if (o->on_fail.path[0]) {
        if (open_writer(&t->last, &o->on_fail, config, t->names, error) < 0)
            return -1;
        t->names = rvemu_emt_recorder(t->last);
    }
    if (!config->names)
        t->names = NULL;
    return 0;
}

const struct rvemu_names *tracing_names(const struct tracing *t)
{
    return t->names;
}

/* Who says nothing asks for nothing: so it speaks, to nobody. */
static void hear_nothing(void *arg, const char *line)
{
}

static int attach_asker(struct tracing *t, rvemu *machine)
{
    const struct rvemu_explain_options options = {
        .line = hear_nothing, .full = true, .names = t->names};

    if (!t->asks)
        return 0;
    t->asker = rvemu_explain_new(&options);
    return t->asker ? rvemu_subscribe(machine, rvemu_explain_kinds(&options),
                                      rvemu_explain_feed, t->asker)
                    : -1;
}

static int attach_writer(struct rvemu_emt_writer *writer,
                         const struct options_trace *option, rvemu *machine)
{
    return writer ? rvemu_subscribe(machine, kinds_of(option), rvemu_emt_feed,
                                    writer)
                  : 0;
}

int tracing_attach(struct tracing *t, rvemu *machine, struct rvemu_error *error)
{
    const struct options *o = t->options;

    if (!t->all && !t->last)
        return 0;
    if (attach_asker(t, machine) < 0 ||
        attach_writer(t->all, &o->trace, machine) < 0 ||
        attach_writer(t->last, &o->on_fail, machine) < 0)
        return rvemu_error_set(error, "no room for what writes the trace");
    return t->keeper ? rvemu_emt_keeper_attach(t->keeper, machine, error) : 0;
}

uint64_t tracing_room(const struct tracing *t)
{
    return t->keeper ? rvemu_emt_keeper_room(t->keeper) : UINT64_MAX;
}

void tracing_look(struct tracing *t)
{
    if (t->keeper)
        rvemu_emt_keeper_look(t->keeper);
}

void tracing_detach(struct tracing *t)
{
    rvemu_explain_free(t->asker);
    t->asker = NULL;
    if (t->keeper)
        rvemu_emt_keeper_detach(t->keeper);
    if (t->all)
        rvemu_emt_boot(t->all);
    if (t->last)
        rvemu_emt_boot(t->last);
}

bool tracing_broken(const struct tracing *t)
{
    return t->all && rvemu_emt_broken(t->all);
}

void tracing_ended(struct tracing *t, const struct rvemu_emt_end *end)
{
    if (t->all)
        rvemu_emt_ended(t->all, end);
    if (t->last)
        rvemu_emt_ended(t->last, end);
}

void tracing_drop(struct tracing *t)
{
    const char *path = t->all ? t->options->trace.path : NULL;
    struct rvemu_error ignored;
    struct stat status;

    tracing_close(t, false, &ignored);
    if (path && lstat(path, &status) == 0 && S_ISREG(status.st_mode))
        unlink(path);
}

int tracing_close(struct tracing *t, bool failed, struct rvemu_error *error)
{
    struct rvemu_error second;
    int result;

    if (t->keeper)
        rvemu_emt_keeper_detach(t->keeper);
    rvemu_emt_keeper_free(t->keeper);
    result = rvemu_emt_close(t->all, error);
    rvemu_explain_free(t->asker);
    if (t->last && failed && result == 0)
        result = rvemu_emt_save(t->last, error);
    if (rvemu_emt_close(t->last, result ? &second : error) < 0)
        result = -1;
    *t = (struct tracing){.all = NULL};
    return result;
}
