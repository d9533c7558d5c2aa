/* Painting as SVG; see svg.h. Its shapes are those of paint.c. */
#include "view/svg.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define DASH 7.0     /* units, as in paint.c */
#define MARK_RIM 2.4 /* the stroke of a mark */

/* ---- texts ---- */

/* How long the character that begins here is in UTF-8 (RFC 3629, 4); 0: it is
 * none, or none that XML has. */
static size_t character(const char *text)
{
    const uint8_t *c = (const uint8_t *)text;
    uint32_t value = c[0];
    size_t length = c[0] < 0x80   ? 1
                    : c[0] < 0xc2 ? 0
                    : c[0] < 0xe0 ? 2
                    : c[0] < 0xf0 ? 3
                    : c[0] < 0xf5 ? 4
                                  : 0;

    if (length < 2)
        return c[0] < ' ' || c[0] == 0x7f ? 0 : length;
    value &= 0x7fu >> length;
    for (size_t i = 1; i < length; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (c[i] & 0x3fu);
    }
    if ((length == 3 && value < 0x800) || (length == 4 && value < 0x10000) ||
        value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ||
        (value & 0xfffe) == 0xfffe || (value >= 0x80 && value < 0xa0))
        return 0;
    return length;
}

void svg_text(FILE *out, const char *text)
{
    while (*text) {
        size_t length = character(text);

        if (!length)
            fputs("\xef\xbf\xbd", out);
        else if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '"')
            fputs("&quot;", out);
        else
            fwrite(text, 1, length, out);
        text += length ? length : 1;
    }
}

/* ---- shapes ---- */

static void put_ink(FILE *out, const char *name, enum theme theme, enum ink ink)
{
    if (ink == INK_NONE)
        fprintf(out, " %s=\"none\"", name);
    else
        fprintf(out, " %s=\"#%06x\"", name, (unsigned)theme_colour(theme, ink));
}

static void put_stroke(FILE *out, enum theme theme,
                       const struct sheet_item *item)
{
    if (item->stroke == INK_NONE || item->width <= 0)
        return;
    put_ink(out, "stroke", theme, item->stroke);
    fprintf(out, " stroke-width=\"%.1f\"", item->width);
    if (item->dashed)
        fprintf(out, " stroke-dasharray=\"%.0f\"", DASH);
}

static void put_box(FILE *out, enum theme theme, const struct sheet_item *item)
{
    fprintf(out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
            "rx=\"%.1f\"",
            item->x, item->y, fmax(item->w, 0), fmax(item->h, 0), item->round);
    put_ink(out, "fill", theme, item->fill);
    put_stroke(out, theme, item);
    fputs("/>\n", out);
}

static void put_line(FILE *out, enum theme theme, const struct sheet_item *item)
{
    fprintf(out, "<path d=\"M%.1f %.1f", item->x, item->y);
    if (item->kind == SHEET_CURVE)
        fprintf(out, "C%.1f %.1f %.1f %.1f %.1f %.1f\"", item->cx, item->cy,
                item->cx2, item->cy2, item->x2, item->y2);
    else
        fprintf(out, "L%.1f %.1f\"", item->x2, item->y2);
    fputs(" fill=\"none\"", out);
    put_stroke(out, theme, item);
    fputs("/>\n", out);
}

