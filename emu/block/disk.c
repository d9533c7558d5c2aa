/*
 * The disks of rvemu/disk.h: a file, and an overlay over it for a snapshot.
 */
#include <rvemu/disk.h>

#include "base/error.h"
#include "block/block.h"
#include "block/file.h"
#include "block/overlay.h"

int rvemu_disk_open(const char *path, const struct rvemu_disk_options *options,
                    rvemu_disk **disk, struct rvemu_error *error)
{
    struct block *file;

    if (file_open(path, options, &file, error) < 0)
        return -1;
    *disk = options->snapshot && !options->read_only ? overlay_new(file) : file;
    if (*disk)
        return 0;
    block_close(file);
    return error_set(error, "out of host memory");
}

void rvemu_disk_close(rvemu_disk *disk)
{
    if (disk)
        block_close(disk);
}
