/* An event as a line, as emu -d prints it. See lines.c. */
#ifndef TRACE_LINES_H
#define TRACE_LINES_H

#include "trace/source.h"

#define LINES_MAX 768 /* bytes that hold any line */

/* Writes the line of the event that the source gave last, with a newline. */
void lines_put(FILE *out, const struct source *source);

/* Writes it to LINES_MAX bytes, without a newline. */
void lines_format(char *line, const struct source *source);

#endif
