/*
 * Painting; see paint.h. A shape covers a pixel by as much as its edge is away
 * from the pixel's middle: half a pixel on either side is the edge.
 */
#include "view/paint.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <png.h>

#define DASH 7.0 /* units */
#define CURVE_PIECES 24

/* ---- pixels ---- */

static void blend(struct canvas *c, int x, int y, uint32_t colour, double cover)
{
    uint32_t *pixel, old, out = 0xff000000;

    if (x < 0 || y < 0 || x >= c->width || y >= c->height || cover <= 0)
        return;
    pixel = &c->pixel[(size_t)y * (size_t)c->width + (size_t)x];
    if (cover >= 1) {
        *pixel = 0xff000000 | colour;
        return;
    }
    old = *pixel;
    for (int shift = 0; shift <= 16; shift += 8) {
        double from = old >> shift & 255, to = colour >> shift & 255;

        out |= (uint32_t)(from + (to - from) * cover + 0.5) << shift;
    }
    *pixel = out;
}

/* How much of a pixel is within an edge that is so far outside of it. */
static double cover_of(double distance)
{
    return distance <= -0.5 ? 1 : distance >= 0.5 ? 0 : 0.5 - distance;
}

/* ---- boxes ---- */

/* How far a point lies outside of a box with round corners. */
static double box_distance(double x, double y, double w, double h, double round)
{
    double dx = fabs(x - w / 2) - (w / 2 - round);
    double dy = fabs(y - h / 2) - (h / 2 - round);
    double ox = dx > 0 ? dx : 0, oy = dy > 0 ? dy : 0;
    double inside = dx > dy ? dx : dy;

    return sqrt(ox * ox + oy * oy) + (inside < 0 ? inside : 0) - round;
}

/* Whether a point on the rim of a box lies in a gap of its dashes. */
static bool in_gap(double x, double y, double w, double h, double dash)
{
    double along = (y < 2 || y > h - 2) ? x : y;

    if (y >= 2 && y <= h - 2 && x >= 2 && x <= w - 2)
        along = fmin(x, w - x) < fmin(y, h - y) ? y : x;
    return fmod(along, 2 * dash) >= dash;
}

static void paint_box(struct canvas *c, const struct sheet_item *item)
{
    double k = c->scale, x0 = item->x * k, y0 = item->y * k, w = item->w * k;
    double h = item->h * k, half = item->width * k / 2;
    double round = fmin(item->round * k, fmin(w, h) / 2);
    uint32_t fill = theme_colour(c->theme, item->fill);
    uint32_t stroke = theme_colour(c->theme, item->stroke);

    for (int y = (int)floor(y0 - half - 1); y <= (int)(y0 + h + half + 1); y++)
        for (int x = (int)floor(x0 - half - 1); x <= (int)(x0 + w + half + 1);
             x++) {
            double px = x + 0.5 - x0, py = y + 0.5 - y0;
            double far = box_distance(px, py, w, h, round);

            if (item->fill != INK_NONE)
                blend(c, x, y, fill, cover_of(far));
            if (item->stroke != INK_NONE && half > 0 && fabs(far) < half + 1 &&
                !(item->dashed && in_gap(px, py, w, h, DASH * k)))
                blend(c, x, y, stroke, cover_of(fabs(far) - half));
        }
}

/* ---- lines ---- */

struct point {
    double x, y;
};

