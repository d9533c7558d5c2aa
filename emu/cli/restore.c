/* The command line of a run that goes on; see restore.h. */
#include "cli/restore.h"

#include <string.h>

/* What is loaded is in the snapshot; but a guest may be named. */
static int refuse_loads(const struct options *o, struct rvemu_error *error)
{
    const struct {
        const char *option;
        bool is_given;
    } loads[] = {
        {"-bios", o->bios || o->bios_none},     {"-initrd", o->initrd != NULL},
        {"-append", o->append != NULL},         {"-dtb", o->dtb != NULL},
        {"-device loader", o->loads_count > 0},
    };

    for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
        if (loads[i].is_given)
            return rvemu_error_set(error,
                                   "%s: what is loaded is in the snapshot: "
                                   "leave it out",
                                   loads[i].option);
    return 0;
}

/* The config of the command line, as the session makes a machine of it. */
static int check(const struct options *o, struct rvemu_error *error)
{
    struct rvemu_config config = o->machine;
    char cpu[OPTIONS_CPU_MAX + 64];

    snprintf(cpu, sizeof(cpu), "%s%s", o->cpu ? o->cpu : "rv64",
             o->svade ? ",svade=on,svadu=off" : "");
    config.cpu = cpu;
    for (unsigned i = 0; i < o->plugs_count; i++)
        config.virtio.slot[o->plug[i].slot].serial = o->plug[i].serial;
    return rvemu_snapshot_check(o->restored, &config, error);
}

int restore_options(struct options *o, int argc, char **argv,
                    struct rvemu_error *error)
{
    struct rvemu_snapshot *snapshot;
    struct rvemu_config config;

    if (!o->restore)
        return 0;
    if (rvemu_snapshot_open(o->restore, &snapshot, error) < 0)
        return -1;
    config = rvemu_snapshot_about(snapshot)->config;
    memset(config.virtio.slot, 0, sizeof(config.virtio.slot));
    if (options_parse_over(o, argc, argv, &config, error) < 0) {
        o->restored = snapshot;
        return -1;
    }
    o->restored = snapshot;
    return refuse_loads(o, error) < 0 ? -1 : check(o, error);
}
