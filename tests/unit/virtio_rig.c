/* A virtio slot without a machine; see virtio_rig.h. */
#include "virtio_rig.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define PATIENCE 100000 /* deadlines */

extern const struct device_kind virtio_device;

static int disk_read(struct block *block, u64 offset, void *bytes, u64 count)
{
    const struct rig_disk *disk = (struct rig_disk *)block;

    memcpy(bytes, disk->bytes + offset, count);
    return disk->fails ? -1 : 0;
}

static int disk_write(struct block *block, u64 offset, const void *bytes,
                      u64 count)
{
    struct rig_disk *disk = (struct rig_disk *)block;

    memcpy(disk->bytes + offset, bytes, count);
    return disk->fails ? -1 : 0;
}

static int disk_flush(struct block *block)
{
    struct rig_disk *disk = (struct rig_disk *)block;

    disk->flushes++;
    return disk->fails ? -1 : 0;
}

static int disk_discard(struct block *block, u64 offset, u64 count)
{
    return disk_flush(block);
}

static int disk_write_zeroes(struct block *block, u64 offset, u64 count,
                             bool may_discard)
{
    struct rig_disk *disk = (struct rig_disk *)block;

    memset(disk->bytes + offset, 0, count);
    return disk->fails ? -1 : 0;
}

static const struct block_ops disk_ops = {
    .read = disk_read,
    .write = disk_write,
    .flush = disk_flush,
    .discard = disk_discard,
    .write_zeroes = disk_write_zeroes,
};

static bool has(void *host, u64 pa, u64 count)
{
    u64 offset = pa - RIG_RAM;

    return offset < RIG_RAM_SIZE && count <= RIG_RAM_SIZE - offset;
}

static bool load(void *host, u64 pa, void *bytes, u64 count)
{
    struct rig *rig = host;
    u64 offset = pa - RIG_RAM;

    if (!has(host, pa, count))
        return false;
    memcpy(bytes, rig->ram + offset, count);
    for (u64 i = 0; i < count; i++)
        rig->loads[offset + i]++;
    if (rig->loaded)
        rig->loaded(rig, offset, count);
    return true;
}

static bool store(void *host, u64 pa, const void *bytes, u64 count)
{
    struct rig *rig = host;

    if (!has(host, pa, count))
        return false;
    memcpy(rig->ram + (pa - RIG_RAM), bytes, count);
    rig->stores += count;
    return true;
}

static void set_line(void *sink, unsigned number, bool level)
{
    ((struct rig *)sink)->line = level;
}

static void send(void *host, u8 byte)
{
    ((struct rig *)host)->sent++;
}

static bool make(struct rig *rig)
{
    const struct device_wiring wiring = {
        .irq = {set_line, rig, 1},
        .clock = &rig->clock,
        .line = {send, rig},
        .dma = {has, load, store, rig},
        .virtio = &rig->slots,
    };

    rig->v = calloc(1, virtio_device.size);
    if (!rig->v)
        return false;
    virtio_device.init(rig->v, &wiring);
    return true;
}

bool rig_init(struct rig *rig, enum rvemu_virtio_kind kind, bool modern)
{
    memset(rig, 0, sizeof(*rig));
    clock_init(&rig->clock);
    rig->disk.block =
        (struct block){.ops = &disk_ops, .size = sizeof(rig->disk.bytes)};
    rig->slots.modern = modern;
    rig->slots.slot[0] = (struct rvemu_virtio_slot){
        .kind = kind, .disk = &rig->disk.block, .serial = "rig"};
    if (!make(rig))
        return false;
    virtio_device.reset(rig->v);
    return true;
}

void rig_fini(struct rig *rig)
{
    free(rig->v);
}

bool rig_move(struct rig *rig)
{
    struct virtio *old = rig->v;
    struct clock_state time = rig->clock.s;

    clock_init(&rig->clock);
    if (!make(rig)) {
        rig->v = old;
        return false;
    }
    memcpy((u8 *)rig->v + virtio_device.state, (u8 *)old + virtio_device.state,
           virtio_device.state_size);
    memset(old, 0xa5, virtio_device.size);
    free(old);
    rig->clock.s = time;
    clock_restored(&rig->clock);
    return true;
}

