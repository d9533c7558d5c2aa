/*
 * Virtio over MMIO (4.2), versions 2 and, with its legacy interface (4.2.4), 1.
 *
 *   0x000 r  MagicValue         0x040 rw QueuePFN                      1
 *   0x004 r  Version            0x044 rw QueueReady                    2
 *   0x008 r  DeviceID           0x050  w QueueNotify
 *   0x00c r  VendorID           0x060 r  InterruptStatus
 *   0x010 r  DeviceFeatures     0x064  w InterruptACK
 *   0x014  w DeviceFeaturesSel  0x070 rw Status
 *   0x020  w DriverFeatures     0x080  w QueueDescLow, High 0x084      2
 *   0x024  w DriverFeaturesSel  0x090  w QueueDriverLow, High 0x094    2
 *   0x028  w GuestPageSize   1  0x0a0  w QueueDeviceLow, High 0x0a4    2
 *   0x030  w QueueSel           0x0b0 r  SHMLenLow, High 0x0b4: all ones
 *   0x034 r  QueueNumMax        0x0fc r  ConfigGeneration: never changes
 *   0x038  w QueueNum           0x100 rw configuration space of the device
 *   0x03c  w QueueAlign      1
 *
 * Registers are 32 bits wide: narrower accesses read 0 and write nothing, and
 * one of 64 bits is two. What is not there reads 0; configuration behind its
 * end reads as ones. Behind 0x200 there is nothing. A slot without a device has
 * magic, version and vendor, and DeviceID 0. All that is QEMU's, as is that the
 * sel and page size registers keep what they have when a driver resets the
 * device: Linux sets GuestPageSize before it does.
 */
#include "base/bits.h"
#include "dev/virtio/virtio.h"

#define RANGE 0x200

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
#define QUEUE_DESC_LOW 0x080
#define QUEUE_DRIVER_LOW 0x090
#define QUEUE_DEVICE_LOW 0x0a0
#define SHM_LEN_LOW 0x0b0
#define SHM_LEN_HIGH 0x0b4
#define CONFIG 0x100

#define HIGH 4 /* from a register's lower half to its upper one */
#define MAGIC 0x74726976
#define VENDOR 0x554d4551 /* QEMU's: xv6 asks for it */

/* The queue that QueueSel names, or NULL. */
static struct virtio_queue *selected(struct virtio *v)
{
    return v->s.queue_select < v->kind->queues ? &v->s.queue[v->s.queue_select]
                                               : NULL;
}

static u32 read_config(const struct virtio *v, u64 offset, unsigned size)
{
    u8 config[VIRTIO_CONFIG_MAX] = {0};
    u32 ones = (u32)(~0ull >> (64 - 8 * size));

    if (offset + size > v->kind->config_size)
        return ones;
    v->kind->read_config(v, config);
    switch (size) {
    case 1: return config[offset];
    case 2: return load_le16(config + offset);
    default: return load_le32(config + offset);
    }
}

static void write_config(struct virtio *v, u64 offset, unsigned size, u32 value)
{
    if (offset + size > v->kind->config_size || !v->kind->write_config)
        return;
    for (unsigned i = 0; i < size; i++)
        v->kind->write_config(v, offset + i, (u8)(value >> 8 * i));
}

static u32 read_queue(struct virtio *v, u64 offset)
{
    const struct virtio_queue *q = selected(v);

    if (!q)
        return 0;
    switch (offset) {
    case QUEUE_NUM_MAX: return VIRTIO_QUEUE_SIZE_MAX;
    case QUEUE_PFN:
        return v->modern ? 0 : (u32)(q->areas.desc >> v->s.page_shift);
    case QUEUE_READY: return q->ready;
    default: return 0;
    }
}

static u32 read_register(struct virtio *v, u64 offset)
{
    switch (offset) {
    case MAGIC_VALUE: return MAGIC;
    case VERSION: return v->modern ? 2 : 1;
    case DEVICE_ID: return v->kind ? v->kind->id : 0;
    case VENDOR_ID: return VENDOR;
    default: break;
    }
    if (!v->kind)
        return 0;
    switch (offset) {
    case DEVICE_FEATURES:
        return (u32)(virtio_offered(v) >> 32 * v->s.device_features_select);
    case INTERRUPT_STATUS: return v->s.interrupt;
    case STATUS: return v->s.status;
    case SHM_LEN_LOW:
    case SHM_LEN_HIGH: return UINT32_MAX;
    default: return read_queue(v, offset);
    }
}

