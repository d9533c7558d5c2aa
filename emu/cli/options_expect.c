/*
 * --expect: a file of rules, and where its results go.
 */
#include <string.h>

#include "cli/options_priv.h"

static bool read_item(struct options_expect *expect,
                      const struct rvemu_list_item *item)
{
    if (rvemu_list_is(item, "junit"))
        return options_read_text(item, expect->junit, sizeof(expect->junit));
    return rvemu_list_is(item, "gradescope") &&
           options_read_text(item, expect->gradescope,
                             sizeof(expect->gradescope));
}

int options_set_expect(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    struct options_expect *expect = &o->expect;
    size_t length = strcspn(value, ",");
    const char *rest = value[length] ? value + length + 1 : NULL;
    struct rvemu_list_item item;

    if (!length || length >= sizeof(expect->rules))
        return options_refuse(error, "--expect", value, "say which FILE");
    *expect = (struct options_expect){.rules = ""};
    memcpy(expect->rules, value, length);
    while (rvemu_list_next(&rest, &item))
        if (!read_item(expect, &item))
            return options_refuse(error, "--expect", value,
                                  "say FILE[,junit=FILE][,gradescope=FILE]");
    return 0;
}
