/* Lines that fit a terminal. */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include <stdio.h>

/* Writes a line of UTF-8 with SGR sequences in it, broken so that no part is
 * wider than this many columns, unless a word is. It breaks at spaces, and
 * beside Chinese characters, which are two columns wide; what follows a break
 * is indented, behind RVEMU_EXPLAIN_GUTTER if the line begins with that, and
 * keeps its accent. No newline is written behind the last part. */
void wrap_line(FILE *out, const char *line, unsigned columns);

#endif