/* Features stand once the driver has said that they do. */
static void negotiate(struct virtio *v, u64 wanted)
{
    if (!(v->s.status & VIRTIO_FEATURES_OK))
        v->s.features = wanted & virtio_offered(v);
}

static void write_driver_features(struct virtio *v, u32 value)
{
    unsigned shift = 32 * v->s.driver_features_select;
    u64 others = v->s.driver_features & ~(0xffffffffull << shift);

    v->s.driver_features = others | (u64)value << shift;
    if (!v->modern && !shift)
        negotiate(v, value);
}

static void write_status(struct virtio *v, u32 value)
{
    u32 before = v->s.status;

    if (!value) {
        virtio_reset(v);
        return;
    }
    if (v->modern && value & VIRTIO_FEATURES_OK)
        negotiate(v, v->s.driver_features);
    v->s.status = value & 0xff;
    if (v->s.broken && v->s.features & VIRTIO_F_VERSION_1)
        v->s.status |= VIRTIO_NEEDS_RESET;
    if (value & ~before & VIRTIO_DRIVER_OK && v->kind->driver_ok)
        v->kind->driver_ok(v);
}

/* The legacy layout: one area behind the other (2.7.2). */
static void lay_out(struct virtio_queue *q, u64 pa)
{
    u64 driver = pa + 16 * (u64)q->size;

    q->areas = (struct virtio_areas){
        pa, driver, align_up(driver + 2 * (3 + (u64)q->size), q->align)};
}

/* A queue that exists goes on existing. */
static void set_size(struct virtio *v, struct virtio_queue *q, u32 size)
{
    if (!size || size > VIRTIO_QUEUE_SIZE_MAX)
        return;
    q->size = size;
    if (!v->modern && q->areas.desc)
        lay_out(q, q->areas.desc);
}

static void set_align(struct virtio_queue *q, u32 align)
{
    q->align = align;
    if (q->areas.desc)
        lay_out(q, q->areas.desc);
}

static void set_pfn(struct virtio *v, struct virtio_queue *q, u32 pfn)
{
    if (!pfn) {
        virtio_reset(v);
        return;
    }
    virtio_stop_queue(v, v->s.queue_select);
    lay_out(q, (u64)pfn << v->s.page_shift);
}

static void set_ready(struct virtio *v, struct virtio_queue *q, bool ready)
{
    if (ready == q->ready)
        return;
    virtio_stop_queue(v, v->s.queue_select);
    q->ready = ready;
    if (ready)
        q->areas = q->written;
}

static void set_half(u64 *whole, bool high, u32 value)
{
    *whole = high ? (u32)*whole | (u64)value << 32
                  : (*whole & ~0xffffffffull) | value;
}

static void write_modern_queue(struct virtio *v, struct virtio_queue *q,
                               u64 offset, u32 value)
{
    bool high = offset & HIGH;

    switch (offset) {
    case QUEUE_READY: set_ready(v, q, value != 0); break;
    case QUEUE_DESC_LOW:
    case QUEUE_DESC_LOW + HIGH: set_half(&q->written.desc, high, value); break;
    case QUEUE_DRIVER_LOW:
    case QUEUE_DRIVER_LOW + HIGH:
        set_half(&q->written.driver, high, value);
        break;
    case QUEUE_DEVICE_LOW:
    case QUEUE_DEVICE_LOW + HIGH:
        set_half(&q->written.device, high, value);
        break;
    default: break;
    }
}

static void write_queue(struct virtio *v, u64 offset, u32 value)
{
    struct virtio_queue *q = selected(v);

    if (!q)
        return;
    if (offset == QUEUE_NUM)
        set_size(v, q, value);
    else if (v->modern)
        write_modern_queue(v, q, offset, value);
    else if (offset == QUEUE_ALIGN)
        set_align(q, value);
    else if (offset == QUEUE_PFN)
        set_pfn(v, q, value);
}

