/*
 * Disks: raw images and block devices of the host, opened by who runs a
 * machine and lent to it (virtio.h). A disk outlives the machine, as a real
 * one outlives a reset: what a guest wrote is there for the next.
 */
#ifndef RVEMU_DISK_H
#define RVEMU_DISK_H

#include <stdbool.h>

#include <rvemu/error.h>

typedef struct block rvemu_disk;

/* When a write of the guest is safe from a power cut of the host. */
enum rvemu_disk_cache {
    RVEMU_DISK_WRITEBACK,    /* after the guest's next flush */
    RVEMU_DISK_WRITETHROUGH, /* at once, unless the guest asks for the other */
    RVEMU_DISK_UNSAFE        /* when the host pleases: flushes do nothing */
};

struct rvemu_disk_options {
    bool read_only;
    bool snapshot; /* writes go to memory, and are gone with the disk */
    bool discard;  /* what the guest discards is given back to the host */
    enum rvemu_disk_cache cache;
};

/* Opens a regular file or a block device. It is locked until it is closed:
 * others, QEMU too, may read it as long as all do nothing but read. Its size
 * is that of the file, rounded up to whole sectors of 512 bytes, and stays.
 * Returns 0, or -1 with error. */
int rvemu_disk_open(const char *path, const struct rvemu_disk_options *options,
                    rvemu_disk **disk, struct rvemu_error *error);

/* No machine has it any more; NULL is none. */
void rvemu_disk_close(rvemu_disk *disk);

#endif
