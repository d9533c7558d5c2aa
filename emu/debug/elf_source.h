/*
 * An ELF file that stays open, so that libelf reads of it what is asked for
 * and nothing else: a file by its path, or the caller's memory.
 */
#ifndef DEBUG_ELF_SOURCE_H
#define DEBUG_ELF_SOURCE_H

#include <gelf.h>

#include <rvemu/image.h>

#include "base/error.h"
#include "base/types.h"

struct elf_source {
    const char *name; /* for messages */
    const char *path; /* where the file is, or NULL */
    Elf *elf;
    int fd; /* -1: memory */
};

/* Opens what image names; its path, and memory, must stay valid. Returns 0, or
 * -1 with error and nothing to close: it cannot be read, or is no ELF file. */
int elf_source_open(struct elf_source *source, const struct rvemu_image *image,
                    struct rvemu_error *error);

/* Closes it; one that is all zero is not open. */
void elf_source_close(struct elf_source *source);

/* Finds the section of that name that has contents; NULL: there is none. */
Elf_Scn *elf_source_section(const struct elf_source *source, const char *name);

/* Whether the file has DWARF. */
bool elf_source_has_debug(const struct elf_source *source);

/* Whether its code was taken out, as objcopy --only-keep-debug does. */
bool elf_source_is_debug_only(const struct elf_source *source);

/* Whether the file has a table of symbols. */
bool elf_source_has_symbols(const struct elf_source *source);

#endif