/* A page of 4 KiB is 4096; what is no such size is one of a byte. */
static void set_page_size(struct virtio *v, u32 size)
{
    if (!v->modern)
        v->s.page_shift = size ? (u32)__builtin_ctz(size) : 0;
}

static void write_register(struct virtio *v, u64 offset, u32 value)
{
    switch (offset) {
    case DEVICE_FEATURES_SEL: v->s.device_features_select = value != 0; break;
    case DRIVER_FEATURES: write_driver_features(v, value); break;
    case DRIVER_FEATURES_SEL: v->s.driver_features_select = value != 0; break;
    case GUEST_PAGE_SIZE: set_page_size(v, value); break;
    case QUEUE_SEL: v->s.queue_select = value; break;
    case QUEUE_NOTIFY: virtio_notify(v, value); break;
    case INTERRUPT_ACK:
        v->s.interrupt &= ~value;
        virtio_update_irq(v);
        break;
    case STATUS: write_status(v, value & 0xff); break;
    default: write_queue(v, offset, value); break;
    }
}

static u32 read_word(struct virtio *v, u64 offset, unsigned size)
{
    if (offset >= CONFIG)
        return v->kind ? read_config(v, offset - CONFIG, size) : 0;
    return size == 4 ? read_register(v, offset) : 0;
}

static bool mmio_read(void *device, u64 offset, unsigned size, u64 *value)
{
    struct virtio *v = device;

    if (offset >= RANGE)
        return false;
    if (size < 8)
        *value = read_word(v, offset, size);
    else
        *value = read_word(v, offset, 4) | (u64)read_word(v, offset + 4, 4)
                                               << 32;
    return true;
}

static void write_word(struct virtio *v, u64 offset, unsigned size, u32 value)
{
    if (!v->kind)
        return;
    if (offset >= CONFIG)
        write_config(v, offset - CONFIG, size, value);
    else if (size == 4)
        write_register(v, offset, value);
}

static bool mmio_write(void *device, u64 offset, unsigned size, u64 value)
{
    struct virtio *v = device;

    if (offset >= RANGE)
        return false;
    write_word(v, offset, size < 8 ? size : 4, (u32)value);
    if (size == 8)
        write_word(v, offset + 4, 4, (u32)(value >> 32));
    return true;
}

static const struct mmio_ops ops = {.read = mmio_read, .write = mmio_write};

static void mmio_init(void *device, const struct device_wiring *wiring)
{
    static const struct virtio_kind *const kinds[] = {
        [RVEMU_VIRTIO_NONE] = NULL,
        [RVEMU_VIRTIO_BLK] = &virtio_blk,
        [RVEMU_VIRTIO_RNG] = &virtio_rng,
        [RVEMU_VIRTIO_CONSOLE] = &virtio_console,
    };
    static const struct rvemu_virtio nothing;
    const struct rvemu_virtio *all = wiring->virtio ? wiring->virtio : &nothing;
    const struct rvemu_virtio_slot *slot = &all->slot[wiring->place.index];
    struct virtio *v = device;

    v->kind = kinds[slot->kind];
    v->modern = all->modern;
    v->disk = slot->disk;
    v->serial = slot->serial ? slot->serial : "";
    v->seed = wiring->seed + wiring->place.index;
    v->console = wiring->line;
    v->irq = wiring->irq;
    v->clock = wiring->clock;
    v->timer = clock_add_timer(wiring->clock, virtio_due, v);
    v->dma = wiring->dma;
}

static void mmio_reset(void *device)
{
    struct virtio *v = device;

    v->s = (struct virtio_state){0};
    if (!v->kind)
        return;
    if (v->kind->power_on)
        v->kind->power_on(v);
    virtio_reset(v);
}

static void write_node(struct node_writer *w, const struct device_place *place)
{
    node_open_device(w, "virtio_mmio", place);
    node_put_string(w, "compatible", "virtio,mmio");
    node_close(w);
}

const struct device_kind virtio_device = {
    .name = "virtio",
    .size = sizeof(struct virtio),
    .state = offsetof(struct virtio, s),
    .state_size = sizeof(struct virtio_state),
    .ops = &ops,
    .init = mmio_init,
    .reset = mmio_reset,
    .is_sound = virtio_is_sound,
    .write_node = write_node,
};
