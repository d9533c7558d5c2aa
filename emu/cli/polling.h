/*
 * What a loop waits for: the address that it reads over and over.
 */
#ifndef CLI_POLLING_H
#define CLI_POLLING_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the instruction at pc; returns its length in bytes, 0 when it cannot be
 * read. */
typedef unsigned polling_read_fn(void *arg, uint64_t pc, uint32_t *insn);

/* Whether the code at pc is a short loop without a call that comes back to pc
 * and reads memory at one place, of which *va is the address. x holds the 32
 * registers as they are at pc. Where the loop computes the address anew, or
 * reads at several places, there is no answer. An AMO and an lr come before
 * plain loads. */
bool polling_find(polling_read_fn *read, void *arg, uint64_t pc,
                  const uint64_t x[32], uint64_t *va);

#endif
