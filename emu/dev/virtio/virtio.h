/*
 * A virtio slot: its state, the device that is plugged into it, and how a
 * request lives.
 *
 * Specification: OASIS, Virtual I/O Device (VIRTIO) 1.2, with its legacy
 * interface. Of what is open there, QEMU's choice is taken.
 *
 *   guest stores QueueNotify     virtio_notify(): the next available chain of
 *                                descriptors is read, once, checked and kept
 *                                (queue.h), and a timer is armed
 *   machine time passes          nothing of the guest's memory changes
 *   the timer fires              the device does what the chain asks for, its
 *                                buffers and the used ring are written, the
 *                                interrupt rises, and the next one is taken up
 *
 * A slot serves one request at a time. How long one takes depends on nothing
 * but itself, so that a run is the same run whatever the host's disk does.
 * Rings that make no sense set DEVICE_NEEDS_RESET, and nothing is served until
 * then.
 */
#ifndef DEV_VIRTIO_VIRTIO_H
#define DEV_VIRTIO_VIRTIO_H

#include <rvemu/virtio.h>

#include "base/plain.h"
#include "dev/device.h"

#define VIRTIO_QUEUES_MAX 64
#define VIRTIO_QUEUE_SIZE_MAX 1024
#define VIRTIO_CONFIG_MAX 64 /* bytes of a device's configuration space */

/* Device status (2.1). */
#define VIRTIO_DRIVER_OK 4
#define VIRTIO_FEATURES_OK 8
#define VIRTIO_NEEDS_RESET 64

/* InterruptStatus (4.2.2). */
#define VIRTIO_INTERRUPT_USED 1
#define VIRTIO_INTERRUPT_CONFIG 2

/* Feature bits (6), as masks. */
#define VIRTIO_FEATURE(bit) (1ull << (bit))
#define VIRTIO_F_NOTIFY_ON_EMPTY VIRTIO_FEATURE(24)
#define VIRTIO_F_INDIRECT_DESC VIRTIO_FEATURE(28)
#define VIRTIO_F_EVENT_IDX VIRTIO_FEATURE(29)
#define VIRTIO_F_VERSION_1 VIRTIO_FEATURE(32)

PLAIN_BEGIN
/* The three areas of a split virtqueue (2.7), guest-physical. */
struct virtio_areas {
    u64 desc, driver, device;
};

struct virtio_queue {
    struct virtio_areas written; /* what the registers hold */
    struct virtio_areas areas;   /* what is in use; desc 0: none */
    u32 size;                    /* descriptors; 0: there is no such queue */
    u32 align;                   /* of the used ring; legacy */
    u16 taken;                   /* chains taken from the available ring */
    u16 used;                    /* chains put into the used ring */
    u16 signalled;               /* `used` at the last interrupt … */
    u8 has_signalled;            /* … if there was one */
    u8 ready;
};

/* A part of the guest's memory, all of it in RAM. */
struct virtio_segment {
    u64 pa;
    u64 size; /* bytes, not 0 */
};

/* A chain of descriptors as it was when it was taken up. */
struct virtio_chain {
    u32 queue;    /* which it came from */
    u32 head;     /* its first descriptor: how the guest knows it */
    u32 readable; /* so many segments are for the device to read … */
    u32 count;    /* … and the rest, up to this, for it to write */
    struct virtio_segment segment[VIRTIO_QUEUE_SIZE_MAX];
};

struct virtio_blk_state {
    u64 sector;      /* of the request in flight */
    u32 type;        /* likewise, VIRTIO_BLK_T_… */
    u32 write_cache; /* 1: a write is safe after the next flush */
};

struct virtio_rng_state {
    u64 state; /* a reset by the driver leaves it alone */
};

struct virtio_console_state {
    u32 messages; /* to be said to the guest: a bit for each event */
    u32 count;    /* bytes of input that the guest has not got */
    u32 is_open;  /* the guest says that it wants them */
    u32 zero;
    u8 input[64];
};

struct virtio_state {
    u64 features;        /* negotiated */
    u64 driver_features; /* as the driver wrote them */
    u32 device_features_select, driver_features_select; /* 0 or 1 */
    u32 page_shift;                                     /* legacy */
    u32 queue_select;
    u32 status;
    u32 interrupt; /* InterruptStatus */
    u32 broken;    /* 1: nothing is served until a reset */
    u32 busy;      /* 1: chain is in flight, and the timer armed */
    u64 notified;  /* a bit for each queue that may have chains */
    struct virtio_queue queue[VIRTIO_QUEUES_MAX];
    struct virtio_chain chain;
    struct virtio_blk_state blk;
    struct virtio_rng_state rng;
    struct virtio_console_state console;
};
PLAIN_END

struct virtio;

/* A device: its identity, its configuration space, and what it does with a
 * chain. */
struct virtio_kind {
    u32 id; /* 5: "Device Types" */
    u32 queues;
    u32 queue_size[VIRTIO_QUEUES_MAX]; /* descriptors, before a driver says */
    u32 config_size;                   /* VIRTIO_CONFIG_MAX bytes at most */

    /* What it offers beside what all have. */
    u64 (*features)(const struct virtio *virtio);

    void (*read_config)(const struct virtio *virtio, u8 *config);

    /* The guest stored a byte. NULL: nothing can be changed. */
    void (*write_config)(struct virtio *virtio, u64 offset, u8 byte);

    /* Its part of the state at power-on, when all of it is 0, and at reset; the
     * driver is set up. Each may be NULL. */
    void (*power_on)(struct virtio *virtio);
    void (*reset)(struct virtio *virtio);
    void (*driver_ok)(struct virtio *virtio);

    /* Whether there is something to do with a chain of the queue; otherwise it
     * is left there until virtio_notify(). NULL: always. */
    bool (*is_ready)(const struct virtio *virtio, unsigned queue);

    /* Takes up the chain in virtio->s, reads what it has to know of it, and
     * says in *ns when finish() is due. False: it makes no sense. */
    bool (*begin)(struct virtio *virtio, u64 *ns);

    /* Whether its part of the state, and the chain in flight, which come from
     * outside, are such as begin() takes. NULL: any are. */
    bool (*is_sound)(const struct virtio *virtio);

    /* Does what was begun; returns how many bytes of the chain are said to be
     * written. */
    u32 (*finish)(struct virtio *virtio);
};

struct virtio {
    struct virtio_state s;
    const struct virtio_kind *kind; /* NULL: nothing is plugged in */
    bool modern;
    struct block *disk;
    const char *serial; /* never NULL */
    u64 seed;           /* of what is random */
    struct char_port console;
    struct irq_line irq;
    struct clock *clock;
    unsigned timer; /* armed exactly while a chain is in flight */
    struct dma_port dma;
};

/* All feature bits that the device offers. */
u64 virtio_offered(const struct virtio *virtio);

/* Back to what a driver finds; what is in flight is dropped. */
void virtio_reset(struct virtio *virtio);

/* The queue may have been filled, as QueueNotify says, or there is something to
 * do with what is in it. */
void virtio_notify(struct virtio *virtio, unsigned queue);

/* A queue is not to be used any more: what is in flight of it is dropped. */
void virtio_stop_queue(struct virtio *virtio, unsigned queue);

/* What the clock calls: the chain in flight is due. */
void virtio_due(void *owner, u64 now);

/* Whether the state, which comes from outside, is one that requests can lead
 * to. */
bool virtio_is_sound(const void *device);

/* States the level of the interrupt line. */
void virtio_update_irq(struct virtio *virtio);

/* The devices. */
extern const struct virtio_kind virtio_blk, virtio_console, virtio_rng;

#endif
