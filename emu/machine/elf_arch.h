/* What harts an ELF file was compiled for, by its attributes. */
#ifndef MACHINE_ELF_ARCH_H
#define MACHINE_ELF_ARCH_H

#include <rvemu/rvemu.h>

#include "base/error.h"
#include "base/types.h"

/* Whether harts with the extensions `isa` have all that an image in memory was
 * compiled for, of what ext.def knows. An image that does not say it, or is no
 * ELF file, is content with any. Returns 0, or -1 with the line that names the
 * image as `name` and what it misses. */
int elf_arch_check(const struct rvemu_image *source, const char *name, u64 isa,
                   struct rvemu_error *error);

#endif
