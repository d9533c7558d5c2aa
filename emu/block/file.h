/* A block that is a file or a block device of the host. */
#ifndef BLOCK_FILE_H
#define BLOCK_FILE_H

#include "block/block.h"

/* Opens and locks it; what a snapshot is made over is read only. Returns 0, or
 * -1 with error. */
int file_open(const char *path, const struct rvemu_disk_options *options,
              struct block **block, struct rvemu_error *error);

#endif
