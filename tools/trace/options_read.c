/*
 * The values of options. Those of --space, --va and --format are handed to the
 * explainer's own reader of such things, so that they mean what they mean on
 * emu's command line.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace/options_priv.h"

static int refuse(struct rvemu_error *error, const char *option,
                  const char *value, const char *instead)
{
    return rvemu_error_set(error, "--%s %s: %s", option, value, instead);
}

static bool read_number(const char *text, uint64_t *number, const char **end)
{
    char *stop;

    errno = 0;
    *number = strtoull(text, &stop, 0);
    *end = stop;
    return isdigit((unsigned char)*text) && !errno;
}

static int set_moment(const char *option, struct options_moment *moment,
                      const char *value, struct rvemu_error *error)
{
    const char *colon = strchr(value, ':'), *end = value;
    uint64_t boot = 0;

    if ((colon && (!read_number(value, &boot, &end) || end != colon ||
                   boot > UINT32_MAX)) ||
        rvemu_time_read(colon ? colon + 1 : value, &moment->time) < 0)
        return refuse(error, option, value,
                      "say a machine time, as in 1500, 1.5ms and 2s, or with "
                      "the number of a later boot, as in 1:2s");
    moment->boot = (unsigned)boot;
    return 0;
}

int options_set_from(struct options *o, const char *value,
                     struct rvemu_error *error)
{
    return set_moment("from", &o->from, value, error);
}

int options_set_to(struct options *o, const char *value,
                   struct rvemu_error *error)
{
    o->has_to = true;
    return set_moment("to", &o->to, value, error);
}

int options_set_event(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    const char *bad;

    if (!strcmp(value, "help") || !strcmp(value, "?")) {
        o->action = OPTIONS_EVENTS;
        return 0;
    }
    if (rvemu_event_kinds(value, &o->kinds, &bad) == 0)
        return 0;
    return rvemu_error_set(
        error,
        "--event: no kind of event is called '%.*s'; --event help "
        "lists them",
        (int)strcspn(bad, ","), bad);
}

int options_set_hart(struct options *o, const char *value,
                     struct rvemu_error *error)
{
    const char *end;
    uint64_t hart;

    if (!read_number(value, &hart, &end) || *end || hart >= RVEMU_NO_HART)
        return refuse(error, "hart", value, "say its number");
    o->has_hart = o->hart[hart] = true;
    return 0;
}

int options_set_pid(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    const char *end;
    uint64_t pid;

    if (!read_number(value, &pid, &end) || *end)
        return refuse(error, "pid", value, "say its number");
    if (o->pids == RVEMU_EXPLAIN_FILTERS)
        return refuse(error, "pid", value, "those are too many");
    o->pid[o->pids++] = pid;
    return 0;
}

/* Hands an item to the explainer's reader. */
static int read_item(struct options *o, const char *option, const char *item,
                     const char *value, struct rvemu_error *error)
{
    struct rvemu_error why;
    char text[256];

    if (strchr(value, ',') || (size_t)snprintf(text, sizeof(text), "%s=%s",
                                               item, value) >= sizeof(text))
        return refuse(error, option, value, "say one at a time");
    if (rvemu_explain_read(&o->explained, text, &why) < 0)
        return rvemu_error_set(error, "--%s: %s", option, why.text);
    return 0;
}

int options_set_space(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    return read_item(o, "space", "space", value, error);
}

int options_set_va(struct options *o, const char *value,
                   struct rvemu_error *error)
{
    return read_item(o, "va", "addr", value, error);
}

int options_set_format(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    struct rvemu_explain_options form = {0};
    const char *at = value;

    /* It reads filters, too, which have options of their own here. */
    if (strchr(value, '=') || rvemu_explain_read(&form, value, error) < 0)
        return refuse(error, "format", value,
                      "say text or json; of explain also short, full or "
                      "full,json");
    o->explained.json = form.json;
    o->explained.full = form.full;
    o->has_form = false;
    for (; at; at = strchr(at, ',')) {
        at += *at == ',';
        o->has_form |= !strncmp(at, "short", 5) || !strncmp(at, "full", 4);
    }
    return 0;
}

int options_set_check(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    struct rvemu_error why;

    if (rvemu_checks_read(o->explained.check, value, &why) < 0)
        return refuse(error, "check", value, why.text);
    if (o->explained.check[RVEMU_CHECK_REFS] && !strstr(value, "all"))
        return refuse(error, "check", value,
                      "what a kernel frees is in no trace");
    return 0;
}

int options_set_lang(struct options *o, const char *value,
                     struct rvemu_error *error)
{
    for (unsigned lang = 0; lang < RVEMU_LANGS; lang++) {
        if (!strcmp(value, rvemu_lang_code(lang))) {
            o->explained.lang = (enum rvemu_lang)lang;
            return 0;
        }
    }
    return refuse(error, "lang", value, "say en or zh");
}

int options_set_color(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    if (!strcmp(value, "auto"))
        o->color = OPTIONS_COLOR_AUTO;
    else if (!strcmp(value, "always"))
        o->color = OPTIONS_COLOR_ON;
    else if (!strcmp(value, "never"))
        o->color = OPTIONS_COLOR_OFF;
    else
        return refuse(error, "color", value, "say auto, always or never");
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

/* A number of steps, or a time with its unit. */
int options_set_at(struct options *o, const char *value,
                   struct rvemu_error *error)
{
    const char *text = value, *end;
    uint64_t number;

    o->at = (struct options_place){.boot = 0};
    o->has_at = true;
    if (read_number(text, &number, &end) && *end == ':' &&
        number <= UINT32_MAX) {
        o->at.boot = (unsigned)number;
        text = end + 1;
    }
    if (read_number(text, &o->at.value, &end) && !*end)
        return 0;
    o->at.is_time = true;
    if (rvemu_time_read(text, &o->at.value) == 0)
        return 0;
    return refuse(error, "at", value,
                  "say a number of steps, or a time as 1.5ms");
}

int options_set_pa(struct options *o, const char *value,
                   struct rvemu_error *error)
{
    struct options_range *range = &o->range[o->ranges];
    const char *end;

    if (o->ranges == OPTIONS_RANGES_MAX)
        return refuse(error, "pa", value, "16 of them are enough");
    if (!read_number(value, &range->first, &end))
        return refuse(error, "pa", value, "say FIRST[-LAST], as 0x80200000");
    range->last = range->first + 63;
    if (*end == '-' && !read_number(end + 1, &range->last, &end))
        end = value;
    if (*end || range->last < range->first)
        return refuse(error, "pa", value, "say FIRST[-LAST], as 0x80200000");
    o->ranges++;
    return 0;
}
