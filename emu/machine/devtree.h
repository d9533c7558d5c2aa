/* The device tree that tells a kernel what the machine has. */
#ifndef MACHINE_DEVTREE_H
#define MACHINE_DEVTREE_H

#include "base/error.h"
#include "base/types.h"

struct devtree_config {
    unsigned harts;
    bool aclint;          /* as the board has it */
    u64 ram_size;         /* bytes, from MEMMAP_RAM_BASE */
    u64 isa;              /* each hart's extensions (isa/ext.h) */
    const char *bootargs; /* NULL or "": none */
    u64 seed;             /* from which /chosen/rng-seed is derived */
    u64 initrd;           /* guest-physical */
    u64 initrd_size;      /* 0: none */
    u64 reserved;         /* what a kernel must leave to the firmware */
    u64 reserved_size;    /* 0: nothing */
};

/* Describes the board. On success *blob is the packed tree of *size bytes,
 * the caller's to free(). Returns 0, or -1 with error. */
int devtree_build(const struct devtree_config *config, u8 **blob, size_t *size,
                  struct rvemu_error *error);

/* The same from a tree of the user's (-dtb): its hardware is taken as it
 * stands, and bootargs, initrd, rng-seed and reservation are put into it.
 * name is the file's, for messages. */
int devtree_adopt(const struct devtree_config *config, const char *name,
                  const u8 *file, size_t file_size, u8 **blob, size_t *size,
                  struct rvemu_error *error);

#endif
