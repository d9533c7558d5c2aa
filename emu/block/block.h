/*
 * A block: an open disk, whatever it is made of.
 *
 * It has a fixed size. A transfer is done as a whole or has failed: nobody is
 * told of a part of it. Which part of a failed write is on the disk then, is
 * unknown, as on a real one. A struct block is the first member of the struct
 * of its kind (file.c, overlay.c). It is no guest state: like RAM it lies
 * beside the parts of a machine, and a reset leaves it alone.
 */
#ifndef BLOCK_BLOCK_H
#define BLOCK_BLOCK_H

#include <rvemu/disk.h>

#include "base/types.h"

#define BLOCK_SECTOR 512

struct block;

/* What its kind does. Offsets and counts are in bytes and within its size, and
 * nothing but read and flush is called of a read-only one. All but close
 * return 0, or -1: an I/O error. */
struct block_ops {
    int (*read)(struct block *block, u64 offset, void *bytes, u64 count);
    int (*write)(struct block *block, u64 offset, const void *bytes, u64 count);
    int (*flush)(struct block *block);
    int (*discard)(struct block *block, u64 offset, u64 count);
    int (*write_zeroes)(struct block *block, u64 offset, u64 count,
                        bool may_discard);
    void (*close)(struct block *block); /* frees it */
};

struct block {
    const struct block_ops *ops;
    u64 size; /* bytes, whole sectors */
    bool read_only;
    enum rvemu_disk_cache cache;
};

/* Each returns 0, or -1: an I/O error, a place outside of the disk, or a write
 * to one that is read-only. */
int block_read(struct block *block, u64 offset, void *bytes, u64 count);
int block_write(struct block *block, u64 offset, const void *bytes, u64 count);

/* Brings all that was written to where a power cut does not reach. */
int block_flush(struct block *block);

/* The bytes may be anything from now on. */
int block_discard(struct block *block, u64 offset, u64 count);

/* The bytes are 0 from now on; with may_discard, their room may be given
 * back. */
int block_write_zeroes(struct block *block, u64 offset, u64 count,
                       bool may_discard);

void block_close(struct block *block);

#endif
