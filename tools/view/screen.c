/*
 * A screen, in a window or not; see window.h. Its height is that of a sheet, if
 * it is wide enough for a board; else its width is.
 */
#include <math.h>
#include <stdlib.h>

#include "view/layout.h"
#include "view/window.h"

#define WIDTH_LEAST 1100.0 /* units: what the board needs */

int screen_resize(struct screen *s, int width, int height,
                  struct rvemu_error *error)
{
    uint32_t *pixel = realloc(s->canvas.pixel,
                              (size_t)width * (size_t)height * sizeof(*pixel));

    if (!pixel)
        return rvemu_error_set(error, "no memory for a picture");
    s->canvas.pixel = pixel;
    s->canvas.width = width;
    s->canvas.height = height;
    s->canvas.scale = fmin(height / SHEET_HEIGHT, width / WIDTH_LEAST);
    s->sheet.width = width / s->canvas.scale;
    s->sheet.measure = paint_measure;
    s->sheet.arg = &s->canvas;
    return 0;
}

void screen_close(struct screen *s)
{
    sheet_free(&s->sheet);
    free(s->canvas.pixel);
}

static void cover(struct screen *s, enum theme theme)
{
    uint32_t ground = theme_colour(theme, INK_GROUND);

    s->canvas.theme = theme;
    for (size_t i = 0; i < (size_t)s->canvas.width * (size_t)s->canvas.height;
         i++)
        s->canvas.pixel[i] = 0xff000000 | ground;
}

void screen_say(struct screen *s, enum theme theme, const char *line)
{
    sheet_clear(&s->sheet);
    sheet_text(&s->sheet, s->sheet.width / 2, SHEET_HEIGHT / 2, ANCHOR_MIDDLE,
               22, INK_DIM, "%s", line);
    cover(s, theme);
    paint_sheet(&s->canvas, &s->sheet);
}

void screen_lay_out(struct screen *s, struct viewer *viewer)
{
    struct layout layout = {
        .sheet = &s->sheet,
        .picture = &viewer->picture,
        .source = viewer->source,
        .view = &viewer->view,
    };

    layout_screen(&layout);
}

void screen_draw(struct screen *s, struct viewer *viewer)
{
    cover(s, viewer->view.theme);
    screen_lay_out(s, viewer);
    paint_sheet(&s->canvas, &s->sheet);
}
