/*
 * ELF files in memory, read by libelf: opening one and going through its
 * symbols, for elf_arch.c, guest_symbols.c and debug/. ELF specification,
 * "Symbol Table".
 */
#ifndef MACHINE_ELF_FILE_H
#define MACHINE_ELF_FILE_H

#include <gelf.h>

#include "machine/image.h"

/* Linux takes no file with more program headers than 64 KiB hold. */
#define ELF_FILE_SEGMENTS_MAX (0x10000 / sizeof(Elf64_Phdr))

/* Opens an image as an ELF file; NULL on failure, see elf_errmsg(). An image
 * that is no ELF file may open with another elf_kind(). elf_end() closes it,
 * before the image is closed. */
Elf *elf_file_open(const struct image *image);

/* Gets a symbol that has a name; both live as long as the ELF file. Returns
 * whether to go on. */
typedef bool elf_symbol_fn(void *self, Elf *elf, const GElf_Sym *symbol,
                           const char *name);

/* Calls `call` for each entry of the symbol table (SHT_SYMTAB), of which a file
 * has one, in order. Returns whether it was called for all. */
bool elf_file_symbols(Elf *elf, elf_symbol_fn *call, void *self);

#endif
