/*
 * -drive and what goes with it: -global, which says of what kind the slots are.
 * A later -drive adds another one. What changes nothing that a guest can see is
 * taken; what would, and is not built, is refused by name.
 */
#include <string.h>

#include "cli/options_priv.h"

/* Refuses a value, and says what to say instead. */
static int refuse(struct rvemu_error *error, const struct rvemu_list_item *item,
                  const char *instead)
{
    return rvemu_error_set(error, "-drive: %.*s%s%.*s: %s", (int)item->length,
                           item->name, item->value ? "=" : "",
                           (int)item->value_length,
                           item->value ? item->value : "", instead);
}

/* Reads an item. Returns 0, or -1 with error. */
typedef int take_fn(struct options_drive *drive,
                    const struct rvemu_list_item *item,
                    struct rvemu_error *error);

static int take_file(struct options_drive *drive,
                     const struct rvemu_list_item *item,
                     struct rvemu_error *error)
{
    drive->file = *item;
    if (!item->value_length || item->value_length >= OPTIONS_PATH_MAX)
        return refuse(error, item, "no name of a file");
    return 0;
}

static int take_id(struct options_drive *drive,
                   const struct rvemu_list_item *item,
                   struct rvemu_error *error)
{
    if (!options_read_text(item, drive->id, sizeof(drive->id)))
        return refuse(error, item, "say a name of at most 63 bytes");
    return 0;
}

static int take_interface(struct options_drive *drive,
                          const struct rvemu_list_item *item,
                          struct rvemu_error *error)
{
    drive->is_implied = false;
    drive->is_device = rvemu_list_has(item, "virtio");
    if (!drive->is_device && !rvemu_list_has(item, "none"))
        return refuse(error, item, "is not supported yet: say none or virtio");
    return 0;
}

static int take_format(struct options_drive *drive,
                       const struct rvemu_list_item *item,
                       struct rvemu_error *error)
{
    if (!rvemu_list_has(item, "raw"))
        return refuse(error, item,
                      "there is raw; qemu-img convert -O raw makes it of "
                      "another");
    return 0;
}

static int take_read_only(struct options_drive *drive,
                          const struct rvemu_list_item *item,
                          struct rvemu_error *error)
{
    if (!options_read_switch(item, &drive->how.read_only))
        return refuse(error, item, "say on or off");
    return 0;
}

static int take_snapshot(struct options_drive *drive,
                         const struct rvemu_list_item *item,
                         struct rvemu_error *error)
{
    if (!options_read_switch(item, &drive->how.snapshot))
        return refuse(error, item, "say on or off");
    return 0;
}

static int take_discard(struct options_drive *drive,
                        const struct rvemu_list_item *item,
                        struct rvemu_error *error)
{
    drive->how.discard =
        rvemu_list_has(item, "unmap") || rvemu_list_has(item, "on");
    if (!drive->how.discard && !rvemu_list_has(item, "ignore") &&
        !rvemu_list_has(item, "off"))
        return refuse(error, item, "say unmap or ignore");
    return 0;
}

static int take_cache(struct options_drive *drive,
                      const struct rvemu_list_item *item,
                      struct rvemu_error *error)
{
    static const struct {
        const char *name;
        enum rvemu_disk_cache cache;
    } modes[] = {
        {"none", RVEMU_DISK_WRITEBACK},
        {"writeback", RVEMU_DISK_WRITEBACK},
        {"writethrough", RVEMU_DISK_WRITETHROUGH},
        {"directsync", RVEMU_DISK_WRITETHROUGH},
        {"unsafe", RVEMU_DISK_UNSAFE},
    };

    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        drive->how.cache = modes[i].cache;
        if (rvemu_list_has(item, modes[i].name))
            return 0;
    }
    return refuse(error, item,
                  "say writeback, writethrough, none, directsync or unsafe");
}

static int take_media(struct options_drive *drive,
                      const struct rvemu_list_item *item,
                      struct rvemu_error *error)
{
    if (!rvemu_list_has(item, "disk"))
        return refuse(error, item, "is not supported: say disk");
    return 0;
}

/* What to do when the host fails: the guest is always told. */
static int take_on_error(struct options_drive *drive,
                         const struct rvemu_list_item *item,
                         struct rvemu_error *error)
{
    if (!rvemu_list_has(item, "report"))
        return refuse(error, item,
                      "is not supported: the guest is told of errors, which "
                      "is report");
    return 0;
}

/* How the host reads and writes, and the number of a drive. */
static int take_any(struct options_drive *drive,
                    const struct rvemu_list_item *item,
                    struct rvemu_error *error)
{
    return item->value ? 0 : refuse(error, item, "has no value");
}

static const struct {
    const char *name;
    take_fn *take;
} keys[] = {
    {"file", take_file},
    {"id", take_id},
    {"if", take_interface},
    {"format", take_format},
    {"readonly", take_read_only},
    {"read-only", take_read_only},
    {"snapshot", take_snapshot},
    {"discard", take_discard},
    {"cache", take_cache},
    {"media", take_media},
    {"werror", take_on_error},
    {"rerror", take_on_error},
    {"aio", take_any},
    {"index", take_any},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static int take(struct options_drive *drive, const struct rvemu_list_item *item,
                struct rvemu_error *error)
{
    for (unsigned i = 0; i < KEYS; i++)
        if (rvemu_list_is(item, keys[i].name))
            return keys[i].take(drive, item, error);
    return refuse(error, item, "there is no such setting");
}

static bool is_known(const struct options *o, const char *id)
{
    for (unsigned i = 0; *id && i < o->drives_count; i++)
        if (!strcmp(o->drive[i].id, id))
            return true;
    return false;
}

int options_set_drive(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    struct options_drive *drive = &o->drive[o->drives_count];
    struct rvemu_list_item item;

    if (o->drives_count == OPTIONS_DRIVES_MAX)
        return options_refuse(error, "-drive", value,
                              "there can be 16 at most");
    *drive = (struct options_drive){.is_device = true, .is_implied = true};
    while (rvemu_list_next(&value, &item))
        if (take(drive, &item, error) < 0)
            return -1;
    if (!drive->file.value)
        return rvemu_error_set(error, "-drive: file=PATH is missing");
    if (is_known(o, drive->id))
        return rvemu_error_set(error, "-drive: there are two with id=%s",
                               drive->id);
    o->drives_count++;
    return 0;
}

/* "virtio-mmio.force-legacy=off" */
int options_set_global(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    const char *rest = value;
    struct rvemu_list_item item;
    bool legacy;

    rvemu_list_next(&rest, &item);
    if (rest || !item.value ||
        !rvemu_list_is(&item, "virtio-mmio.force-legacy"))
        return options_refuse(error, "-global", value,
                              "there is virtio-mmio.force-legacy=on|off, "
                              "and no other yet");
    if (!options_read_switch(&item, &legacy))
        return options_refuse(error, "-global", value, "say on or off");
    o->machine.virtio.modern = !legacy;
    return 0;
}
