/*
 * A screen that a viewer is painted on, and the window that has one: SDL's
 * events in, pixels out. Keys are all that the window knows of the viewer.
 */
#ifndef VIEW_WINDOW_H
#define VIEW_WINDOW_H

#include "view/keys.h"
#include "view/options.h"
#include "view/paint.h"

/* A screen: what is painted of a viewer, in a window or not. */
struct screen {
    struct canvas canvas;
    struct sheet sheet;
};

/* Gives the screen a size in pixels. Returns 0, or -1 with error. */
int screen_resize(struct screen *screen, int width, int height,
                  struct rvemu_error *error);
void screen_close(struct screen *screen);

/* Puts all that is to be seen on the sheet. */
void screen_lay_out(struct screen *screen, struct viewer *viewer);

/* Lays out and paints. */
void screen_draw(struct screen *screen, struct viewer *viewer);

/* Opens a window and does what its user wants, until that is to leave. Returns
 * 0, or -1 with error. */
int window_run(struct screen *screen, struct viewer *viewer,
               const struct view_options *options, struct rvemu_error *error);

#endif
