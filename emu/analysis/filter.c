/*
 * How the form of an explanation is asked for, and which lines get through.
 *
 * A line is looked at as it is told: a space that a sentence does not name, and
 * an address that it does not say, let nothing through.
 */
#include "analysis/filter.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rvemu/list.h>

#include "base/error.h"

#define PAGE_MASK 0xfffull
#define ADDRESS_TEXT 64

struct match {
    const struct rvemu_explain_filter *filter;
    bool space;
    bool address;
};

static bool is_called(const struct space_name *name,
                      const struct rvemu_explain_space *space)
{
    if (space->name[0])
        return !strcmp(space->name, name->program);
    if (name->has_pid)
        return name->pid == space->number;
    return name->number && name->number == space->number;
}

static void look_at(void *arg, const struct fact_row *row, const void *fact)
{
    struct match *match = arg;
    const struct rvemu_explain_filter *filter = match->filter;

    if (row->form == FACT_SPACE)
        for (unsigned i = 0; i < filter->spaces; i++)
            match->space |= is_called(fact, &filter->space[i]);
    if (row->offset != offsetof(struct facts, va))
        return;
    for (unsigned i = 0; i < filter->ranges; i++)
        match->address |= *(const u64 *)fact >= filter->range[i].first &&
                          *(const u64 *)fact <= filter->range[i].last;
}

bool filter_takes(const struct rvemu_explain_filter *filter,
                  enum sentence sentence, const struct facts *facts)
{
    struct match match = {filter, !filter->spaces, !filter->ranges};

    if (!match.space || !match.address)
        sentence_each_fact(sentence, facts, look_at, &match);
    return match.space && match.address;
}

/* Reads a whole number, which ends where *end says. */
static bool read_number(const char *text, u64 *number, const char **end)
{
    char *stop;

    errno = 0;
    *number = strtoull(text, &stop, 0);
    *end = stop;
    return isdigit((unsigned char)*text) && !errno;
}

static int add_space(struct rvemu_explain_filter *filter,
                     const struct rvemu_list_item *item,
                     struct rvemu_error *error)
{
    struct rvemu_explain_space *space = &filter->space[filter->spaces];
    char text[RVEMU_EXPLAIN_NAME];
    const char *end;

    if (filter->spaces == RVEMU_EXPLAIN_FILTERS)
        return error_set(error, "%d of space= are enough",
                         RVEMU_EXPLAIN_FILTERS);
    if (rvemu_list_value(item, text, sizeof(text)) >= sizeof(text) || !*text)
        return error_set(error, "space= is a number, a pid or a program's "
                                "name of up to 8 letters");
    *space = (struct rvemu_explain_space){.number = 0};
    if (!read_number(text, &space->number, &end) || *end)
        memcpy(space->name, text, sizeof(text));
    filter->spaces++;
    return 0;
}

static int add_range(struct rvemu_explain_filter *filter,
                     const struct rvemu_list_item *item,
                     struct rvemu_error *error)
{
    struct rvemu_explain_range *range = &filter->range[filter->ranges];
    char text[ADDRESS_TEXT];
    const char *end = text;
    bool good;

    if (filter->ranges == RVEMU_EXPLAIN_FILTERS)
        return error_set(error, "%d of addr= are enough",
                         RVEMU_EXPLAIN_FILTERS);
    good = rvemu_list_value(item, text, sizeof(text)) < sizeof(text) &&
           read_number(text, &range->first, &end);
    if (good && !*end) {
        range->first &= ~PAGE_MASK;
        range->last = range->first | PAGE_MASK;
    } else if (!good || *end != '-' ||
               !read_number(end + 1, &range->last, &end) || *end ||
               range->last < range->first) {
        return error_set(error, "addr= is an address or FIRST-LAST, as in "
                                "addr=0x10000-0x1ffff");
    }
    filter->ranges++;
    return 0;
}

static int read_item(struct rvemu_explain_options *options,
                     const struct rvemu_list_item *item,
                     struct rvemu_error *error)
{
    bool is_space = rvemu_list_is(item, "space");

    if (item->value && (is_space || rvemu_list_is(item, "addr")))
        return is_space ? add_space(&options->filter, item, error)
                        : add_range(&options->filter, item, error);
    if (!item->value && rvemu_list_is(item, "short"))
        options->full = false;
    else if (!item->value && rvemu_list_is(item, "full"))
        options->full = true;
    else if (!item->value && rvemu_list_is(item, "text"))
        options->json = false;
    else if (!item->value && rvemu_list_is(item, "json"))
        options->json = true;
    else
        return error_set(error,
                         "'%.*s' is none of short, full, text, json, "
                         "space=NAME and addr=FIRST-LAST",
                         (int)item->length, item->name);
    return 0;
}

int rvemu_explain_read(struct rvemu_explain_options *options, const char *list,
                       struct rvemu_error *error)
{
    struct rvemu_list_item item;

    while (rvemu_list_next(&list, &item))
        if (read_item(options, &item, error) < 0)
            return -1;
    return 0;
}
