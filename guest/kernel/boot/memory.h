/* From the device tree to a working frame allocator. */
#ifndef BOOT_MEMORY_H
#define BOOT_MEMORY_H

#include "lib/types.h"

struct boot_memory {
    u64 ram_start;
    u64 ram_end;   /* end of the RAM that the kernel reaches */
    u64 ram_above; /* bytes of RAM beyond that */
    u64 initrd;    /* physical; size 0: none */
    u64 initrd_size;
};

/* Finds RAM and the parts of it that are in use, starts the allocator with the
 * others, and switches to the kernel's own page tables. */
void memory_init(u64 dtb_pa, struct boot_memory *out);

#endif
