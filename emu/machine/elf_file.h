/*
 * ELF files in memory, read by libelf: what those who ask such a file about
 * different things have in common. ELF specification, "Symbol Table".
 */
#ifndef MACHINE_ELF_FILE_H
#define MACHINE_ELF_FILE_H

#include <gelf.h>

#include "machine/image.h"

/* The ELF file that an image is, or NULL: see elf_errmsg(). What is no ELF
 * file may give one of another elf_kind(). It ends with elf_end(), before the
 * image does. */
Elf *elf_file_open(const struct image *image);

/* Gets a symbol that has a name; both live as long as the ELF file. Returns
 * whether to go on. */
typedef bool elf_symbol_fn(void *self, Elf *elf, const GElf_Sym *symbol,
                           const char *name);

/* Calls `call` for each entry of the symbol tables (SHT_SYMTAB), in order.
 * Returns whether it was called for all. */
bool elf_file_symbols(Elf *elf, elf_symbol_fn *call, void *self);

#endif
