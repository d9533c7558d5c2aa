/*
 * The memory map, a row a device. Addresses, sizes and interrupt numbers are
 * those of QEMU's virt machine, so that its kernels boot unchanged; RAM
 * follows at MEMMAP_RAM_BASE. The device tree and the wiring both read this
 * table and nothing else states an address.
 */
#include "machine/memmap.h"

const struct memmap_entry memmap[MEMMAP_DEVICES] = {
    [MEMMAP_ROM] = {0x00001000, 0x0000f000, 0, "rom"},
    [MEMMAP_TEST] = {0x00100000, 0x00001000, 0, "test"},
    [MEMMAP_RTC] = {0x00101000, 0x00001000, 11, "rtc"},
    [MEMMAP_CLINT] = {0x02000000, 0x00010000, 0, "clint"},
    [MEMMAP_PLIC] = {0x0c000000, 0x00600000, 0, "plic"},
    [MEMMAP_UART] = {0x10000000, 0x00000100, 10, "uart"},
};
