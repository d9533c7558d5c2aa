/* The device tree of a machine as a file; see dump.h. */
#include "cli/dump.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int dump_device_tree(const rvemu *machine, const char *path,
                     struct rvemu_error *error)
{
    size_t size;
    const void *tree = rvemu_device_tree(machine, &size);
    FILE *out = fopen(path, "wb");
    bool whole = out && fwrite(tree, 1, size, out) == size;

    if (out && fclose(out) == 0 && whole)
        return 0;
    return rvemu_error_set(error, "cannot write %s: %s", path, strerror(errno));
}
