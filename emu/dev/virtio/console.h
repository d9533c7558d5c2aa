/* The console device, to whom it is the line of: see console.c. */
#ifndef DEV_VIRTIO_CONSOLE_H
#define DEV_VIRTIO_CONSOLE_H

#include "dev/virtio/virtio.h"

/* Whether that device is such a one. */
bool virtio_is_console(const struct virtio *virtio);

/* Whether a byte that arrives now finds room, and a driver. */
bool virtio_console_can_receive(const struct virtio *virtio);

/* A byte arrives; there is room for it. Between slices. */
void virtio_console_receive(struct virtio *virtio, u8 byte);

#endif
