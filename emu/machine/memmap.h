/* Where everything is: the physical map of QEMU's virt machine. */
#ifndef MACHINE_MEMMAP_H
#define MACHINE_MEMMAP_H

#include "base/types.h"

enum memmap_device {
    MEMMAP_ROM,
    MEMMAP_TEST,
    MEMMAP_RTC,
    MEMMAP_CLINT,
    MEMMAP_PLIC,
    MEMMAP_UART,
    MEMMAP_DEVICES
};

struct memmap_entry {
    u64 base;
    u64 size;
    unsigned irq; /* PLIC source; 0 for none */
    const char *name;
};

extern const struct memmap_entry memmap[MEMMAP_DEVICES];

#define MEMMAP_RAM_BASE 0x80000000ull
/* The device tree and the initrd stay below this, where 32-bit DMA and a
 * kernel's first page tables reach. */
#define MEMMAP_LOW_END 0xc0000000ull

#define MEMMAP_HARTS_MAX 8
#define MEMMAP_UART_HZ 3686400u

#endif
