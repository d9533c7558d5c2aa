/*
 * -device for the virtio slots, and which device is in which slot.
 *
 * Slots are filled as QEMU fills them: a device takes the slot that its bus=
 * names or, without it, the last one that is free when its turn comes. The
 * drives with if=virtio follow behind all -device; on QEMU's virt they are PCI
 * devices, and here, where there is no PCI, a virtio-blk-device like any other.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/options_priv.h"

#define BUS "virtio-mmio-bus."

static int add_plug(struct options *o, const struct options_plug *plug,
                    struct rvemu_error *error)
{
    if (o->plugs_count == RVEMU_VIRTIO_SLOTS)
        return rvemu_error_set(error,
                               "there are %d virtio slots, and more "
                               "devices than that",
                               RVEMU_VIRTIO_SLOTS);
    o->plug[o->plugs_count++] = *plug;
    return 0;
}

/* bus=virtio-mmio-bus.N */
static bool read_bus(const struct rvemu_list_item *item, int *slot)
{
    char text[sizeof(BUS) + 1];

    if (!options_read_text(item, text, sizeof(text)) ||
        strncmp(text, BUS, strlen(BUS)) != 0)
        return false;
    *slot = text[strlen(BUS)] - '0';
    return *slot >= 0 && *slot < RVEMU_VIRTIO_SLOTS;
}

static bool read_serial(const struct rvemu_list_item *item, char *serial)
{
    return options_read_text(item, serial, RVEMU_VIRTIO_SERIAL_MAX + 1);
}

static bool is_off(const struct rvemu_list_item *item)
{
    bool on;

    return options_read_switch(item, &on) && !on;
}

/* A property of every device; what changes nothing that a guest can see is
 * taken. False: the value will not do; *known: it is that, not the name. */
static bool take_common(struct options_plug *plug,
                        const struct rvemu_list_item *item, bool *known)
{
    *known = true;
    if (rvemu_list_is(item, "bus"))
        return read_bus(item, &plug->slot);
    if (rvemu_list_is(item, "id"))
        return item->value != NULL;
    *known = false;
    return false;
}

/* Of a disk. */
static bool take_blk(struct options_plug *plug,
                     const struct rvemu_list_item *item, bool *known)
{
    *known = true;
    if (rvemu_list_is(item, "drive"))
        return options_read_text(item, plug->drive, sizeof(plug->drive));
    if (rvemu_list_is(item, "serial"))
        return read_serial(item, plug->serial);
    if (rvemu_list_is(item, "scsi"))
        return is_off(item);
    if (rvemu_list_is(item, "bootindex"))
        return item->value != NULL;
    return take_common(plug, item, known);
}

typedef bool take_fn(struct options_plug *plug,
                     const struct rvemu_list_item *item, bool *known);

/* Reads the properties of a device; `names` are those worth to be named. */
static int take_all(struct options_plug *plug, const char *device,
                    take_fn *take, const char *names, const char *properties,
                    struct rvemu_error *error)
{
    struct rvemu_list_item item;
    bool known;

    while (rvemu_list_next(&properties, &item)) {
        if (take(plug, &item, &known))
            continue;
        if (!known)
            return rvemu_error_set(error,
                                   "-device %s: there is no property "
                                   "'%.*s'; say %s",
                                   device, (int)item.length, item.name, names);
        return rvemu_error_set(
            error, "-device %s: %.*s=%.*s will not do%s", device,
            (int)item.length, item.name, (int)item.value_length,
            item.value ? item.value : "",
            rvemu_list_is(&item, "bus") ? "; there are virtio-mmio-bus.0 to .7"
                                        : "");
    }
    return 0;
}

int options_take_virtio_blk(struct options *o, const char *properties,
                            struct rvemu_error *error)
{
    struct options_plug plug = {.kind = RVEMU_VIRTIO_BLK, .slot = -1};

    if (take_all(&plug, "virtio-blk-device", take_blk,
                 "drive, bus, serial or id", properties, error) < 0)
        return -1;
    if (!plug.drive[0])
        return rvemu_error_set(error, "-device virtio-blk-device: drive=ID is "
                                      "missing, the id of a -drive");
    return add_plug(o, &plug, error);
}

int options_take_virtio_rng(struct options *o, const char *properties,
                            struct rvemu_error *error)
{
    struct options_plug plug = {.kind = RVEMU_VIRTIO_RNG, .slot = -1};

    if (take_all(&plug, "virtio-rng-device", take_common,
                 "bus or id: its bytes come from --seed", properties,
                 error) < 0)
        return -1;
    return add_plug(o, &plug, error);
}

