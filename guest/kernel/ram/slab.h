/* Kernel memory in pieces smaller or larger than a frame. */
#ifndef RAM_SLAB_H
#define RAM_SLAB_H

#include "lib/types.h"

void slab_init(void);

/* `size` bytes aligned to the size class (32 … 2048) or to pages above;
 * contents undefined. NULL when memory is short. */
void *kmalloc(size_t size);

/* The same, zeroed. */
void *kzalloc(size_t size);

/* Takes back what kmalloc gave; NULL is allowed. */
void kfree(void *p);

/* Bytes that can be used behind `p`. */
size_t kmalloc_size(const void *p);

#endif
