/* The kernel's half of every address space. */
#ifndef RAM_KMAP_H
#define RAM_KMAP_H

#include "lib/types.h"

/* Builds the kernel's own tables over RAM up to `ram_end` and the devices,
 * and starts to use them. */
void kmap_init(u64 ram_start, u64 ram_end);

/* Physical address of the kernel's root table. */
u64 kmap_root(void);

/* Fills the upper half of a new root table. */
void kmap_copy(u64 *root);

#endif
