/*
 * Letters: the system's sans-serif and monospaced fonts, found by fontconfig
 * and drawn by SDL2_ttf. EMU_VIEW_FONT and EMU_VIEW_MONO name files instead.
 */
#ifndef VIEW_FONTS_H
#define VIEW_FONTS_H

#include <stdbool.h>

#include <SDL2/SDL.h>

#include <rvemu/error.h>

struct fonts;

/* Finds the fonts. Returns 0, or -1 with error. */
int fonts_open(struct fonts **fonts, struct rvemu_error *error);
void fonts_close(struct fonts *fonts);

/* How wide a text is, in pixels, in letters of so many pixels; 0 when it cannot
 * be drawn. */
int fonts_width(struct fonts *fonts, const char *text, int size, bool bold,
                bool mono);

/* Draws a text in white on nothing; NULL when it cannot be drawn. The surface
 * is the caller's. *ascent: pixels from its top to the base line. */
SDL_Surface *fonts_draw(struct fonts *fonts, const char *text, int size,
                        bool bold, bool mono, int *ascent);

#endif
