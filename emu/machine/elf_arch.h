/* The extensions that an ELF file was compiled for, by its attributes. */
#ifndef MACHINE_ELF_ARCH_H
#define MACHINE_ELF_ARCH_H

#include <rvemu/rvemu.h>

#include "base/error.h"
#include "base/types.h"

/* Whether harts with the extensions `isa` have all extensions of ext.def that
 * an image in memory was compiled for. An image without attributes, or one that
 * is no ELF file, runs on any hart. Returns 0, or -1 with a line that names the
 * image as `name` and the extensions it misses. */
int elf_arch_check(const struct rvemu_image *source, const char *name, u64 isa,
                   struct rvemu_error *error);

#endif
