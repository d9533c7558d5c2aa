/*
 * A virtio slot without a machine: a clock, memory, and a disk in memory that
 * fails when it is told to.
 */
#ifndef VIRTIO_RIG_H
#define VIRTIO_RIG_H

#include "block/block.h"
#include "dev/device.h"
#include "dev/virtio/virtio.h"

#define RIG_RAM 0x80000000ull
#define RIG_RAM_SIZE 0x10000
#define RIG_SECTORS 64

/* Registers of the transport (4.2.2). */
enum rig_register {
    RIG_DRIVER_FEATURES = 0x20,
    RIG_DRIVER_FEATURES_SEL = 0x24,
    RIG_GUEST_PAGE_SIZE = 0x28,
    RIG_QUEUE_SEL = 0x30,
    RIG_QUEUE_NUM = 0x38,
    RIG_QUEUE_ALIGN = 0x3c,
    RIG_QUEUE_PFN = 0x40,
    RIG_QUEUE_READY = 0x44,
    RIG_QUEUE_NOTIFY = 0x50,
    RIG_INTERRUPT_STATUS = 0x60,
    RIG_INTERRUPT_ACK = 0x64,
    RIG_STATUS = 0x70,
    RIG_QUEUE_DESC = 0x80,
    RIG_QUEUE_DRIVER = 0x90,
    RIG_QUEUE_DEVICE = 0xa0,
    RIG_CONFIG = 0x100,
};

/* Where the queues are, one behind the other, as rig_set_up() makes them:
 * tables, available rings and used rings, RIG_QUEUE_BYTES each. */
#define RIG_QUEUE_SIZE 8
#define RIG_QUEUE_BYTES 0x200
#define RIG_DESC 0x000
#define RIG_AVAIL 0x080
#define RIG_USED 0x100
#define RIG_QUEUES_END 0x1000 /* what is behind it in RAM is for buffers */

struct rig_disk {
    struct block block;
    bool fails; /* whatever is asked of it */
    unsigned flushes;
    u8 bytes[RIG_SECTORS * BLOCK_SECTOR];
};

struct rig {
    struct virtio *v;
    struct clock clock;
    struct rvemu_virtio slots; /* its device is in the first one */
    struct rig_disk disk;
    u64 sent;  /* bytes that a console has sent */
    bool line; /* the level of its interrupt */
    u8 ram[RIG_RAM_SIZE];
    u8 loads[RIG_RAM_SIZE]; /* of each byte, by the device */
    u64 stores;             /* likewise, bytes */

    /* Called after each load, when the guest could have stored; or NULL. */
    void (*loaded)(struct rig *rig, u64 offset, u64 count);
    void *arg;
};

/* Puts a device of this kind into the slot. False: memory is lacking. */
bool rig_init(struct rig *rig, enum rvemu_virtio_kind kind, bool modern);
void rig_fini(struct rig *rig);

/* Its state goes over into a new device. False: memory is lacking. */
bool rig_move(struct rig *rig);

/* A hart's access; false: an access fault. */
bool rig_read(struct rig *rig, u64 offset, unsigned size, u64 *value);
bool rig_write(struct rig *rig, u64 offset, unsigned size, u64 value);

/* Registers that are there. */
u32 rig_get(struct rig *rig, u64 offset);
void rig_put(struct rig *rig, u64 offset, u32 value);

/* Goes through the initialization, with queues of so many descriptors, and of
 * what is offered these features. */
void rig_set_up(struct rig *rig, unsigned queues, u32 size, u64 features);

/* Makes a descriptor of the queue's table; offers a chain to the device, or
 * several, and tells it. */
void rig_describe(struct rig *rig, unsigned queue, unsigned n, u64 pa, u32 size,
                  u16 flags, u16 next);
void rig_offer(struct rig *rig, unsigned queue, u16 head);
void rig_notify(struct rig *rig, unsigned queue);

/* Chains that the device has given back. */
u16 rig_used(const struct rig *rig, unsigned queue);

/* Lets time pass until nothing is due; false: it goes on and on. */
bool rig_finish(struct rig *rig);

#endif
