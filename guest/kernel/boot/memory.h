/* From the device tree to a working frame allocator. */
#ifndef BOOT_MEMORY_H
#define BOOT_MEMORY_H

#include "lib/types.h"

struct boot_memory {
    u64 ram_start;
    u64 ram_end;   /* of what the kernel reaches */
    u64 ram_above; /* bytes that it does not */
    u64 initrd;    /* physical; size 0: none */
    u64 initrd_size;
};

/* Finds RAM and what is already in it, starts the allocator with the rest,
 * and switches to the kernel's own page tables. */
void memory_init(u64 dtb_pa, struct boot_memory *out);

#endif