bool rig_read(struct rig *rig, u64 offset, unsigned size, u64 *value)
{
    *value = 0;
    return virtio_device.ops->read(rig->v, offset, size, value);
}

bool rig_write(struct rig *rig, u64 offset, unsigned size, u64 value)
{
    return virtio_device.ops->write(rig->v, offset, size, value);
}

u32 rig_get(struct rig *rig, u64 offset)
{
    u64 value;

    rig_read(rig, offset, 4, &value);
    return (u32)value;
}

void rig_put(struct rig *rig, u64 offset, u32 value)
{
    rig_write(rig, offset, 4, value);
}

static void set_up_queue(struct rig *rig, unsigned queue, u32 size)
{
    u64 pa = RIG_RAM + queue * RIG_QUEUE_BYTES;

    rig_put(rig, RIG_QUEUE_SEL, queue);
    rig_put(rig, RIG_QUEUE_NUM, size);
    if (!rig->slots.modern) {
        /* Its areas follow each other when they are aligned like that. */
        rig_put(rig, RIG_QUEUE_ALIGN, RIG_USED);
        rig_put(rig, RIG_QUEUE_PFN, (u32)(pa / RIG_QUEUE_BYTES));
        return;
    }
    rig_write(rig, RIG_QUEUE_DESC, 8, pa + RIG_DESC);
    rig_write(rig, RIG_QUEUE_DRIVER, 8, pa + RIG_AVAIL);
    rig_write(rig, RIG_QUEUE_DEVICE, 8, pa + RIG_USED);
    rig_put(rig, RIG_QUEUE_READY, 1);
}

void rig_set_up(struct rig *rig, unsigned queues, u32 size, u64 features)
{
    u32 status = 3;

    rig_put(rig, RIG_STATUS, 0);
    memset(rig->ram, 0, RIG_QUEUES_END);
    rig_put(rig, RIG_STATUS, status);
    rig_put(rig, RIG_GUEST_PAGE_SIZE, RIG_QUEUE_BYTES);
    rig_put(rig, RIG_DRIVER_FEATURES_SEL, 0);
    rig_put(rig, RIG_DRIVER_FEATURES, (u32)features);
    rig_put(rig, RIG_DRIVER_FEATURES_SEL, 1);
    rig_put(rig, RIG_DRIVER_FEATURES, (u32)(features >> 32));
    status |= rig->slots.modern ? VIRTIO_FEATURES_OK : 0;
    rig_put(rig, RIG_STATUS, status);
    for (unsigned i = 0; i < queues; i++)
        set_up_queue(rig, i, size);
    rig_put(rig, RIG_STATUS, status | VIRTIO_DRIVER_OK);
}

static u8 *area(const struct rig *rig, unsigned queue, u64 offset)
{
    return (u8 *)rig->ram + queue * RIG_QUEUE_BYTES + offset;
}

void rig_describe(struct rig *rig, unsigned queue, unsigned n, u64 pa, u32 size,
                  u16 flags, u16 next)
{
    u8 *at = area(rig, queue, RIG_DESC + 16 * (u64)n);

    memcpy(at, &pa, 8);
    memcpy(at + 8, &size, 4);
    memcpy(at + 12, &flags, 2);
    memcpy(at + 14, &next, 2);
}

void rig_notify(struct rig *rig, unsigned queue)
{
    rig_put(rig, RIG_QUEUE_NOTIFY, queue);
}

void rig_offer(struct rig *rig, unsigned queue, u16 head)
{
    u16 idx = load_le16(area(rig, queue, RIG_AVAIL + 2));

    memcpy(area(rig, queue, RIG_AVAIL + 4 + 2 * (idx % RIG_QUEUE_SIZE)), &head,
           2);
    idx++;
    memcpy(area(rig, queue, RIG_AVAIL + 2), &idx, 2);
}

u16 rig_used(const struct rig *rig, unsigned queue)
{
    return load_le16(area(rig, queue, RIG_USED + 2));
}

bool rig_finish(struct rig *rig)
{
    for (unsigned i = 0; i < PATIENCE; i++) {
        if (clock_next(&rig->clock) == CLOCK_NEVER)
            return true;
        clock_advance(&rig->clock, clock_next(&rig->clock));
    }
    return false;
}
