/* A small read-only memory: the boot ROM. See rom.c. */
#ifndef DEV_ROM_H
#define DEV_ROM_H

#include "base/plain.h"
#include "dev/device.h"

#define ROM_BYTES 256 /* multiple of 8 */

PLAIN_BEGIN
struct rom_state {
    u8 bytes[ROM_BYTES]; /* from offset 0; the rest of the range reads 0 */
};
PLAIN_END

struct rom {
    struct rom_state s;
};

extern const struct device_kind rom_device;

#endif
