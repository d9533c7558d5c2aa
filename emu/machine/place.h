/*
 * RAM as it is filled before a machine starts: every piece takes its range,
 * and nothing may lie over anything else. RAM is zero at first, so what a
 * segment has beyond its bytes needs no clearing.
 */
#ifndef MACHINE_PLACE_H
#define MACHINE_PLACE_H

#include "base/error.h"
#include "base/types.h"
#include "bus/bus.h"
#include "machine/image.h"

/* A range of RAM that is taken. */
struct place {
    u64 start, end;
    const char *name;
};

/* All zero but for ram: nothing is taken. */
struct places {
    const struct ram *ram;
    struct place *place; /* places_free() frees them */
    unsigned count, room;
};

/* Says why [pa, pa + size) is not all in RAM of ram_size bytes, if it is not:
 * -1 with error, which calls it `name`. */
int place_check(const char *name, u64 pa, u64 size, u64 ram_size,
                struct rvemu_error *error);

/* Takes a segment's range, or those of a layout, and copies the bytes there.
 * The name is kept. Returns 0, or -1 with error. */
int places_fill(struct places *places, const char *name,
                const struct segment *segment, struct rvemu_error *error);
int places_fill_layout(struct places *places, const char *name,
                       const struct layout *layout, struct rvemu_error *error);

/* Copies the bytes over whatever is there. */
int places_patch(struct places *places, const char *name,
                 const struct segment *segment, struct rvemu_error *error);

void places_free(struct places *places);

#endif
