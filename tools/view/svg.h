/*
 * The painter of SVG: a sheet as an element of a page, in the sheet's own
 * units.
 *
 * It takes the same items as the painter of pixels (paint.h). A text is as wide
 * as the sheet measured it, whatever letters a reader's browser has.
 */
#ifndef VIEW_SVG_H
#define VIEW_SVG_H

#include <stdio.h>

#include "view/theme.h"

/* Writes the part of a sheet between two heights. Texts that stand outside are
 * left out; what else does is cut off. */
void svg_sheet(FILE *out, const struct sheet *sheet, enum theme theme,
               double top, double bottom);

/* Writes a text that HTML and XML read as it is. What is not UTF-8, or no
 * character of theirs, becomes U+FFFD. */
void svg_text(FILE *out, const char *text);

#endif
