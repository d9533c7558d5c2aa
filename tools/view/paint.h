/*
 * The painter: a sheet as pixels. It paints into memory by itself, smoothly and
 * the same on every display and on none; SDL only has the letters drawn.
 */
#ifndef VIEW_PAINT_H
#define VIEW_PAINT_H

#include <stdint.h>

#include "view/fonts.h"
#include "view/theme.h"

struct canvas {
    uint32_t *pixel; /* 0xffRRGGBB, row by row */
    int width, height;
    double scale; /* pixels a unit */
    struct fonts *fonts;
    enum theme theme;
};

/* Paints all of a sheet. */
void paint_sheet(struct canvas *canvas, const struct sheet *sheet);

/* A sheet's measure: `arg` is the canvas. */
double paint_measure(void *arg, const char *text, double size, bool bold,
                     bool mono);

/* Writes the canvas to a PNG file. Returns 0, or -1 with error. */
int paint_write(const struct canvas *canvas, const char *path,
                struct rvemu_error *error);

#endif
