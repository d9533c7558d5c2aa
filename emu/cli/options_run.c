/*
 * The options that say what is booted, how the run ends and what is told of
 * it: the functions that read their values. (-M, -m, -cpu and their like:
 * options_machine.c.)
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_priv.h"

#define SECONDS_MAX 1e9
#define SIGNATURE_LINE_MAX 16

int options_refuse(struct rvemu_error *error, const char *option,
                   const char *value, const char *instead)
{
    return rvemu_error_set(error, "%s %s: %s", option, *value ? value : "''",
                           instead);
}

bool options_read_number(const char *text, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 0);
    return isdigit((unsigned char)*text) && *end == '\0' && errno == 0;
}

bool options_read_switch(const struct rvemu_list_item *item, bool *value)
{
    static const char *const words[] = {"on",  "true",  "yes",
                                        "off", "false", "no"};

    *value = true;
    if (!item->value)
        return true;
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        *value = i < 3;
        if (rvemu_list_has(item, words[i]))
            return true;
    }
    return false;
}

bool options_read_text(const struct rvemu_list_item *item, char *text,
                       size_t size)
{
    size_t length = rvemu_list_value(item, text, size);

    return length && length < size;
}

int options_set_kernel(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    o->guest = value;
    o->is_kernel = true;
    return 0;
}

int options_set_bios(struct options *o, const char *value,
                     struct rvemu_error *error)
{
    o->bios_none = !strcmp(value, "none");
    o->bios = o->bios_none || !strcmp(value, "default") ? NULL : value;
    return 0;
}

/* "PATH[@HEX]": a path that has an @ itself needs another one behind it. */
int options_set_milestone(struct options *o, const char *value,
                          struct rvemu_error *error)
{
    struct options_milestone *added = &o->milestone[o->milestones];
    size_t length = strcspn(value, "=");

    if (!length || !value[length] || !value[length + 1] ||
        length >= sizeof(added->name))
        return options_refuse(error, "--milestone", value,
                              "say NAME=REGEX, a name of up to 63 bytes");
    if (o->milestones == OPTIONS_MILESTONES_MAX)
        return options_refuse(error, "--milestone", value,
                              "64 are as many as can be given");
    memcpy(added->name, value, length);
    added->pattern = value + length + 1;
    for (unsigned i = 0; i < o->milestones; i++)
        if (!strcmp(o->milestone[i].name, added->name))
            return options_refuse(error, "--milestone", value,
                                  "another has that name");
    o->milestones++;
    return 0;
}

int options_set_symbols(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    struct options_symbols *added = &o->symbols[o->symbols_count];
    const char *at = strrchr(value, '@');
    char *end;

    if (o->symbols_count == OPTIONS_SYMBOLS_MAX)
        return options_refuse(error, "--symbols", value,
                              "32 of them are enough: name a folder");
    *added = (struct options_symbols){
        .text = value,
        .length = (int)(at ? (size_t)(at - value) : strlen(value)),
        .has_base = at != NULL,
    };
    if (at) {
        errno = 0;
        added->base = strtoull(at + 1, &end, 16);
        if (!isxdigit((unsigned char)at[1]) || *end || errno)
            return options_refuse(error, "--symbols", value,
                                  "what follows the @ is no address: say "
                                  "FILE@HEX, and FILE@0 if FILE has an @");
    }
    if (!added->length)
        return options_refuse(error, "--symbols", value, "names no file");
    o->symbols_count++;
    return 0;
}

int options_set_display(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    if (strcmp(value, "none") != 0)
        return options_refuse(error, "-display", value,
                              "there is none but 'none' yet");
    return 0;
}

int options_set_engine(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    if (!strcmp(value, "jit"))
        return options_refuse(error, "--engine", value, "is not supported yet");
    if (strcmp(value, "interp") != 0)
        return options_refuse(error, "--engine", value, "say interp");
    return 0;
}

