/* The disks of a session; see disks.h. */
#include "cli/disks.h"

static int open_drive(rvemu_disk **disk, const struct options_drive *drive,
                      bool snapshot, struct rvemu_error *error)
{
    struct rvemu_disk_options how = drive->how;
    char path[OPTIONS_PATH_MAX];

    rvemu_list_value(&drive->file, path, sizeof(path));
    how.snapshot = how.snapshot || snapshot;
    return rvemu_disk_open(path, &how, disk, error);
}

int disks_open(struct disks *disks, const struct options *o,
               struct rvemu_error *error)
{
    for (unsigned i = 0; i < o->drives_count; i++)
        if (open_drive(&disks->disk[i], &o->drive[i], o->snapshot, error) < 0)
            return -1;
    return 0;
}

void disks_lend(const struct disks *disks, const struct options *o,
                struct rvemu_virtio *virtio)
{
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++)
        if (virtio->slot[i].kind == RVEMU_VIRTIO_BLK)
            virtio->slot[i].disk = disks->disk[o->slot_drive[i]];
    for (unsigned i = 0; i < o->plugs_count; i++)
        virtio->slot[o->plug[i].slot].serial = o->plug[i].serial;
}

void disks_close(struct disks *disks)
{
    for (unsigned i = 0; i < OPTIONS_DRIVES_MAX; i++)
        rvemu_disk_close(disks->disk[i]);
}
