/*
 * DWARF: which line of the source an address comes from, and which variable
 * it lies in. Versions 2 to 5, compressed or not; of split DWARF the lines,
 * which are in the main file.
 *
 * Nothing is read before it is asked for: opening makes a sorted table of the
 * address ranges of all compilation units, the first look-up in a unit decodes
 * its line table, which libdw keeps, and each look-up is two binary searches.
 * Addresses are those that the file is linked for.
 */
#ifndef DEBUG_LINES_H
#define DEBUG_LINES_H

#include "base/map.h"
#include "debug/elf_source.h"
#include "debug/libdw.h"

/* A range of a compilation unit's code. */
struct unit {
    u64 start;
    u64 end; /* first address behind it */
    Dwarf_Off die;
};

struct lines {
    struct libdw dw;
    Dwarf *dwarf;
    struct unit *unit; /* by start */
    size_t count;
    size_t room;
    struct map joined; /* paths, owned, by where libdw has the relative ones */
};

/* Reads the DWARF of an ELF file, by the module of that name; source is to be
 * closed behind lines. Returns 0, or -1 with error and nothing to close: there
 * is no such module, or the DWARF cannot be read. */
int lines_open(struct lines *lines, const struct elf_source *source,
               const char *module, struct rvemu_error *error);

/* Closes them; all zero is not open. */
void lines_close(struct lines *lines);

/* Whether the code at this address belongs to a unit that has DWARF. */
bool lines_cover(const struct lines *lines, u64 address);

/* Finds the line of the instruction at an address. *path is that of the source
 * file as the compiler was told it, behind the compiler's folder if it is
 * relative, and lives as long as lines. False: no line is known. */
bool lines_find(struct lines *lines, u64 address, const char **path,
                unsigned *line);

#endif
