/*
 * What is plugged into a machine's virtio slots: eight transports (virtio-mmio)
 * at 0x10001000, 0x10002000 and so on, each with a device or empty.
 */
#ifndef RVEMU_VIRTIO_H
#define RVEMU_VIRTIO_H

#include <stdbool.h>

#include <rvemu/disk.h>

#define RVEMU_VIRTIO_SLOTS 8
#define RVEMU_VIRTIO_SERIAL_MAX 20 /* bytes that a guest sees of a serial */

enum rvemu_virtio_kind {
    RVEMU_VIRTIO_NONE,
    RVEMU_VIRTIO_BLK,     /* needs a disk, which no other slot has */
    RVEMU_VIRTIO_CONSOLE, /* at most one: it has the console, and the UART
                           * hangs in the air */
    RVEMU_VIRTIO_RNG,     /* its bytes come from the machine's seed */
};

struct rvemu_virtio_slot {
    enum rvemu_virtio_kind kind;
    rvemu_disk *disk;   /* lent: it outlives the machine */
    const char *serial; /* of the disk, likewise; NULL: empty */
};

struct rvemu_virtio {
    bool modern; /* virtio 1 (version 2 of the transport); else the legacy one,
                  * which QEMU has without force-legacy=false */
    struct rvemu_virtio_slot slot[RVEMU_VIRTIO_SLOTS];
};

#endif
