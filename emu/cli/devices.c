/*
 * -device KIND[,NAME=VALUE]…: a row for each kind there is, which says who
 * reads what follows its name. A kind without a reader is one that is known
 * and not built. A later -device adds another one.
 */
#include <string.h>

#include "cli/options_priv.h"

/* Reads the properties of a device, behind the comma that follows its name;
 * NULL: there is none. Returns 0, or -1 with the line that says what is wrong
 * with them. */
typedef int device_fn(struct options *options, const char *properties,
                      struct rvemu_error *error);

static const struct {
    const char *name;
    device_fn *take; /* NULL: not built */
} device_kinds[] = {
    {"loader", options_take_loader},
    {"virtio-blk-device", options_take_virtio_blk},
    {"virtio-rng-device", options_take_virtio_rng},
    {"virtio-serial-device", options_take_virtio_serial},
    {"virtconsole", options_take_virtconsole},
    {"virtserialport", NULL},
    {"virtio-net-device", NULL},
    {"virtio-gpu-device", NULL},
    {"virtio-keyboard-device", NULL},
    {"virtio-mouse-device", NULL},
    {"virtio-tablet-device", NULL},
    {"virtio-9p-device", NULL},
    {"virtio-balloon-device", NULL},
    {"virtio-scsi-device", NULL},
};

#define DEVICE_KINDS (sizeof(device_kinds) / sizeof(device_kinds[0]))

/* Whether the name is that of a device on a bus that there is not. */
static bool is_pci(const struct rvemu_list_item *kind)
{
    return kind->length > 4 &&
           !memcmp(kind->name + kind->length - 4, "-pci", 4);
}

void options_print_devices(FILE *out)
{
    fprintf(out, "Devices, for -device:\n");
    for (unsigned i = 0; i < DEVICE_KINDS; i++)
        if (device_kinds[i].take)
            fprintf(out, "  %s\n", device_kinds[i].name);
}

int options_set_device(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    const char *properties = value;
    struct rvemu_list_item kind;
    unsigned i = 0;

    if (!strcmp(value, "help") || !strcmp(value, "?")) {
        o->action = OPTIONS_DEVICES;
        return 0;
    }
    rvemu_list_next(&properties, &kind);
    while (i < DEVICE_KINDS && !rvemu_list_is(&kind, device_kinds[i].name))
        i++;
    if (i == DEVICE_KINDS && is_pci(&kind))
        return rvemu_error_set(error,
                               "-device %.*s: there is no PCI yet; of virtio "
                               "devices, say the kind that ends in -device",
                               (int)kind.length, kind.name);
    if (i == DEVICE_KINDS)
        return rvemu_error_set(error,
                               "-device %.*s: there is no such device yet; "
                               "-device help lists those there are",
                               (int)kind.length, kind.name);
    if (!device_kinds[i].take)
        return rvemu_error_set(error, "-device %s is not supported yet",
                               device_kinds[i].name);
    return device_kinds[i].take(o, properties, error);
}