/* The corners of a mark whose half size is 1; 0: it is round. */
static unsigned corners_of(enum sheet_mark mark, const double (**corner)[2])
{
    static const double square[][2] = {
        {-0.88, -0.88}, {0.88, -0.88}, {0.88, 0.88}, {-0.88, 0.88}};
    static const double diamond[][2] = {
        {0, -1.2}, {1.2, 0}, {0, 1.2}, {-1.2, 0}};
    static const double up[][2] = {{0, -1.12}, {0.96, 0.8}, {-0.96, 0.8}};
    static const double bar[][2] = {{-0.4, -1}, {0.4, -1}, {0.4, 1}, {-0.4, 1}};
    static const double cross[][2] = {
        {0.42, 0},  {1, 0.58},  {1, 1},     {0.58, 1},   {0, 0.42}, {-0.58, 1},
        {-1, 1},    {-1, 0.58}, {-0.42, 0}, {-1, -0.58}, {-1, -1},  {-0.58, -1},
        {0, -0.42}, {0.58, -1}, {1, -1},    {1, -0.58}};
    static const double right[][2] = {{0.9, 0}, {-1, 0.95}, {-1, -0.95}};

#define CORNERS(array) \
    (*corner = (array), (unsigned)(sizeof(array) / sizeof((array)[0])))
    switch (mark) {
    case MARK_SQUARE: return CORNERS(square);
    case MARK_DIAMOND: return CORNERS(diamond);
    case MARK_UP: return CORNERS(up);
    case MARK_BAR: return CORNERS(bar);
    case MARK_CROSS: return CORNERS(cross);
    case MARK_RIGHT: return CORNERS(right);
    default: return 0;
    }
#undef CORNERS
}

static void put_mark(FILE *out, enum theme theme, const struct sheet_item *item)
{
    const double(*corner)[2] = NULL;
    unsigned corners = corners_of(item->mark, &corner);

    if (!corners)
        fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", item->x,
                item->y, fabs(item->w));
    else
        fputs("<polygon points=\"", out);
    for (unsigned i = 0; i < corners; i++)
        fprintf(out, "%s%.1f,%.1f", i ? " " : "",
                item->x + corner[i][0] * item->w,
                item->y + corner[i][1] * item->w);
    fputs(corners ? "\"" : "", out);
    put_ink(out, "fill", theme, item->fill);
    if (item->stroke != INK_NONE) {
        put_ink(out, "stroke", theme, item->stroke);
        fprintf(out, " stroke-width=\"%.1f\"", MARK_RIM);
    }
    fputs("/>\n", out);
}

static void put_text(FILE *out, const struct sheet *sheet, enum theme theme,
                     const struct sheet_item *item)
{
    static const char *const anchor[] = {"start", "middle", "end"};
    double width =
        sheet_width_of(sheet, item->text, item->size, item->bold, item->mono);
    double x = item->x - (item->anchor == ANCHOR_END      ? width
                          : item->anchor == ANCHOR_MIDDLE ? width / 2
                                                          : 0);

    fprintf(out,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" "
            "font-size=\"%.1f\" textLength=\"%.1f\"%s%s",
            item->x, item->y, anchor[item->anchor], item->size, width,
            item->bold ? " font-weight=\"bold\"" : "",
            item->mono ? " class=\"m\"" : "");
    put_ink(out, "fill", theme, item->fill);
    putc('>', out);
    svg_text(out, item->text);
    fputs("</text>\n", out);
    if (!item->struck)
        return;
    fprintf(out, "<path d=\"M%.1f %.1fL%.1f %.1f\"", x - 2, item->y,
            x + width + 2, item->y - 0.7 * item->size);
    put_ink(out, "stroke", theme, item->fill);
    fprintf(out, " stroke-width=\"%.1f\"/>\n", fmax(1.5, 0.1 * item->size));
}

void svg_sheet(FILE *out, const struct sheet *sheet, enum theme theme,
               double top, double bottom)
{
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
            "viewBox=\"0 %.0f %.0f %.0f\">\n",
            top, sheet->width, bottom - top);
    for (size_t i = 0; i < sheet->items; i++) {
        const struct sheet_item *item = &sheet->item[i];

        switch (item->kind) {
        case SHEET_BOX: put_box(out, theme, item); break;
        case SHEET_LINE:
        case SHEET_CURVE: put_line(out, theme, item); break;
        case SHEET_MARK: put_mark(out, theme, item); break;
        case SHEET_TEXT:
            if (item->text && item->text[0] && item->y > top &&
                item->y < bottom)
                put_text(out, sheet, theme, item);
            break;
        default: break;
        }
    }
    fputs("</svg>\n", out);
}
