/*
 * Split virtqueues (2.7) as the device sees them.
 *
 *   descriptor table     16 bytes each:  0 address  8 length  12 flags  14 next
 *   available ring       0 flags  2 idx  4 heads, 2 bytes each  then used_event
 *   used ring            0 flags  2 idx  4 head, length, 4 each then
 * avail_event
 *
 * All of it is the guest's, who may change it at any time and put anything
 * there. So each field is read once, is checked, and is then what it was read
 * as; a chain has at most VIRTIO_QUEUE_SIZE_MAX segments, none of them empty,
 * each in RAM, those to be read before those to be written. That bounds loops
 * as well.
 */
#include "dev/virtio/queue.h"

#include "base/bits.h"

#define DESCRIPTOR 16
#define DESC_NEXT 1
#define DESC_WRITE 2
#define DESC_INDIRECT 4

#define RING_IDX 2
#define RING_ENTRIES 4
#define AVAIL_ENTRY 2
#define USED_ENTRY 8

#define AVAIL_NO_INTERRUPT 1

struct descriptor {
    u64 pa;
    u32 size;
    u16 flags, next;
};

/* A table that descriptors are read from. */
struct table {
    u64 pa;
    u32 size; /* descriptors */
    bool is_indirect;
};

static bool load(const struct virtio *v, u64 pa, void *bytes, u64 count)
{
    return v->dma.load(v->dma.host, pa, bytes, count);
}

static bool store(const struct virtio *v, u64 pa, const void *bytes, u64 count)
{
    return v->dma.store(v->dma.host, pa, bytes, count);
}

static bool load16(const struct virtio *v, u64 pa, u16 *value)
{
    return load(v, pa, value, sizeof(*value));
}

static bool has(const struct virtio *v, u64 feature)
{
    return v->s.features & feature;
}

static bool load_descriptor(const struct virtio *v, const struct table *table,
                            u32 index, struct descriptor *d)
{
    u8 raw[DESCRIPTOR];

    if (index >= table->size ||
        !load(v, table->pa + DESCRIPTOR * (u64)index, raw, sizeof(raw)))
        return false;
    *d = (struct descriptor){load_le64(raw), load_le32(raw + 8),
                             load_le16(raw + 12), load_le16(raw + 14)};
    return true;
}

/* Goes over to the table that an indirect descriptor stands for (2.7.5.3). */
static bool enter(const struct virtio *v, struct table *table,
                  const struct descriptor *d)
{
    if (table->is_indirect || !d->size || d->size % DESCRIPTOR ||
        !v->dma.has(v->dma.host, d->pa, d->size))
        return false;
    *table = (struct table){d->pa, d->size / DESCRIPTOR, true};
    return true;
}

static bool add(const struct virtio *v, struct virtio_chain *chain,
                const struct descriptor *d)
{
    bool is_readable = !(d->flags & DESC_WRITE);

    if (!d->size || chain->count == VIRTIO_QUEUE_SIZE_MAX ||
        (is_readable && chain->readable != chain->count) ||
        !v->dma.has(v->dma.host, d->pa, d->size))
        return false;
    chain->segment[chain->count++] = (struct virtio_segment){d->pa, d->size};
    chain->readable += is_readable;
    return true;
}

/* Reads the chain that begins at a descriptor of the queue's table. */
static bool follow(struct virtio *v, const struct virtio_queue *q, u16 head)
{
    struct table table = {q->areas.desc, q->size, false};
    struct virtio_chain *chain = &v->s.chain;
    u32 index = head;
    struct descriptor d;

    chain->head = head;
    chain->readable = 0;
    chain->count = 0;
    do {
        if (!load_descriptor(v, &table, index, &d))
            return false;
        if (d.flags & DESC_INDIRECT) {
            if (!enter(v, &table, &d) || !load_descriptor(v, &table, 0, &d) ||
                d.flags & DESC_INDIRECT)
                return false;
        }
        if (!add(v, chain, &d))
            return false;
        index = d.next;
    } while (d.flags & DESC_NEXT);
    return true;
}

enum queue_take queue_take(struct virtio *v, unsigned queue)
{
    struct virtio_queue *q = &v->s.queue[queue];
    u16 available, head;

