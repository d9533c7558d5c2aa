/* Random bytes: for AT_RANDOM, getrandom and /dev/urandom. */
#ifndef LIB_RANDOM_H
#define LIB_RANDOM_H

#include "lib/types.h"

/* Starts the sequence from /chosen/rng-seed; without one it is always the
 * same. */
void random_init(const void *seed, u32 len);

void random_fill(void *buf, size_t n);

#endif
