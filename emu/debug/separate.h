/*
 * The separate file that has the debug information of a stripped one, where
 * GDB looks for it too ("Separate Debug Files" in its manual):
 *
 *   note .note.gnu.build-id, bytes ab cdef…: ROOT/.build-id/ab/cdef….debug
 *   section .gnu_debuglink, a name and the CRC-32 of the file so called:
 *     DIR/NAME, DIR/.debug/NAME, ROOT/DIR/NAME, for a file in the folder DIR
 *
 * Only these places are looked at: nothing is fetched from a server.
 */
#ifndef DEBUG_SEPARATE_H
#define DEBUG_SEPARATE_H

#include "debug/elf_source.h"

#define SEPARATE_ROOT "/usr/lib/debug"

/* Opens the file that belongs to `of`, whose *path, to be freed by free(),
 * lives as long as it is open. False: there is none. */
bool separate_open(const struct elf_source *of, const char *root,
                   struct elf_source *found, char **path);

#endif
