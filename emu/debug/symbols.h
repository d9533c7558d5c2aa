/* Symbols of an ELF file that is open already; see rvemu/symbols.h. */
#ifndef DEBUG_SYMBOLS_H
#define DEBUG_SYMBOLS_H

#include <gelf.h>

#include <rvemu/symbols.h>

#include "base/types.h"

/* Adds its symbols; name is for messages. Returns 0, or -1 with error: it is
 * no ELF file, or memory is lacking. */
int symbols_add_elf(struct rvemu_symbols *symbols, Elf *elf, const char *name,
                    u64 bias, struct rvemu_error *error);

#endif