int options_set_as(struct options *o, const char *value,
                   struct rvemu_error *error)
{
    static const char *const names[] = {
        [RVEMU_AS_AUTO] = "auto",
        [RVEMU_AS_MACHINE] = "machine",
        [RVEMU_AS_KERNEL] = "kernel",
        [RVEMU_AS_USER] = "user",
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!strcmp(value, names[i])) {
            o->as = (enum rvemu_as)i;
            return 0;
        }
    }
    return options_refuse(error, "--as", value,
                          "say machine, kernel, user or auto");
}

int options_set_seed(struct options *o, const char *value,
                     struct rvemu_error *error)
{
    if (!options_read_number(value, &o->machine.seed))
        return options_refuse(error, "--seed", value, "not a number");
    return 0;
}

int options_set_max_insns(struct options *o, const char *value,
                          struct rvemu_error *error)
{
    if (!options_read_number(value, &o->max_insns) || o->max_insns == 0)
        return options_refuse(error, "--max-insns", value,
                              "not a number above 0");
    return 0;
}

int options_set_test_move(struct options *o, const char *value,
                          struct rvemu_error *error)
{
    if (!options_read_number(value, &o->machine.test_move) ||
        o->machine.test_move == 0)
        return options_refuse(error, "--test-move", value,
                              "not a number above 0");
    return 0;
}

int options_set_timeout(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    char *end;
    double seconds = strtod(value, &end);

    if (end == value || *end || !(seconds > 0) || seconds > SECONDS_MAX)
        return options_refuse(error, "--timeout", value,
                              "not a number of seconds above 0");
    o->timeout_ns = (uint64_t)(seconds * 1e9);
    if (!o->timeout_ns)
        o->timeout_ns = 1;
    return 0;
}

int options_set_explain(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    struct rvemu_error why;

    o->explain = true;
    if (rvemu_explain_read(&o->explained, value, &why) < 0)
        return options_refuse(error, "--explain", value, why.text);
    return 0;
}

int options_set_check(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    struct rvemu_error why;

    if (rvemu_checks_read(o->explained.check, value, &why) < 0)
        return options_refuse(error, "--check", value, why.text);
    o->check_refs |= strstr(value, "refs") != NULL;
    return 0;
}

bool options_explains(const struct options *o)
{
    return o->explain || o->frames || rvemu_explain_checks_any(&o->explained);
}

int options_set_lang(struct options *o, const char *value,
                     struct rvemu_error *error)
{
    char instead[64] = "there are";

    for (unsigned i = 0; rvemu_lang_code(i); i++) {
        if (!strcmp(value, rvemu_lang_code(i))) {
            o->explained.lang = (enum rvemu_lang)i;
            return 0;
        }
        snprintf(instead + strlen(instead), sizeof(instead) - strlen(instead),
                 "%s %s", i ? "," : "", rvemu_lang_code(i));
    }
    return options_refuse(error, "--lang", value, instead);
}

int options_set_color(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    if (!value || !strcmp(value, "always"))
        o->color = OPTIONS_COLOR_ON;
    else if (!strcmp(value, "never"))
        o->color = OPTIONS_COLOR_OFF;
    else if (!strcmp(value, "auto"))
        o->color = OPTIONS_COLOR_AUTO;
    else
        return options_refuse(error, "--color", value,
                              "say auto, always or never");
    return 0;
}

int options_set_log_commits(struct options *o, const char *value,
                            struct rvemu_error *error)
{
    o->log_commits = true;
    o->commits_file = value;
    return 0;
}

int options_set_trace_hash(struct options *o, const char *value,
                           struct rvemu_error *error)
{
    o->trace_hash = value ? value : "all";
    return 0;
}

int options_set_signature_line(struct options *o, const char *value,
                               struct rvemu_error *error)
{
    uint64_t line;

    if (!options_read_number(value, &line) || !line ||
        line > SIGNATURE_LINE_MAX || line & (line - 1))
        return options_refuse(error, "--signature-granularity", value,
                              "say 1, 2, 4, 8 or 16");
    o->signature_line = (unsigned)line;
    return 0;
}

int options_set_help(struct options *o, const char *value,
                     struct rvemu_error *error)
{
    o->action = OPTIONS_HELP;
    return 0;
}

int options_set_version(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    o->action = OPTIONS_VERSION;
    return 0;
}
