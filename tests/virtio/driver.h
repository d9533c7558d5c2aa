/*
 * What the virtio test programs share: a driver of a slot, the first one at
 * 0x10001000, for the modern transport or, with LEGACY, for that before it.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include "bare.h"

#define SLOT(n) (0x10001000ull + 0x1000ull * (n))

#define MAGIC_VALUE 0x000
#define VERSION 0x004
#define DEVICE_ID 0x008
#define VENDOR_ID 0x00c
#define DEVICE_FEATURES 0x010
#define DEVICE_FEATURES_SEL 0x014
#define DRIVER_FEATURES 0x020
#define DRIVER_FEATURES_SEL 0x024
#define GUEST_PAGE_SIZE 0x028
#define QUEUE_SEL 0x030
#define QUEUE_NUM_MAX 0x034
#define QUEUE_NUM 0x038
#define QUEUE_ALIGN 0x03c
#define QUEUE_PFN 0x040
#define QUEUE_READY 0x044
#define QUEUE_NOTIFY 0x050
#define INTERRUPT_STATUS 0x060
#define INTERRUPT_ACK 0x064
#define STATUS 0x070
#define QUEUE_DESC 0x080
#define QUEUE_DRIVER 0x090
#define QUEUE_DEVICE 0x0a0
#define CONFIG_GENERATION 0x0fc
#define CONFIG 0x100

#define ACKNOWLEDGE 1
#define DRIVER 2
#define DRIVER_OK 4
#define FEATURES_OK 8
#define NEEDS_RESET 64

#define F_NOTIFY_ON_EMPTY (1ull << 24)
#define F_INDIRECT (1ull << 28)
#define F_EVENT_IDX (1ull << 29)
#define F_VERSION_1 (1ull << 32)

#define DESC_NEXT 1
#define DESC_WRITE 2
#define DESC_INDIRECT 4

#define SIZE 8 /* of the queue */

struct desc {
    u64 pa;
    u32 size;
    u16 flags, next;
};

/* The rings, where the legacy layout has them: used at the next page. */
struct rings {
    struct desc desc[SIZE];
    struct {
        u16 flags, idx, ring[SIZE], used_event;
    } avail;
    u8 gap[4096 - 16 * SIZE - 2 * (3 + SIZE)];
    struct {
        u16 flags, idx;
        struct {
            u32 id, size;
        } ring[SIZE];
        u16 avail_event;
    } used;
};

extern volatile struct rings rings;
extern unsigned slot; /* the driver's, 0 to 7 */

u32 get(u64 offset);
void put(u64 offset, u32 value);
u64 offered(void);

/* Resets the device and goes through its initialization, with an empty
 * queue and, of what is offered, these features. */
void set_up(u64 features);

/* Makes the descriptor: flags tell the rest. */
void describe(unsigned n, const volatile void *pa, u32 size, u16 flags,
              u16 next);

/* Gives the chain that begins at a descriptor to the device, and tells it. */
void offer(u16 head);
void notify(void);

/* Waits until the device has given back one more; its length. NONE: it does not
 * do so. */
u64 await_used(void);

/* Waits until the status has that bit; whether it got it. */
bool await_status(u32 bit);

#endif
