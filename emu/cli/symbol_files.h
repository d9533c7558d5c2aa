/*
 * The files that a --symbols names: one, or all linked ELF files for RISC-V
 * that lie in a folder. What else is in the folder is passed over; a single
 * file has to be what is wanted.
 */
#ifndef CLI_SYMBOL_FILES_H
#define CLI_SYMBOL_FILES_H

#include "cli/options.h"

/* Takes one file of an option. The path lives during the call only. Returns 0,
 * or -1 with error, which ends it. */
typedef int symbol_file_fn(void *self, const char *path,
                           const struct options_symbols *option,
                           enum rvemu_binary_kind kind,
                           struct rvemu_error *error);

/* Calls `call` for the file that an option names, or for each in its folder,
 * by name, that is a linked ELF file for 64-bit RISC-V. Returns 0, or -1 with
 * error: there is no such file, it is none of those, or the folder has none. */
int symbol_files_each(const struct options_symbols *option,
                      symbol_file_fn *call, void *self,
                      struct rvemu_error *error);

#endif
