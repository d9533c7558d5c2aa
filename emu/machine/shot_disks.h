/*
 * The disks of a snapshot: what was written over an image (snapshot=on) is in
 * it; of the image itself only its size and a checksum, by which another one,
 * or one that has been written since, is told from it.
 */
#ifndef MACHINE_SHOT_DISKS_H
#define MACHINE_SHOT_DISKS_H

#include <rvemu/virtio.h>

#include "base/error.h"
#include "machine/sections.h"

/* Hands out the sections of all disks that are plugged in. Returns 0, or -1
 * with error: an image cannot be read, put() could not, or memory is lacking.
 */
int shot_disks_save(const struct rvemu_virtio *virtio, section_fn *put,
                    void *self, struct rvemu_error *error);

/* The first slot whose disk is written to for good; RVEMU_VIRTIO_SLOTS: none
 * is. */
unsigned shot_disks_lasting(const struct rvemu_virtio *virtio);

/* Whether these are the disks. Returns 0, or -1 with error. */
int shot_disks_check(const struct rvemu_virtio *virtio,
                     const struct sections *sections,
                     struct rvemu_error *error);

/* Puts what was written over them there again. Returns 0, or -1 with error. */
int shot_disks_load(const struct rvemu_virtio *virtio,
                    const struct sections *sections, struct rvemu_error *error);

#endif
