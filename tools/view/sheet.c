/* Items of a sheet; see sheet.h. */
#include "view/sheet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/record.h"

static struct sheet_item nowhere;

void sheet_clear(struct sheet *s)
{
    for (size_t i = 0; i < s->items; i++)
        free(s->item[i].text);
    s->items = 0;
}

void sheet_free(struct sheet *s)
{
    sheet_clear(s);
    free(s->item);
    s->item = NULL;
    s->room = 0;
}

static struct sheet_item *add(struct sheet *s, enum sheet_kind kind)
{
    struct sheet_item *grown =
        record_grow(s->item, s->items, &s->room, sizeof(*s->item));

    if (!grown) {
        s->failed = true;
        return &nowhere;
    }
    s->item = grown;
    s->item[s->items] = (struct sheet_item){.kind = kind};
    return &s->item[s->items++];
}

struct sheet_item *sheet_box(struct sheet *s, double x, double y, double w,
                             double h, enum ink fill, enum ink stroke,
                             double width)
{
    struct sheet_item *item = add(s, SHEET_BOX);

    item->x = x;
    item->y = y;
    item->w = w;
    item->h = h;
    item->round = 7;
    item->fill = fill;
    item->stroke = stroke;
    item->width = width;
    return item;
}

struct sheet_item *sheet_line(struct sheet *s, double x, double y, double x2,
                              double y2, enum ink stroke, double width)
{
    struct sheet_item *item = add(s, SHEET_LINE);

    item->x = x;
    item->y = y;
    item->x2 = x2;
    item->y2 = y2;
    item->stroke = stroke;
    item->width = width;
    return item;
}

struct sheet_item *sheet_mark(struct sheet *s, enum sheet_mark mark, double x,
                              double y, double half, enum ink fill)
{
    struct sheet_item *item = add(s, SHEET_MARK);

    item->mark = mark;
    item->x = x;
    item->y = y;
    item->w = half;
    item->fill = fill;
    return item;
}

struct sheet_item *sheet_text(struct sheet *s, double x, double y,
                              enum sheet_anchor anchor, double size,
                              enum ink fill, const char *format, ...)
{
    struct sheet_item *item = add(s, SHEET_TEXT);
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    item->x = x;
    item->y = y;
    item->anchor = anchor;
    item->size = size;
    item->fill = fill;
    if (item != &nowhere)
        item->text = strdup(text);
    return item;
}

double sheet_width_of(const struct sheet *s, const char *text, double size,
                      bool bold, bool mono)
{
    return s->measure(s->arg, text, size, bold, mono);
}

/* Takes the last character off, whole. */
static void chop(char *text)
{
    size_t length = strlen(text);

    while (length && (text[length - 1] & 0xc0) == 0x80)
        length--;
    if (length)
        text[length - 1] = '\0';
}

struct sheet_item *sheet_fit(struct sheet *s, double x, double y,
                             enum sheet_anchor anchor, double size,
                             double least, double most, enum ink fill,
                             bool bold, bool mono, const char *text)
{
    struct sheet_item *item;
    char cut[1024], shown[1032];

    snprintf(cut, sizeof(cut), "%s", text);
    snprintf(shown, sizeof(shown), "%s", cut);
    while (size > least && sheet_width_of(s, shown, size, bold, mono) > most)
        size -= 1;
    while (cut[0] && sheet_width_of(s, shown, size, bold, mono) > most) {
        chop(cut);
        snprintf(shown, sizeof(shown), "%s…", cut);
    }
    item = sheet_text(s, x, y, anchor, size, fill, "%s", shown);
    item->bold = bold;
    item->mono = mono;
    return item;
}

struct hit sheet_hit(const struct sheet *s, double x, double y)
{
    for (size_t i = s->items; i-- > 0;) {
        const struct sheet_item *item = &s->item[i];
        double near = item->w + 6;

        if (item->hit.kind == HIT_NONE)
            continue;
        if (item->kind == SHEET_BOX && x >= item->x && y >= item->y &&
            x < item->x + item->w && y < item->y + item->h)
            return item->hit;
        if (item->kind == SHEET_MARK && x >= item->x - near &&
            x < item->x + near && y >= item->y - near && y < item->y + near)
            return item->hit;
    }
    return (struct hit){.kind = HIT_NONE};
}
