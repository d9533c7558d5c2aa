/*
 * Colours of the viewer. What matters differs in lightness, too, so that it can
 * be told apart in grey, and blue, orange and red are those of Okabe and Ito,
 * which most eyes tell apart.
 */
#ifndef VIEW_THEME_H
#define VIEW_THEME_H

#include <stdint.h>

#include "view/sheet.h"

enum theme { THEME_DARK, THEME_LIGHT, THEMES };

/* An ink's colour as 0xRRGGBB. */
uint32_t theme_colour(enum theme theme, enum ink ink);

#endif
