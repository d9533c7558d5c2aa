/* Puts firmware, kernel, initrd and device tree into RAM. (rvemu_guess(), which
 * says what an image is: rvemu/image.h.) */
#ifndef MACHINE_LOADER_H
#define MACHINE_LOADER_H

#include <rvemu/rvemu.h>

#include "base/error.h"
#include "base/types.h"
#include "bus/bus.h"
#include "dev/rom.h"
#include "machine/guest_symbols.h"
#include "machine/memmap.h"

/* The machine that is being loaded. */
struct loader_machine {
    struct bus *bus; /* its RAM is zero */
    struct rom *rom; /* receives the code that every hart starts in */
    unsigned harts;
    bool aclint; /* of the machine's config */
    u64 seed;
    u64 isa; /* the extensions of each hart */
};

/* The guest as it was loaded. */
struct loader_result {
    enum rvemu_as as;
    u64 start; /* where the ROM jumps: the firmware's or M-mode guest's entry */
    u64 has_start; /* a bit for each hart that starts elsewhere: */
    u64 hart_start[MEMMAP_HARTS_MAX];
    struct guest_symbols symbols;
    u8 *device_tree; /* as it was loaded; the caller's to free() */
    size_t device_tree_size;
};

/* Loads guest. A firmware given as memory is the bundled one, for which the
 * device tree reserves its memory; one from a file does that by itself.
 * Returns 0, or -1 with error; then RAM is in no useful state. */
int loader_load(const struct loader_machine *machine,
                const struct rvemu_guest *guest, struct loader_result *result,
                struct rvemu_error *error);

#endif