    if (!load16(v, q->areas.driver + RING_IDX, &available) ||
        (u16)(available - q->taken) > q->size)
        return QUEUE_BROKEN;
    if (available == q->taken)
        return QUEUE_EMPTY;
    if (!load16(v,
                q->areas.driver + RING_ENTRIES +
                    AVAIL_ENTRY * (u64)(q->taken % q->size),
                &head))
        return QUEUE_BROKEN;
    v->s.chain.queue = queue;
    if (!follow(v, q, head))
        return QUEUE_BROKEN;
    q->taken++;
    return QUEUE_TAKEN;
}

/* Whether `event` is one of the counts from old + 1 to now, less one each
 * (2.7.7.1). */
static bool is_passed(u16 event, u16 now, u16 old)
{
    return (u16)(now - event - 1) < (u16)(now - old);
}

static bool is_empty(const struct virtio *v, const struct virtio_queue *q)
{
    u16 available;

    return load16(v, q->areas.driver + RING_IDX, &available) &&
           available == q->taken;
}

/* Whether the driver wants an interrupt now (2.7.7.2). */
static bool wants_interrupt(const struct virtio *v, struct virtio_queue *q)
{
    u64 event_at = q->areas.driver + RING_ENTRIES + AVAIL_ENTRY * (u64)q->size;
    bool is_first = !q->has_signalled;
    u16 old = q->signalled, flags, event;

    if (has(v, VIRTIO_F_NOTIFY_ON_EMPTY) && is_empty(v, q))
        return true;
    if (!has(v, VIRTIO_F_EVENT_IDX))
        return load16(v, q->areas.driver, &flags) &&
               !(flags & AVAIL_NO_INTERRUPT);
    q->signalled = q->used;
    q->has_signalled = true;
    return is_first ||
           (load16(v, event_at, &event) && is_passed(event, q->used, old));
}

bool queue_put(struct virtio *v, u32 length, bool *interrupt)
{
    const struct virtio_chain *chain = &v->s.chain;
    struct virtio_queue *q = &v->s.queue[chain->queue];
    const u32 entry[2] = {chain->head, length};
    u64 ring = q->areas.device, entries = ring + RING_ENTRIES;

    if (!store(v, entries + USED_ENTRY * (u64)(q->used % q->size), entry,
               sizeof(entry)))
        return false;
    q->used++;
    if (!store(v, ring + RING_IDX, &q->used, sizeof(q->used)))
        return false;
    if (has(v, VIRTIO_F_EVENT_IDX) &&
        !store(v, entries + USED_ENTRY * (u64)q->size, &q->taken,
               sizeof(q->taken)))
        return false;
    *interrupt = wants_interrupt(v, q);
    return true;
}

static u64 sum(const struct virtio_chain *chain, u32 first, u32 end)
{
    u64 size = 0;

    for (u32 i = first; i < end; i++)
        size += chain->segment[i].size;
    return size;
}

u64 queue_readable(const struct virtio_chain *chain)
{
    return sum(chain, 0, chain->readable);
}

u64 queue_writable(const struct virtio_chain *chain)
{
    return sum(chain, chain->readable, chain->count);
}

/* The part of [offset, offset + count) of a sequence of segments that lies in
 * its first segment that has any of it; segment and offset move on to it. */
static u64 find_part(const struct virtio_segment **segment, u64 *offset,
                     u64 count)
{
    while (*offset >= (*segment)->size) {
        *offset -= (*segment)->size;
        (*segment)++;
    }
    return least(count, (*segment)->size - *offset);
}

void queue_load(const struct virtio *v, u64 offset, void *bytes, u64 count)
{
    const struct virtio_segment *segment = v->s.chain.segment;
    u8 *to = bytes;

    while (count) {
        u64 part = find_part(&segment, &offset, count);

        load(v, segment->pa + offset, to, part);
        to += part;
        offset += part;
        count -= part;
    }
}

void queue_store(const struct virtio *v, u64 offset, const void *bytes,
                 u64 count)
{
    const struct virtio_segment *segment =
        v->s.chain.segment + v->s.chain.readable;
    const u8 *from = bytes;

    while (count) {
        u64 part = find_part(&segment, &offset, count);

        store(v, segment->pa + offset, from, part);
        from += part;
        offset += part;
        count -= part;
    }
}
