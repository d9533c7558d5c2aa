/*
 * The disks of a session: opened and locked once, before its first machine is
 * made, and lent to each of them, so that what a guest wrote is there after it
 * has asked for a reset.
 */
#ifndef CLI_DISKS_H
#define CLI_DISKS_H

#include <rvemu/rvemu.h>

#include "cli/options.h"

struct disks { /* all zero: none is open */
    rvemu_disk *disk[OPTIONS_DRIVES_MAX];
};

/* Opens every -drive. Returns 0, or -1 with error and what is open left to
 * disks_close(). */
int disks_open(struct disks *disks, const struct options *options,
               struct rvemu_error *error);

/* Puts them where the options have settled that they go. The options outlive
 * the machine. */
void disks_lend(const struct disks *disks, const struct options *options,
                struct rvemu_virtio *virtio);

void disks_close(struct disks *disks);

#endif
