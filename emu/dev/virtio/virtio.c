/* The life of requests; see virtio.h. */
#include "dev/virtio/virtio.h"

#include "base/bits.h"
#include "dev/virtio/queue.h"

#define ALIGN_DEFAULT 4096 /* legacy, where a driver does not say */

u64 virtio_offered(const struct virtio *v)
{
    return VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX |
           (v->modern ? VIRTIO_F_VERSION_1 : VIRTIO_F_NOTIFY_ON_EMPTY) |
           v->kind->features(v);
}

void virtio_update_irq(struct virtio *v)
{
    irq_set(&v->irq, v->s.interrupt != 0);
}

static void interrupt(struct virtio *v, u32 why)
{
    v->s.interrupt |= why;
    virtio_update_irq(v);
}

/* Drivers of version 1 are told (2.1.2); older ones know no such bit. */
static void break_device(struct virtio *v)
{
    v->s.broken = true;
    v->s.notified = 0;
    if (!(v->s.features & VIRTIO_F_VERSION_1))
        return;
    v->s.status |= VIRTIO_NEEDS_RESET;
    if (v->s.status & VIRTIO_DRIVER_OK)
        interrupt(v, VIRTIO_INTERRUPT_CONFIG);
}

/* Takes up the next chain of the queue; one that has none is left alone until
 * it is notified of again. */
static void take_up(struct virtio *v, unsigned queue)
{
    u64 ns;

    if (v->kind->is_ready && !v->kind->is_ready(v, queue)) {
        v->s.notified &= ~(1ull << queue);
        return;
    }
    switch (queue_take(v, queue)) {
    case QUEUE_EMPTY: v->s.notified &= ~(1ull << queue); return;
    case QUEUE_BROKEN: break_device(v); return;
    case QUEUE_TAKEN: break;
    }
    if (!v->kind->begin(v, &ns)) {
        break_device(v);
        return;
    }
    v->s.busy = true;
    clock_arm(v->clock, v->timer, clock_now(v->clock) + ns);
}

static void serve(struct virtio *v)
{
    while (v->s.notified && !v->s.busy)
        take_up(v, (unsigned)__builtin_ctzll(v->s.notified));
}

void virtio_notify(struct virtio *v, unsigned queue)
{
    if (queue >= v->kind->queues || !v->s.queue[queue].areas.desc ||
        v->s.broken)
        return;
    v->s.notified |= 1ull << queue;
    serve(v);
}

void virtio_due(void *owner, u64 now)
{
    struct virtio *v = owner;
    u32 length = v->kind->finish(v);
    bool wanted;

    v->s.busy = false;
    if (!queue_put(v, length, &wanted)) {
        break_device(v);
        return;
    }
    if (wanted)
        interrupt(v, VIRTIO_INTERRUPT_USED);
    serve(v);
}

static void drop(struct virtio *v)
{
    clock_disarm(v->clock, v->timer);
    v->s.busy = false;
}

void virtio_stop_queue(struct virtio *v, unsigned queue)
{
    struct virtio_queue *q = &v->s.queue[queue];

    if (v->s.busy && v->s.chain.queue == queue)
        drop(v);
    q->areas = (struct virtio_areas){0};
    q->taken = q->used = q->signalled = 0;
    q->has_signalled = false;
    q->ready = false;
    v->s.notified &= ~(1ull << queue);
    serve(v);
}

void virtio_reset(struct virtio *v)
{
    struct virtio_state *s = &v->s;

    drop(v);
    for (unsigned i = 0; i < v->kind->queues; i++)
        s->queue[i] = (struct virtio_queue){.size = v->kind->queue_size[i],
                                            .align = ALIGN_DEFAULT};
    s->features = 0;
    s->driver_features = 0;
    s->queue_select = 0;
    s->status = 0;
    s->interrupt = 0;
    s->broken = false;
    s->notified = 0;
    if (v->kind->reset)
        v->kind->reset(v);
    virtio_update_irq(v);
}

static bool are_queues_sound(const struct virtio *v)
{
    u64 there = v->kind->queues < 64 ? (1ull << v->kind->queues) - 1 : ~0ull;

    for (unsigned i = 0; i < v->kind->queues; i++)
        if (!v->s.queue[i].size || v->s.queue[i].size > VIRTIO_QUEUE_SIZE_MAX)
            return false;
    return !(v->s.notified & ~there);
}

static bool is_chain_sound(const struct virtio *v)
{
    const struct virtio_chain *chain = &v->s.chain;

    if (chain->queue >= v->kind->queues ||
        chain->count > VIRTIO_QUEUE_SIZE_MAX || chain->readable > chain->count)
        return false;
    for (u32 i = 0; i < chain->count; i++)
        if (!chain->segment[i].size ||
            !v->dma.has(v->dma.host, chain->segment[i].pa,
                        chain->segment[i].size))
            return false;
    return true;
}

bool virtio_is_sound(const void *device)
{
    const struct virtio *v = device;
    const struct virtio_state *s = &v->s;
    bool is_armed = clock_due(v->clock, v->timer) != CLOCK_NEVER;

    if (s->busy > 1 || s->busy != is_armed || s->page_shift > 31 ||
        (s->device_features_select | s->driver_features_select) > 1)
        return false;
    if (!v->kind)
        return !s->busy && !s->notified && !s->interrupt;
    return are_queues_sound(v) && (!s->busy || is_chain_sound(v)) &&
           (!v->kind->is_sound || v->kind->is_sound(v));
}
