/*
 * The entropy device (5.4): queue 0 has buffers to be filled with random
 * bytes.
 *
 * The bytes come from the run's seed and from nothing else, so that a run can
 * be had again: they are SplitMix64, as good as a test needs them and no secret
 * to anybody. A buffer longer than PIECE is filled so far, as the specification
 * allows.
 */
#include "base/bits.h"
#include "dev/virtio/queue.h"

#define RNG_ID 4
#define QUEUE_SIZE 8
#define PIECE 4096
#define REQUEST_NS 10000

static u64 features(const struct virtio *v)
{
    return 0;
}

static bool begin(struct virtio *v, u64 *ns)
{
    *ns = REQUEST_NS + least(queue_writable(&v->s.chain), PIECE);
    return true;
}

/* Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators. */
static u64 next(struct virtio_rng_state *s)
{
    u64 mixed = s->state += 0x9e3779b97f4a7c15;

    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
}

static u32 finish(struct virtio *v)
{
    u64 count = least(queue_writable(&v->s.chain), PIECE);
    u8 bytes[PIECE];

    for (u64 i = 0; i < count; i++)
        bytes[i] = (u8)next(&v->s.rng);
    queue_store(v, 0, bytes, count);
    return (u32)count;
}

/* Slots differ, and so do the bytes of several devices. */
static void power_on(struct virtio *v)
{
    v->s.rng.state = v->seed;
    v->s.rng.state = next(&v->s.rng);
}

const struct virtio_kind virtio_rng = {
    .id = RNG_ID,
    .queues = 1,
    .queue_size = {QUEUE_SIZE},
    .features = features,
    .power_on = power_on,
    .begin = begin,
    .finish = finish,
};
