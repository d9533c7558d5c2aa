/*
 * Command line: one table of options, from which parsing and -help both come.
 *
 * The command is the first argument that is no option, its traces are the
 * others; options stand anywhere among them, with one dash or two, the value in
 * the next argument or after `=`. Behind `--` there are no more options.
 */
#include "trace/options.h"

#include <string.h>

#include "trace/commands.h"
#include "trace/options_priv.h"

/* Where the value of each kind goes. */
#define TO_FLAG(where) \
    .kind = OPTIONS_FLAG, .member = offsetof(struct options, where)
#define TO_TEXT(where) \
    .kind = OPTIONS_TEXT, .member = offsetof(struct options, where)
#define TO_CALL(where) .kind = OPTIONS_CALL, .call = options_set_##where
#define TO_SWITCH(where) .kind = OPTIONS_SWITCH, .call = options_set_##where

const struct options_row options_rows[] = {
#define COMMAND(name, files, help, more)
#define SECTION(text) {.name = text, .kind = OPTIONS_SECTION},
#define OPTION(text, to, where, value, without, line, more) \
    {.name = text,                                          \
     .argument = value,                                     \
     .preset = without,                                     \
     .help = line,                                          \
     TO_##to(where)},
#define ALIAS(text, of, to, where) {.name = text, TO_##to(where)},
#include "trace/options.def"
    {.name = NULL},
};
#undef COMMAND
#undef SECTION
#undef OPTION
#undef ALIAS

const struct command commands[] = {
#define COMMAND(name, files, help, more) {#name, files, command_##name, help},
#define SECTION(title)
#define OPTION(name, kind, where, argument, preset, help, more)
#define ALIAS(name, of, kind, where)
#include "trace/options.def"
    {.name = NULL},
};

/* The row of a name of this length, or NULL. */
static const struct options_row *find_row(const char *name, size_t length)
{
    for (const struct options_row *row = options_rows; row->name; row++)
        if (row->kind != OPTIONS_SECTION && strlen(row->name) == length &&
            !memcmp(row->name, name, length))
            return row;
    return NULL;
}

static int apply(const struct options_row *row, struct options *options,
                 const char *value, struct rvemu_error *error)
{
    char *base = (char *)options;

    switch (row->kind) {
    case OPTIONS_FLAG: *(bool *)(base + row->member) = true; return 0;
    case OPTIONS_TEXT: *(const char **)(base + row->member) = value; return 0;
    default: return row->call(options, value, error);
    }
}

/* Reads the option at argv[*at] and moves *at past it. */
static int parse_option(struct options *options, int argc, char **argv, int *at,
                        struct rvemu_error *error)
{
    const char *option = argv[(*at)++];
    const char *name = option + (option[1] == '-' ? 2 : 1);
    size_t length = strcspn(name, "=");
    const char *value = name[length] ? name + length + 1 : NULL;
    int dashed = (int)(name - option + (ptrdiff_t)length);
    const struct options_row *row = find_row(name, length);
    bool takes;

    if (!row)
        return rvemu_error_set(error,
                               "%.*s: no such option; emu-trace -help lists "
                               "them",
                               dashed, option);
    takes = row->kind == OPTIONS_TEXT || row->kind == OPTIONS_CALL;
    if (value && !takes)
        return rvemu_error_set(error, "%.*s takes no value", dashed, option);
    if (!value && takes) {
        if (*at == argc)
            return rvemu_error_set(error, "%s needs a value: %s", option,
                                   row->argument);
        value = argv[(*at)++];
    }
    return apply(row, options, value, error);
}

static int take_word(struct options *options, const char *word,
                     struct rvemu_error *error)
{
    if (options->command) {
        if (options->files == options->command->files)
            return rvemu_error_set(
                error, "%s: %s reads %s", word, options->command->name,
                options->command->files == 1 ? "one trace" : "two traces");
        options->file[options->files++] = word;
        return 0;
    }
    for (const struct command *c = commands; c->name; c++)
        if (!strcmp(c->name, word))
            options->command = c;
    if (options->command)
        return 0;
    return rvemu_error_set(
        error, "%s: no such command; emu-trace -help lists them", word);
}

static bool is_command(const struct options *o, const char *name)
{
    return !strcmp(o->command->name, name);
}

/* Whether some part of the trace is asked for. */
static bool has_filter(const struct options *o)
{
    return o->from.boot || o->from.time || o->has_to || o->kinds ||
           o->has_hart || o->pids || o->explained.filter.spaces ||
           o->explained.filter.ranges;
}

/* What is for a trace's machine. */
static int check_machine(const struct options *o, struct rvemu_error *error)
{
    bool is_state = is_command(o, "state");

    if (o->insns && !is_command(o, "dump"))
        return rvemu_error_set(error, "--insns is for dump");
    if ((o->has_at || o->ranges) && !is_state)
        return rvemu_error_set(error, "%s is for state",
                               o->has_at ? "--at" : "--pa");
    if (is_state && !o->has_at)
        return rvemu_error_set(error, "state needs --at STEP");
    if (is_state && (o->from.boot || o->from.time || o->has_to || o->kinds ||
                     o->pids || o->explained.filter.spaces))
        return rvemu_error_set(error, "state is of one step: it goes by --at, "
                                      "--hart, --va and --pa");
    return 0;
}

/* Refuses what does not go together. */
static int check_together(const struct options *o, struct rvemu_error *error)
{
    if (!o->command)
        return rvemu_error_set(
            error, "say what to do with which trace, as in emu-trace dump "
                   "run.emt; emu-trace -help lists the commands");
    if (o->files < o->command->files)
        return rvemu_error_set(error, "%s needs %s", o->command->name,
                               o->command->files == 1 ? "a trace: FILE.emt"
                                                      : "two traces");
    if (!is_command(o, "explain") &&
        (o->has_form || o->explained.lang || o->color))
        return rvemu_error_set(error, "%s is for explain",
                               o->has_form         ? "--format short|full"
                               : o->explained.lang ? "--lang"
                                                   : "--color");
    if ((is_command(o, "explain") || is_command(o, "perfetto")) && o->kinds)
        return rvemu_error_set(error,
                               "%s goes by all events: leave out --event",
                               o->command->name);
    if (is_command(o, "explain") && o->has_hart)
        return rvemu_error_set(error,
                               "explain goes by all harts: leave out --hart");
    if (is_command(o, "check") && has_filter(o))
        return rvemu_error_set(error,
                               "check goes by all of the file: leave out what "
                               "asks for a part of it");
    if (!is_command(o, "check") && rvemu_explain_checks_any(&o->explained))
        return rvemu_error_set(error, "--check is for check");
    if (o->disassemble && !is_command(o, "spike"))
        return rvemu_error_set(error, "--disassemble is for spike");
    if (o->explained.json && (is_command(o, "spike") || is_command(o, "state")))
        return rvemu_error_set(error, "%s writes text alone", o->command->name);
    return check_machine(o, error);
}

int options_parse(struct options *options, int argc, char **argv,
                  struct rvemu_error *error)
{
    bool words_only = false;
    int at = 1;

    *options = (struct options){.action = OPTIONS_RUN};
    while (at < argc) {
        bool is_option = !words_only && argv[at][0] == '-' && argv[at][1];

        if (is_option && !strcmp(argv[at], "--")) {
            words_only = true;
            at++;
        } else if (is_option) {
            if (parse_option(options, argc, argv, &at, error) < 0)
                return -1;
        } else if (take_word(options, argv[at++], error) < 0) {
            return -1;
        }
        if (options->action != OPTIONS_RUN)
            return 0;
    }
    return check_together(options, error);
}
