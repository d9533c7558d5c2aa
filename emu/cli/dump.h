/*
 * -dump-dtb: the device tree of a machine as a file, as the guest would be
 * given it; nothing runs.
 */
#ifndef CLI_DUMP_H
#define CLI_DUMP_H

#include <rvemu/rvemu.h>

/* Writes the tree of a loaded machine. Returns 0, or -1 with error. */
int dump_device_tree(const rvemu *machine, const char *path,
                     struct rvemu_error *error);

#endif
