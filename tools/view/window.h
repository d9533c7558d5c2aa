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

/* One line, in the middle. */
void screen_say(struct screen *screen, enum theme theme, const char *line);

struct window;

/* What is seen while a run is surveyed: nothing, if that is soon over; then a
 * window with a line. */
struct waiting {
    struct screen *screen;
    const struct view_options *options;
    struct window *window; /* NULL: there is none yet */
    uint32_t since, shown; /* ms */
    bool quits;            /* its user has had enough */
};

/* Of a struct waiting, for struct survey_watch. */
bool window_wait(void *waiting, uint64_t count, bool of_events);

/* Closes its window, if it has one. */
void window_close(struct waiting *waiting);

/* Opens a window, if `waiting` has none, and does what its user wants, until
 * that is to leave. Returns 0, or -1 with error. */
int window_run(struct waiting *waiting, struct viewer *viewer,
               struct rvemu_error *error);

#endif
