/*
 * --snapshot: a file of the machine's state, and when and how. Without a value
 * it is QEMU's, which is about drives.
 */
#include <string.h>

#include "cli/options_priv.h"

#define USAGE "say FILE[,at=STEP][,compress=zstd|none]"

static bool read_item(struct options_snapshot *save,
                      const struct rvemu_list_item *item)
{
    char text[32];

    if (rvemu_list_is(item, "at")) {
        save->has_at = true;
        return options_read_text(item, text, sizeof(text)) &&
               options_read_number(text, &save->at);
    }
    if (!rvemu_list_is(item, "compress"))
        return false;
    save->is_plain = rvemu_list_has(item, "none");
    return save->is_plain || rvemu_list_has(item, "zstd");
}

int options_set_snapshot(struct options *o, const char *value,
                         struct rvemu_error *error)
{
    size_t length = value ? strcspn(value, ",") : 0;
    struct rvemu_list_item item;
    const char *rest;

    if (!value) {
        o->snapshot = true;
        return 0;
    }
    if (!length || length >= sizeof(o->save.path))
        return options_refuse(error, "--snapshot", value, USAGE);
    o->save = (struct options_snapshot){.has_at = false};
    memcpy(o->save.path, value, length);
    rest = value[length] ? value + length + 1 : NULL;
    while (rvemu_list_next(&rest, &item))
        if (!read_item(&o->save, &item))
            return options_refuse(error, "--snapshot", value, USAGE);
    return 0;
}
