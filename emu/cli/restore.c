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
    if (o->restored && rvemu_snapshot_check(o->restored, &config, error) < 0)
        return -1;
    return o->replayed ? rvemu_replay_check(o->replayed, &config, error) : 0;
}

/* Opens the files, and says what is in them of the machine. */
static int open_files(struct options *o, struct rvemu_config *config,
                      struct rvemu_error *error)
{
    if (o->replay && rvemu_replay_open(o->replay, &o->replayed, error) < 0)
        return -1;
    if (o->replayed)
        *config = *rvemu_replay_config(o->replayed);
    if (o->restore && rvemu_snapshot_open(o->restore, &o->restored, error) < 0)
        return -1;
    if (o->restored)
        *config = rvemu_snapshot_about(o->restored)->config;
    memset(config->virtio.slot, 0, sizeof(config->virtio.slot));
    return 0;
}

int restore_options(struct options *o, int argc, char **argv,
                    struct rvemu_error *error)
{
    struct rvemu_config config;
    struct options first;
    int failed;

    if (!o->restore && !o->replay)
        return 0;
    if (open_files(o, &config, error) < 0)
        return -1;
    first = *o;
    failed = options_parse_over(o, argc, argv, &config, error);
    o->restored = first.restored;
    o->replayed = first.replayed;
    if (failed < 0 || (o->restored && refuse_loads(o, error) < 0))
        return -1;
    if (o->replay && (o->record || o->input))
        return rvemu_error_set(error,
                               "--replay and %s do not go together: "
                               "what comes from outside is recorded",
                               o->record ? "--record" : "--input");
    return check(o, error);
}

void restore_close(const struct options *o)
{
    rvemu_snapshot_close(o->restored);
    rvemu_replay_free(o->replayed);
}
