/*
 * Read-only memory as a device range: what is in `bytes`, then zeros.
 *
 * Loads and instruction fetches of any size are served; a store is an access
 * fault, since nothing real would come of it. The machine fills `bytes`
 * before it starts.
 */
#include "dev/rom.h"

static bool rom_read(void *device, u64 offset, unsigned size, u64 *value)
{
    const struct rom *rom = device;

    *value = 0;
    /* Offsets are multiples of the size, so an access never straddles. */
    for (unsigned i = 0; i < size && offset < ROM_BYTES; i++)
        *value |= (u64)rom->s.bytes[offset + i] << 8 * i;
    return true;
}

static const struct mmio_ops ops = {.read = rom_read};

const struct device_kind rom_device = {
    .name = "rom",
    .size = sizeof(struct rom),
    .state = offsetof(struct rom, s),
    .state_size = sizeof(struct rom_state),
    .code = offsetof(struct rom, s.bytes),
    .code_size = ROM_BYTES,
    .ops = &ops,
};
