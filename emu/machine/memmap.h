/*
 * Where RAM is, and how many harts there may be, as on QEMU's virt machine.
 * Where the devices are, says virt.def.
 */
#ifndef MACHINE_MEMMAP_H
#define MACHINE_MEMMAP_H

#define MEMMAP_RAM_BASE 0x80000000ull
/* The device tree and the initrd stay below this, where 32-bit DMA and a
 * kernel's first page tables reach. */
#define MEMMAP_LOW_END 0xc0000000ull

#define MEMMAP_HARTS_MAX 8

#endif
