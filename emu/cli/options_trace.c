/*
 * --trace and --on-fail: a file of events, and which, when and how much.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/options_priv.h"

#define KEEP_DEFAULT (UINT64_C(16) << 20)
#define KEEP_MIN (UINT64_C(64) << 10)
#define KEEP_MAX (UINT64_C(1) << 40)

static bool read_size(const struct rvemu_list_item *item, uint64_t *value)
{
    static const struct {
        const char *text;
        uint64_t factor;
    } suffixes[] =
        {
            {"", 1},         {"K", 1u << 10}, {"M", 1u << 20},
            {"G", 1u << 30}, {NULL, 0},
        },
      *suffix = suffixes;
    char text[32], *end;
    unsigned long long number;

    if (!options_read_text(item, text, sizeof(text)) || text[0] < '0' ||
        text[0] > '9')
        return false;
    number = strtoull(text, &end, 0);
    while (suffix->text && strcmp(suffix->text, end) != 0)
        suffix++;
    if (!suffix->text || number > UINT64_MAX / suffix->factor)
        return false;
    *value = number * suffix->factor;
    return true;
}

static bool read_time(const struct rvemu_list_item *item, uint64_t *time)
{
    char text[64];

    return options_read_text(item, text, sizeof(text)) &&
           rvemu_time_read(text, time) == 0;
}

/* Kinds as -d has them, with a plus sign between two. */
static bool read_events(const struct rvemu_list_item *item,
                        rvemu_event_set *kinds)
{
    char list[OPTIONS_LOG_MAX];
    const char *bad;

    if (!options_read_text(item, list, sizeof(list)))
        return false;
    for (char *at = list; (at = strchr(at, '+'));)
        *at = ',';
    return rvemu_event_kinds(list, kinds, &bad) == 0;
}

/* Reads an item behind the file's name. NULL: it is right; else what to say
 * instead. */
static const char *read_item(struct options_trace *trace,
                             const struct rvemu_list_item *item)
{
    if (rvemu_list_is(item, "events"))
        return read_events(item, &trace->kinds)
                   ? NULL
                   : "events=KIND+KIND…, of those that -d help lists";
    if (rvemu_list_is(item, "from") || rvemu_list_is(item, "to"))
        return read_time(item, *item->name == 'f' ? &trace->from : &trace->to)
                   ? NULL
                   : "from= and to= are machine times, as 1500, 20us, 1.5ms, "
                     "1s";
    if (trace->keep && rvemu_list_is(item, "keep"))
        return read_size(item, &trace->keep) && trace->keep >= KEEP_MIN &&
                       trace->keep <= KEEP_MAX
                   ? NULL
                   : "keep=SIZE, 64K to 1024G, is what is kept of the end";
    if (!trace->keep && rvemu_list_is(item, "replay"))
        return options_read_switch(item, &trace->replay)
                   ? NULL
                   : "replay=on: the trace carries its machine";
    if (!trace->keep && rvemu_list_is(item, "replay-bytes"))
        return read_size(item, &trace->replay_bytes) && trace->replay_bytes
                   ? NULL
                   : "replay-bytes=SIZE, as 64M, is for the machine's states";
    return trace->keep ? "say FILE[,events=…,from=…,to=…,keep=SIZE]"
                       : "say FILE[,events=…,from=…,to=…,replay=on]";
}

static int read_trace(struct options_trace *trace, const char *option,
                      const char *value, struct rvemu_error *error)
{
    size_t length = strcspn(value, ",");
    const char *rest = value[length] ? value + length + 1 : NULL;
    struct rvemu_list_item item;

    if (!length || length >= sizeof(trace->path))
        return options_refuse(error, option, value, "say which FILE");
    memcpy(trace->path, value, length);
    trace->path[length] = '\0';
    trace->kinds = 0;
    trace->replay = false;
    trace->replay_bytes = 0;
    trace->from = 0;
    trace->to = UINT64_MAX;
    while (rvemu_list_next(&rest, &item)) {
        const char *instead = read_item(trace, &item);

        if (instead)
            return options_refuse(error, option, value, instead);
    }
    return 0;
}

int options_set_trace(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    return read_trace(&o->trace, "--trace", value, error);
}

int options_set_on_fail(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    o->on_fail.keep = KEEP_DEFAULT;
    return read_trace(&o->on_fail, "--on-fail", value, error);
}
