/*
 * Names for addresses, from the symbol tables of ELF files.
 *
 * Several images can be added (firmware, kernel), each with a bias that is
 * added to its addresses: a kernel linked for virtual addresses runs at
 * physical ones until it turns translation on. Functions, objects and the
 * labels of assembler count; a name reaches to the end its symbol states, one
 * without a size to the next symbol or the end of its section. ELF
 * specification, "Symbol Table".
 */
#ifndef DEBUG_SYMBOLS_H
#define DEBUG_SYMBOLS_H

#include <rvemu/rvemu.h>

#include "base/error.h"
#include "base/types.h"

struct symbols;

/* Returns NULL when memory is lacking. */
struct symbols *symbols_new(void);
void symbols_free(struct symbols *symbols);

/* Adds the symbols of an ELF file, or of an ELF image in memory; either may go
 * afterwards. One without symbols adds none and is no error. Returns 0, or -1
 * with *error filled. */
int symbols_add(struct symbols *symbols, const struct rvemu_image *image,
                u64 bias, struct rvemu_error *error);

/* The name of the symbol that holds address, and how far behind its start
 * that is; NULL for none. The name lives as long as symbols, a struct symbols:
 * the type is that of rvemu_symbol_fn. */
const char *symbols_find(void *symbols, u64 address, u64 *offset);

#endif
