/* Split virtqueues in guest memory; see queue.c. */
#ifndef DEV_VIRTIO_QUEUE_H
#define DEV_VIRTIO_QUEUE_H

#include "dev/virtio/virtio.h"

enum queue_take {
    QUEUE_EMPTY,
    QUEUE_TAKEN,
    QUEUE_BROKEN /* what is there makes no sense */
};

/* Takes the next chain of a queue that is set up into virtio->s.chain. Nothing
 * in memory changes. */
enum queue_take queue_take(struct virtio *virtio, unsigned queue);

/* Gives the chain back with that length, says which one is awaited next, and
 * tells whether the driver wants an interrupt of it in *interrupt. False: the
 * used ring is not in RAM. */
bool queue_put(struct virtio *virtio, u32 length, bool *interrupt);

/* Bytes of the chain that the device may read, or write. */
u64 queue_readable(const struct virtio_chain *chain);
u64 queue_writable(const struct virtio_chain *chain);

/* Copies bytes out of the readable part of the chain, or into the writable
 * one, from an offset in it on: the part has them. */
void queue_load(const struct virtio *virtio, u64 offset, void *bytes,
                u64 count);
void queue_store(const struct virtio *virtio, u64 offset, const void *bytes,
                 u64 count);

#endif
