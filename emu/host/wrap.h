/* Lines that fit a terminal, and whether it wants them in colour. */
#ifndef HOST_WRAP_H
#define HOST_WRAP_H

#include <stdbool.h>
#include <stdio.h>

#define WRAP_COLUMNS_MAX 120 /* what an eye can follow */

/* Writes a line of UTF-8 with SGR sequences in it, broken so that no part is
 * wider than this many columns, unless a word is. It breaks at spaces, and
 * beside Chinese characters, which are two columns wide; what follows a break
 * is indented, behind RVEMU_EXPLAIN_GUTTER if the line begins with that, and
 * keeps its accent. No newline is written behind the last part. */
void wrap_line(FILE *out, const char *line, unsigned columns);

/* How wide lines may be on the terminal at fd now: as wide as that is, 80 where
 * it does not say, WRAP_COLUMNS_MAX at the most. 0: fd is none. */
unsigned wrap_columns(int fd);

/* Whether fd is a terminal, and NO_COLOR (no-color.org) is not set. */
bool wrap_color(int fd);

#endif
