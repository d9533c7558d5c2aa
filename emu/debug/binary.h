/*
 * The parts of a binary that its readers see beside rvemu/binary.h: how a
 * linked file is told from others, and which modules it goes by.
 */
#ifndef DEBUG_BINARY_H
#define DEBUG_BINARY_H

#include <rvemu/binary.h>

#include "debug/elf_source.h"

/* Where user programs end and kernels begin. */
#define BINARY_KERNEL_BASE 0x80000000u

/* The lowest address of a loadable segment. Returns 0, or -1 with error: not a
 * linked ELF file for 64-bit RISC-V, or one that loads nothing. */
int binary_check(const struct elf_source *source, u64 *low,
                 struct rvemu_error *error);

/* The same as rvemu_binary_new(), with another module in the place of libdw
 * and another folder in that of /usr/lib/debug; both must stay valid. */
struct rvemu_binary *binary_new(const struct rvemu_image *image,
                                const char *module, const char *root);

#endif