int options_take_virtio_serial(struct options *o, const char *properties,
                               struct rvemu_error *error)
{
    struct options_plug plug = {.kind = RVEMU_VIRTIO_CONSOLE, .slot = -1};

    for (unsigned i = 0; i < o->plugs_count; i++)
        if (o->plug[i].kind == plug.kind)
            return rvemu_error_set(error, "-device virtio-serial-device: one "
                                          "is enough for the one console");
    if (take_all(&plug, "virtio-serial-device", take_common, "bus or id",
                 properties, error) < 0)
        return -1;
    return add_plug(o, &plug, error);
}

/* Of a console: a port of the virtio-serial-device in front of it. */
static bool take_port(struct options_plug *plug,
                      const struct rvemu_list_item *item, bool *known)
{
    *known = true;
    if (rvemu_list_is(item, "chardev"))
        return options_read_text(item, plug->chardev, sizeof(plug->chardev));
    *known = rvemu_list_is(item, "id") || rvemu_list_is(item, "name") ||
             rvemu_list_is(item, "bus");
    return *known && item->value != NULL;
}

int options_take_virtconsole(struct options *o, const char *properties,
                             struct rvemu_error *error)
{
    unsigned i = 0;

    while (i < o->plugs_count && o->plug[i].kind != RVEMU_VIRTIO_CONSOLE)
        i++;
    if (i == o->plugs_count)
        return rvemu_error_set(error, "-device virtconsole: it needs a -device "
                                      "virtio-serial-device before it");
    if (o->plug[i].chardev[0])
        return rvemu_error_set(error, "-device virtconsole: there can be one");
    if (take_all(&o->plug[i], "virtconsole", take_port, "chardev or id",
                 properties, error) < 0)
        return -1;
    if (!o->plug[i].chardev[0])
        return rvemu_error_set(error, "-device virtconsole: chardev=ID is "
                                      "missing, the id of a -chardev");
    return 0;
}

/* Takes a slot that is free. */
static int find_slot(const struct options *o, int wanted, unsigned *slot,
                     struct rvemu_error *error)
{
    const struct rvemu_virtio_slot *all = o->machine.virtio.slot;

    *slot = RVEMU_VIRTIO_SLOTS;
    if (wanted >= 0 && all[wanted].kind)
        return rvemu_error_set(error, "-device: " BUS "%d has a device already",
                               wanted);
    if (wanted >= 0) {
        *slot = (unsigned)wanted;
        return 0;
    }
    while (*slot && all[*slot - 1].kind)
        --*slot;
    if (!*slot)
        return rvemu_error_set(error,
                               "there are %d virtio slots, and more "
                               "devices than that",
                               RVEMU_VIRTIO_SLOTS);
    --*slot;
    return 0;
}

/* The place of the drive of that id that no device has, or -1. */
static int find_drive(const struct options *o, const bool *is_taken,
                      const char *id, struct rvemu_error *error)
{
    unsigned i = 0;

    while (i < o->drives_count && strcmp(o->drive[i].id, id) != 0)
        i++;
    if (i == o->drives_count)
        return rvemu_error_set(error, "-device: there is no -drive with id=%s",
                               id);
    if (o->drive[i].is_device && !o->drive[i].is_implied)
        return rvemu_error_set(error,
                               "-drive id=%s is a device by itself: say "
                               "if=none for one that a -device names",
                               id);
    if (is_taken[i])
        return rvemu_error_set(error, "-drive id=%s is that of two devices",
                               id);
    return (int)i;
}

static int plug_in(struct options *o, struct options_plug *plug, unsigned drive,
                   struct rvemu_error *error)
{
    unsigned slot;

    if (find_slot(o, plug->slot, &slot, error) < 0)
        return -1;
    o->machine.virtio.slot[slot].kind = plug->kind;
    o->slot_drive[slot] = drive;
    plug->slot = (int)slot;
    return 0;
}

int options_plug_in(struct options *o, struct rvemu_error *error)
{
    bool is_taken[OPTIONS_DRIVES_MAX] = {false};

    for (unsigned i = 0; i < o->plugs_count; i++) {
        int drive = 0;

        if (o->plug[i].kind == RVEMU_VIRTIO_BLK) {
            drive = find_drive(o, is_taken, o->plug[i].drive, error);
            if (drive < 0)
                return -1;
            is_taken[drive] = true;
        }
        if (plug_in(o, &o->plug[i], (unsigned)drive, error) < 0)
            return -1;
    }
    for (unsigned i = 0; i < o->drives_count; i++) {
        struct options_plug plug = {.kind = RVEMU_VIRTIO_BLK, .slot = -1};

        if (o->drive[i].is_device && !is_taken[i] &&
            plug_in(o, &plug, i, error) < 0)
            return -1;
    }
    return 0;
}
