/*
 * An event as a line, as emu -d prints it: with the symbol of its pc, if the
 * trace knows it.
 */
#ifndef TRACE_EVENT_LINE_H
#define TRACE_EVENT_LINE_H

#include "trace/source.h"

#define EVENT_LINE_MAX 768 /* bytes that hold any line */

/* Writes the line of the event that the source gave last, with a newline. */
void event_line_put(FILE *out, const struct source *source);

/* Writes it to EVENT_LINE_MAX bytes, without a newline. */
void event_line_format(char *line, const struct source *source);

#endif
