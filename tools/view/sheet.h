/*
 * A sheet: what is drawn, as boxes, lines, marks and texts with coordinates.
 *
 * Coordinates are in units; a sheet is 720 of them high, however many pixels
 * that is, and as wide as the window's shape says. What comes later lies above
 * what came before. A sheet knows no colours, only what they are for (ink).
 */
#ifndef VIEW_SHEET_H
#define VIEW_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#define SHEET_HEIGHT 720.0

enum ink {
    INK_NONE,
    INK_GROUND,
    INK_PANEL,
    INK_EDGE, /* of panels */
    INK_BOX,  /* pages and frames */
    INK_RIM,  /* of boxes */
    INK_TEXT,
    INK_DIM,   /* text that explains */
    INK_FAINT, /* what was, and what is not */
    INK_LINE,  /* a mapping without W */
    INK_WRITE, /* a mapping with W */
    INK_NEW,   /* what this step changed */
    INK_GLOW,  /* the inside of what it changed */
    INK_STOP,  /* a fault, a mistake */
    INK_PICK,  /* what is selected, and what belongs to it */
    INKS
};

enum sheet_kind { SHEET_BOX, SHEET_LINE, SHEET_CURVE, SHEET_MARK, SHEET_TEXT };
enum sheet_mark {
    MARK_CIRCLE,
    MARK_SQUARE,
    MARK_DIAMOND,
    MARK_UP,
    MARK_BAR,
    MARK_CROSS,
    MARK_RIGHT
};
enum sheet_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

/* What a part of the sheet stands for when it is clicked. */
enum hit_kind {
    HIT_NONE,
    HIT_PAGE,
    HIT_FRAME,
    HIT_SLOT,
    HIT_MOMENT,
    HIT_PROCESS
};

struct hit {
    enum hit_kind kind;
    unsigned row, place; /* place: a side or a snap_place */
    size_t moment; /* of HIT_MOMENT; of HIT_PROCESS the process's number */
};

struct sheet_item {
    enum sheet_kind kind;
    enum ink fill, stroke;
    double width; /* of the stroke */
    bool dashed;
    /* A box: its corner and size; a line: from x, y to x2, y2; a curve: the
     * same, and it leaves and arrives by cx, cy and cx2, cy2; a mark: its
     * middle and half its size, w; a text: its base line's start, middle or
     * end. */
    double x, y, w, h, round;
    double x2, y2, cx, cy, cx2, cy2;
    enum sheet_mark mark;
    enum sheet_anchor anchor;
    double size; /* of a text's letters */
    bool bold, mono, struck;
    char *text; /* owned */
    struct hit hit;
};

/* How wide a text is, in units. */
typedef double measure_fn(void *arg, const char *text, double size, bool bold,
                          bool mono);

struct sheet {
    double width;
    measure_fn *measure;
    void *arg;
    struct sheet_item *item;
    size_t items, room;
    bool failed; /* memory was lacking */
};

/* Drops all items. */
void sheet_clear(struct sheet *sheet);
void sheet_free(struct sheet *sheet);

/* Each adds an item and returns it, to be changed before the next is added;
 * where memory is lacking, one that is not drawn. */
struct sheet_item *sheet_box(struct sheet *sheet, double x, double y, double w,
                             double h, enum ink fill, enum ink stroke,
                             double width);
struct sheet_item *sheet_line(struct sheet *sheet, double x, double y,
                              double x2, double y2, enum ink stroke,
                              double width);
struct sheet_item *sheet_mark(struct sheet *sheet, enum sheet_mark mark,
                              double x, double y, double half, enum ink fill);
struct sheet_item *sheet_text(struct sheet *sheet, double x, double y,
                              enum sheet_anchor anchor, double size,
                              enum ink fill, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* The same, no wider than `most`: a text that is wider is made smaller, down to
 * `least`, and then cut off. */
struct sheet_item *sheet_fit(struct sheet *sheet, double x, double y,
                             enum sheet_anchor anchor, double size,
                             double least, double most, enum ink fill,
                             bool bold, bool mono, const char *text);

double sheet_width_of(const struct sheet *sheet, const char *text, double size,
                      bool bold, bool mono);

/* What lies at a point: of several the topmost. */
struct hit sheet_hit(const struct sheet *sheet, double x, double y);

#endif
