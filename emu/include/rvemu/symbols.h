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
#ifndef RVEMU_SYMBOLS_H
#define RVEMU_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include <rvemu/error.h>
#include <rvemu/image.h>

struct rvemu_symbols;

/* Makes a set without symbols; NULL when memory is lacking. */
struct rvemu_symbols *rvemu_symbols_new(void);

/* Frees the set with all its names. NULL is none. */
void rvemu_symbols_free(struct rvemu_symbols *symbols);

/* Adds the symbols of an ELF file, or of an ELF image in memory; either may go
 * afterwards. One without symbols adds none and is no error. Returns 0, or -1
 * with error: it cannot be read, is no ELF file, or memory is lacking. */
int rvemu_symbols_add(struct rvemu_symbols *symbols,
                      const struct rvemu_image *image, uint64_t bias,
                      struct rvemu_error *error);

/* The name of the symbol that holds address, and in *offset how many bytes
 * behind its start that is; NULL for none. The name lives as long as symbols,
 * a struct rvemu_symbols: the type is that of rvemu_symbol_fn. */
const char *rvemu_symbols_find(void *symbols, uint64_t address,
                               uint64_t *offset);

/* The address of the symbol that has this name. Returns 0; 1: none has; 2:
 * several have, at several addresses, and none of them is more than the others:
 * a global one is more than a local one. */
int rvemu_symbols_address(const struct rvemu_symbols *symbols, const char *name,
                          uint64_t *address);

/* The next name that begins with these letters, in the order of addresses;
 * *at, 0 to begin with, goes behind it. NULL: there are no more. It lives as
 * long as symbols. */
const char *rvemu_symbols_next(const struct rvemu_symbols *symbols,
                               const char *begins, size_t *at);

#endif
