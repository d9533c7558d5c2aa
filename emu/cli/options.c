/*
 * Command line: one table of options, from which parsing and -help both come.
 *
 * Spellings are QEMU's where QEMU has the option, with one dash or two, the
 * value in the next argument or after `=`. Parsing stops at the first
 * argument that is no option: that is the guest, and the rest is the guest's.
 * Nothing is ignored in silence: what users of QEMU will try and emu does not
 * have yet stands in the table as UNBUILT and is refused by name; what changes
 * nothing for a guest stands there, too, and is taken. There are no
 * abbreviations (which is why this is not getopt_long_only), so that a new
 * option can never change the meaning of an old command line.
 */
#include "cli/options.h"

#include <stddef.h>
#include <string.h>

#include "cli/options_priv.h"

#define SIGNATURE_LINE 4

/* Where the value of each kind goes. */
#define TO_FLAG(where) \
    .kind = OPTIONS_FLAG, .member = offsetof(struct options, where)
#define TO_TEXT(where) \
    .kind = OPTIONS_TEXT, .member = offsetof(struct options, where)
#define TO_CALL(where) .kind = OPTIONS_CALL, .call = options_set_##where
#define TO_MAYBE(where) .kind = OPTIONS_MAYBE, .call = options_set_##where
#define TO_SWITCH(where) .kind = OPTIONS_SWITCH, .call = options_set_##where

const struct options_row options_rows[] = {
#define SECTION(text) {.name = text, .kind = OPTIONS_SECTION},
#define OPTION(text, to, where, value, without, line, more) \
    {.name = text,                                          \
     .argument = value,                                     \
     .preset = without,                                     \
     .help = line,                                          \
     TO_##to(where)},
#define ALIAS(text, of, to, where) \
    {.name = text, .argument = "see -help", TO_##to(where)},
#define TAKES(text, what) \
    {.name = text, .kind = OPTIONS_TAKES_##what, .argument = "a value"},
#define NONE(text) {.name = text, .kind = OPTIONS_NONE, .argument = "none"},
#define UNBUILT(text, instead) \
    {.name = text, .kind = OPTIONS_UNBUILT, .hint = instead},
#include "cli/options.def"
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

static bool wants_value(const struct options_row *row)
{
    switch (row->kind) {
    case OPTIONS_TEXT:
    case OPTIONS_CALL:
    case OPTIONS_TAKES_VALUE:
    case OPTIONS_NONE: return true;
    default: return false;
    }
}

static bool takes_no_value(const struct options_row *row)
{
    return row->kind == OPTIONS_FLAG || row->kind == OPTIONS_SWITCH ||
           row->kind == OPTIONS_TAKES_FLAG;
}

static int check_none(const struct options_row *row, const char *value,
                      struct rvemu_error *error)
{
    if (!strcmp(value, "none"))
        return 0;
    return rvemu_error_set(error,
                           "-%s %s is not supported yet: say -%s none, or "
                           "leave it out",
                           row->name, value, row->name);
}

static int apply(const struct options_row *row, struct options *options,
                 const char *value, struct rvemu_error *error)
{
    char *base = (char *)options;

    switch (row->kind) {
    case OPTIONS_FLAG: *(bool *)(base + row->member) = true; return 0;
    case OPTIONS_TEXT: *(const char **)(base + row->member) = value; return 0;
    case OPTIONS_TAKES_FLAG:
    case OPTIONS_TAKES_VALUE: return 0;
    case OPTIONS_NONE: return check_none(row, value, error);
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

    if (!row)
        return rvemu_error_set(error,
                               "%.*s: no such option; emu -help lists them",
                               dashed, option);
    if (row->kind == OPTIONS_UNBUILT)
        return rvemu_error_set(error, "%.*s is not supported yet%s%s", dashed,
                               option, *row->hint ? ": " : "", row->hint);
    if (value && takes_no_value(row))
        return rvemu_error_set(error, "%.*s takes no value", dashed, option);
    if (!value && wants_value(row)) {
        if (*at == argc)
            return rvemu_error_set(error, "%s needs a value: %s", option,
                                   row->argument);
        value = argv[(*at)++];
    }
    return apply(row, options, value, error);
}

/* Refuses options that do not go together. */
static int check_together(const struct options *o, struct rvemu_error *error)
{
    if (o->dtb && o->as == RVEMU_AS_USER)
        return rvemu_error_set(error, "-dtb and --as user do not go together");
    if (o->check_refs && !o->frames)
        return rvemu_error_set(
            error, "--check refs needs --frames: who gives out frames, and who "
                   "takes them back");
    if (o->log[0] && o->log_file && o->commits_file &&
        !strcmp(o->log_file, o->commits_file))
        return rvemu_error_set(error,
                               "-D and --log-commits name the same file: "
                               "leave it out of one of them");
    if (o->accel && !o->has_accel)
        return options_refuse(error, "-accel", o->accel,
                              "every host interprets RISC-V: say tcg, or leave "
                              "it out");
    if (o->machine.hart.tlb.walks_ahead && (o->save.path[0] || o->trace.replay))
        return rvemu_error_set(error,
                               "--tlb worst and %s do not go together: what "
                               "such harts watch cannot be kept",
                               o->save.path[0] ? "--snapshot"
                                               : "--trace replay=on");
    if (!o->guest && o->as != RVEMU_AS_AUTO)
        return rvemu_error_set(error, "--as needs a guest");
    if (o->bios_none && o->as == RVEMU_AS_KERNEL)
        return rvemu_error_set(error,
                               "a kernel needs a firmware: -bios none and "
                               "--as kernel do not go together");
    return 0;
}

int options_parse(struct options *options, int argc, char **argv,
                  struct rvemu_error *error)
{
    const struct rvemu_config usual = {.ram_bytes = RVEMU_RAM_DEFAULT,
                                       .harts = 1};

    return options_parse_over(options, argc, argv, &usual, error);
}

int options_parse_over(struct options *options, int argc, char **argv,
                       const struct rvemu_config *machine,
                       struct rvemu_error *error)
{
    int at = 1;

    *options = (struct options){.machine = *machine,
                                .cpu = machine->cpu,
                                .signature_line = SIGNATURE_LINE};
    while (at < argc && argv[at][0] == '-' && argv[at][1]) {
        if (!strcmp(argv[at], "--")) {
            at++;
            break;
        }
        if (parse_option(options, argc, argv, &at, error) < 0)
            return -1;
        if (options->action != OPTIONS_RUN)
            return 0;
    }
    if (at < argc) {
        if (options->guest)
            return rvemu_error_set(error,
                                   "-kernel %s and %s: one guest is enough",
                                   options->guest, argv[at]);
        options->guest = argv[at++];
        options->guest_argv = argv + at;
        options->guest_argc = argc - at;
    }
    if (options_plug_in(options, error) < 0 ||
        options_connect(options, error) < 0)
        return -1;
    return check_together(options, error);
}
