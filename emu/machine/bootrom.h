/* The first instructions of every hart. See bootrom.c. */
#ifndef MACHINE_BOOTROM_H
#define MACHINE_BOOTROM_H

#include "base/types.h"
#include "dev/rom.h"

/* Guest-physical addresses that the ROM's code leads to. */
struct bootrom {
    u64 start;       /* firmware, or the M-mode guest */
    u64 device_tree; /* handed over in a1 */
    bool quiet;      /* asks the firmware for no messages */
    u64 next;        /* the S-mode kernel the firmware is to enter, or 0 */
};

void bootrom_fill(struct rom *rom, const struct bootrom *boot);

#endif
