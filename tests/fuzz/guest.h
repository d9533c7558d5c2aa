/*
 * Guests that no one would write: an M-mode program of random instructions,
 * random page tables and random register values, the same for the same seed.
 * Whatever goes wrong in it goes to a handler that sets everything anew and
 * returns to a random place in a random mode.
 */
#ifndef FUZZ_GUEST_H
#define FUZZ_GUEST_H

#include "base/types.h"

/* The next number of a sequence, 44 bits of it good. */
u64 guest_roll(u64 *dice);

/* Makes the guest of a seed: an ELF file, the caller's to free(). NULL when
 * memory is lacking. */
u8 *guest_make(u64 seed, size_t *size);

#endif