/* How far a point lies from a piece of a line, and where along it. */
static double piece_distance(struct point p, struct point a, struct point b,
                             double *along)
{
    double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    double t = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    *along = t * sqrt(length);
    return hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/* A run of pieces as one shape: a pixel is covered by the nearest. */
static void paint_path(struct canvas *c, const struct point *path,
                       unsigned count, double width, uint32_t colour,
                       bool dashed)
{
    double half = width / 2, dash = DASH * c->scale;
    double low_x = 1e9, low_y = 1e9, high_x = -1e9, high_y = -1e9;

    for (unsigned i = 0; i < count; i++) {
        low_x = fmin(low_x, path[i].x);
        low_y = fmin(low_y, path[i].y);
        high_x = fmax(high_x, path[i].x);
        high_y = fmax(high_y, path[i].y);
    }
    for (int y = (int)(low_y - half - 1); y <= (int)(high_y + half + 1); y++)
        for (int x = (int)(low_x - half - 1); x <= (int)(high_x + half + 1);
             x++) {
            struct point p = {x + 0.5, y + 0.5};
            double best = 1e9, place = 0, start = 0, along;

            for (unsigned i = 0; i + 1 < count; i++) {
                double far = piece_distance(p, path[i], path[i + 1], &along);

                if (far < best) {
                    best = far;
                    place = start + along;
                }
                start +=
                    hypot(path[i + 1].x - path[i].x, path[i + 1].y - path[i].y);
            }
            if (!dashed || fmod(place, 2 * dash) < dash)
                blend(c, x, y, colour, cover_of(best - half));
        }
}

static void paint_line(struct canvas *c, const struct sheet_item *item)
{
    double k = c->scale;
    struct point path[CURVE_PIECES + 1];
    unsigned pieces = item->kind == SHEET_CURVE ? CURVE_PIECES : 1;

    for (unsigned i = 0; i <= pieces; i++) {
        double t = (double)i / pieces, u = 1 - t;

        if (item->kind == SHEET_LINE)
            path[i] = (struct point){k * (item->x + t * (item->x2 - item->x)),
                                     k * (item->y + t * (item->y2 - item->y))};
        else
            path[i] = (struct point){
                k * (u * u * u * item->x + 3 * u * u * t * item->cx +
                     3 * u * t * t * item->cx2 + t * t * t * item->x2),
                k * (u * u * u * item->y + 3 * u * u * t * item->cy +
                     3 * u * t * t * item->cy2 + t * t * t * item->y2)};
    }
    paint_path(c, path, pieces + 1, item->width * k,
               theme_colour(c->theme, item->stroke), item->dashed);
}

/* ---- marks ---- */

/* How far a point lies outside of a mark whose half size is r. */
static double mark_distance(enum sheet_mark mark, double x, double y, double r)
{
    double turn = 0.70710678;

    switch (mark) {
    case MARK_CIRCLE: return hypot(x, y) - r;
    case MARK_SQUARE: return fmax(fabs(x), fabs(y)) - 0.88 * r;
    case MARK_DIAMOND: return (fabs(x) + fabs(y)) * turn - 0.85 * r;
    case MARK_UP:
        return fmax(fabs(x) * 0.894 - y * 0.447 - 0.5 * r, y - 0.8 * r);
    case MARK_BAR: return fmax(fabs(x) - 0.4 * r, fabs(y) - r);
    case MARK_CROSS:
        return fmax(fmin(fabs(x + y), fabs(x - y)) * turn - 0.3 * r,
                    fmax(fabs(x), fabs(y)) - r);
    case MARK_RIGHT:
        x = r < 0 ? -x : x;
        r = fabs(r);
        return fmax(fabs(y) * 0.894 + x * 0.447 - 0.4 * r, -x - r);
    default: return 1;
    }
}

static void paint_mark(struct canvas *c, const struct sheet_item *item)
{
    double k = c->scale, x0 = item->x * k, y0 = item->y * k, r = item->w * k;
    double reach = fabs(r) + 3 * k;
    uint32_t fill = theme_colour(c->theme, item->fill);
    uint32_t stroke = theme_colour(c->theme, item->stroke);

    for (int y = (int)(y0 - reach); y <= (int)(y0 + reach); y++)
        for (int x = (int)(x0 - reach); x <= (int)(x0 + reach); x++) {
            double far =
                mark_distance(item->mark, x + 0.5 - x0, y + 0.5 - y0, r);

            blend(c, x, y, fill, cover_of(far));
            if (item->stroke != INK_NONE)
                blend(c, x, y, stroke, cover_of(fabs(far) - 1.2 * k));
        }
}

/* ---- texts ---- */

static int pixels(const struct canvas *c, double size)
{
    return (int)(size * c->scale + 0.5);
}

static void paint_text(struct canvas *c, const struct sheet_item *item)
{
    int ascent, size = pixels(c, item->size);
    SDL_Surface *s;
    double x0 = item->x * c->scale;
    uint32_t colour = theme_colour(c->theme, item->fill);
    int left, top;

    if (!item->text)
        return;
    s = fonts_draw(c->fonts, item->text, size, item->bold, item->mono, &ascent);
    if (!s)
        return;
    if (item->anchor != ANCHOR_START)
        x0 -= item->anchor == ANCHOR_END ? s->w : s->w / 2.0;
    left = (int)floor(x0 + 0.5);
    top = (int)floor(item->y * c->scale + 0.5) - ascent;
    SDL_LockSurface(s);
    for (int y = 0; y < s->h; y++) {
        const uint32_t *row =
            (const void *)((const uint8_t *)s->pixels + y * s->pitch);

        for (int x = 0; x < s->w; x++)
            blend(c, left + x, top + y, colour, (row[x] >> 24) / 255.0);
    }
    SDL_UnlockSurface(s);
    if (item->struck) {
        double y = item->y * c->scale;
        struct point path[] = {{left - 2, y + 0.02 * size},
                               {left + s->w + 2, y - 0.7 * size}};

        paint_path(c, path, 2, fmax(1.5, 0.1 * size), colour, false);
    }
    SDL_FreeSurface(s);
}

double paint_measure(void *arg, const char *text, double size, bool bold,
                     bool mono)
{
    struct canvas *c = arg;

    return fonts_width(c->fonts, text, pixels(c, size), bold, mono) / c->scale;
}

void paint_sheet(struct canvas *c, const struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->items; i++) {
        const struct sheet_item *item = &sheet->item[i];

        switch (item->kind) {
        case SHEET_BOX: paint_box(c, item); break;
        case SHEET_LINE:
        case SHEET_CURVE: paint_line(c, item); break;
        case SHEET_MARK: paint_mark(c, item); break;
        case SHEET_TEXT: paint_text(c, item); break;
        default: break;
        }
    }
}

int paint_write(const struct canvas *c, const char *path,
                struct rvemu_error *error)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)c->width,
                       .height = (png_uint_32)c->height,
                       .format = PNG_FORMAT_BGRA};

    if (png_image_write_to_file(&image, path, 0, c->pixel, 0, NULL))
        return 0;
    return rvemu_error_set(error, "cannot write %s: %s", path,
                           errno ? strerror(errno) : image.message);
}
