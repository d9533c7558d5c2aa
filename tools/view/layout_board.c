/*
 * The blackboard on the sheet; see layout.h. Pages stand outside, frames in the
 * middle: what both map in its middle, what one has alone on that one's side.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/layout.h"
#include "view/leaves.h"

#define TOP 132.0
#define ROWS_TOP 184.0
#define BOTTOM 496.0
#define CHIP 44.0   /* another process */
#define RIGHTS 82.0 /* the room for a permission */
#define SINGLE_MOST 112.0
#define GROUP_MOST 68.0

/* The measures of a board of some width. */
struct measures {
    double page, frame, gap; /* widths */
    double single, group;    /* heights of rows */
};

static double within(double value, double least, double most)
{
    return value < least ? least : value > most ? most : value;
}

static struct measures measure(const struct layout *l)
{
    const struct board *b = &l->picture->board;
    double parts = 0, part;
    struct measures m = {
        .page = within(l->width * (l->width < 1000 ? 0.155 : 0.185), 110, 300),
        .gap = within(l->width * 0.023, 12, 44),
    };

    m.frame =
        (l->width - 2 * (LAYOUT_MARGIN + 24 + m.page + RIGHTS) - 2 * m.gap) / 3;
    m.frame = within(m.frame, 60, 190);

    for (unsigned i = 0; i < b->rows; i++)
        parts += b->row[i].is_single ? 3 : 2;
    part = parts > 0 ? (BOTTOM - ROWS_TOP) / parts : 0;
    m.single = within(3 * part, 0, SINGLE_MOST);
    m.group = within(2 * part, 0, GROUP_MOST);
    return m;
}

/* The middle of a row. */
static double row_y(const struct layout *l, unsigned row)
{
    const struct board *b = &l->picture->board;
    struct measures m = measure(l);
    double y = ROWS_TOP;

    for (unsigned i = 0; i < row; i++)
        y += b->row[i].is_single ? m.single : m.group;
    return y + (b->row[row].is_single ? m.single : m.group) / 2;
}

static double row_height(const struct layout *l, unsigned row)
{
    struct measures m = measure(l);

    return l->picture->board.row[row].is_single ? m.single - 12 : m.group - 10;
}

void layout_frame_at(const struct layout *l, unsigned row,
                     enum snap_place place, double *x, double *y, double *w,
                     double *h)
{
    struct measures m = measure(l);

    *w = m.frame;
    *h = row_height(l, row);
    *x = l->width / 2 - m.frame / 2 +
         ((int)place - PLACE_HOME) * (m.frame + m.gap);
    *y = row_y(l, row) - *h / 2;
}

static double page_x(const struct layout *l, unsigned side)
{
    double page = measure(l).page;

    return side == BOARD_LEFT ? LAYOUT_MARGIN + 12
                              : l->width - LAYOUT_MARGIN - 12 - page;
}

/* ---- what has changed ---- */

static bool page_changed(const struct picture *p, unsigned row, unsigned side)
{
    const struct snap_page *now = &p->now.row[row].page[side];
    const struct snap_page *before = &p->before.row[row].page[side];
    uint64_t seen = ~(uint64_t)(PTE_A | PTE_D);

    if (!p->has_before || p->now.lives[side] != p->before.lives[side])
        return false;
    if (!p->board.row[row].is_single)
        return now->pages != before->pages || now->writable != before->writable;
    return now->is_mapped != before->is_mapped ||
           (now->pte & seen) != (before->pte & seen);
}

static bool frame_is_new(const struct picture *p, unsigned row, unsigned place)
{
    return p->has_before && p->board.row[row].is_single &&
           p->now.row[row].frame[place].is_there &&
           !p->before.row[row].frame[place].is_there;
}

static bool value_changed(const struct picture *p, unsigned row, unsigned place)
{
    const struct snap_frame *now = &p->now.row[row].frame[place];
    const struct snap_frame *before = &p->before.row[row].frame[place];

    return p->has_before && now->has_value && before->has_value &&
           now->ppn == before->ppn && now->value != before->value;
}

/* Whether the moment shown is one of this kind on this page. */
static bool is_about(const struct picture *p, const struct survey *s,
                     enum moment_kind kind, unsigned row, unsigned side)
{
    const struct moment *m = &s->moment[p->moment];

    return p->at_moment && m->kind == kind &&
           m->space == p->board.process[side] && p->board.row[row].is_single &&
           p->board.row[row].va == (m->va & ~(LEAVES_PAGE - 1));
}

static bool is_faulting(const struct picture *p, const struct survey *s,
                        unsigned row, unsigned side)
{
    return is_about(p, s, MOMENT_FAULT, row, side);
}

static bool is_mistaken(const struct picture *p, const struct survey *s,
                        unsigned row, unsigned side)
{
    return is_about(p, s, MOMENT_FINDING, row, side);
}

/* ---- selection ---- */

static bool is_picked_page(const struct layout *l, unsigned row, unsigned side)
{
    const struct hit *pick = &l->view->pick;
    const struct snap_row *r = &l->picture->now.row[row];

    if (pick->kind == HIT_NONE || pick->row != row)
        return false;
    if (pick->kind == HIT_FRAME)
        return r->page[side].is_mapped &&
               (l->picture->board.row[row].is_single
                    ? r->leads[side] == pick->place
                    : r->frame[pick->place].rights[side] != 0);
    return (pick->kind == HIT_PAGE || pick->kind == HIT_SLOT) &&
           pick->place == side;
}

static bool is_picked_frame(const struct layout *l, unsigned row,
                            unsigned place)
{
    const struct hit *pick = &l->view->pick;
    const struct snap_row *r = &l->picture->now.row[row];

    if (pick->row != row)
        return false;
    if (pick->kind == HIT_FRAME)
        return pick->place == place;
    return (pick->kind == HIT_PAGE || pick->kind == HIT_SLOT) &&
           l->picture->board.row[row].is_single &&
           r->page[pick->place].is_mapped && r->leads[pick->place] == place;
}

/* ---- mappings ---- */

struct mapping {
    unsigned row, side;
    enum snap_place place;
    const char *rights;
    const char *old; /* "": the same as before, or nothing */
    enum ink ink;
    double width;
    bool is_new, stops;
};

/* The permission, on the line, next to its page. */
static void put_rights(struct layout *l, const struct mapping *m, double x,
                       double y)
{
    struct sheet *s = l->sheet;
    double w = 62, h = 28, step = m->side == BOARD_LEFT ? 1 : -1;
    bool writes = m->rights[1] == 'w';
    enum ink rim = m->stops    ? INK_STOP
                   : m->is_new ? INK_NEW
                   : writes    ? INK_WRITE
                               : INK_LINE;
    struct sheet_item *text;

    x += step * (w / 2 + 10);
    if (m->old[0]) {
        text = sheet_text(s, x, y - 20, ANCHOR_MIDDLE, 15, INK_FAINT, "%s",
                          m->old);
        text->mono = true;
        text->struck = true;
    }
    sheet_box(s, x - w / 2, y - h / 2, w, h,
              m->is_new ? INK_GLOW
              : writes  ? INK_WRITE
                        : INK_GROUND,
              rim, m->is_new || m->stops ? 2.5 : 1.5)
        ->round = 14;
    text = sheet_text(s, x, y + 7, ANCHOR_MIDDLE, 19,
                      m->is_new ? INK_NEW
                      : writes  ? INK_GROUND
                                : INK_TEXT,
                      "%s", m->rights);
    text->mono = true;
    text->bold = writes || m->is_new;
}

static void put_mapping(struct layout *l, const struct mapping *m)
{
    struct sheet *s = l->sheet;
    double x, y, w, h, from = page_x(l, m->side), at = row_y(l, m->row), to;
    bool left = m->side == BOARD_LEFT;

    layout_frame_at(l, m->row, m->place, &x, &y, &w, &h);
    from += left ? measure(l).page : 0;
    to = left ? x - 2 : x + w + 2;
    sheet_line(s, from, at, to, at, m->ink, m->width);
    if (m->stops) {
        double cross = to + (left ? -26 : 26);

        sheet_mark(s, MARK_CIRCLE, cross, at, 15, INK_GROUND)->stroke =
            INK_STOP;
        sheet_mark(s, MARK_CROSS, cross, at, 8, INK_STOP);
        if (l->picture->stored[0])
            sheet_text(s, cross + (left ? -24 : 24), at - 12,
                       left ? ANCHOR_END : ANCHOR_START, 22, INK_STOP, "%s",
                       l->picture->stored)
                ->bold = true;
    } else {
        sheet_mark(s, MARK_CIRCLE, to, at, m->width > 4 ? 6 : 4, m->ink);
    }
    if (m->rights[0])
        put_rights(l, m, from, at);
}

/* Where a page led before, and leads no more. */
static void put_old_mapping(struct layout *l, unsigned row, unsigned side)
{
    const struct picture *p = l->picture;
    const struct snap_row *now = &p->now.row[row], *old = &p->before.row[row];
    double x, y, w, h, page = page_x(l, side), at = row_y(l, row);
    bool left = side == BOARD_LEFT;
    struct sheet_item *curve;

    if (!old->page[side].is_mapped ||
        (now->page[side].is_mapped && now->leads[side] == old->leads[side]))
        return;
    layout_frame_at(l, row, old->leads[side], &x, &y, &w, &h);
    page += left ? measure(l).page : 0;
    x += left ? 0.25 * w : 0.75 * w;
    page += left ? 76 : -76;
    curve = sheet_line(l->sheet, page, at + 4, x, y + h, INK_NEW, 2);
    curve->kind = SHEET_CURVE;
    curve->dashed = true;
    curve->cx = page + (left ? 10 : -10);
    curve->cy = y + h + 12;
    curve->cx2 = x;
    curve->cy2 = y + h + 12;
}

static void put_single_mapping(struct layout *l, unsigned row, unsigned side)
{
    const struct picture *p = l->picture;
    const struct snap_page *now = &p->now.row[row].page[side];
    const struct snap_page *before = &p->before.row[row].page[side];
    bool changed = page_changed(p, row, side);
    bool stops = is_faulting(p, &l->source->survey, row, side);
    char rights[4] = "", old[4] = "";
    struct mapping m = {row,    side,    p->now.row[row].leads[side],
                        rights, old,     INK_LINE,
                        2.5,    changed, stops};

    if (changed && before->is_mapped)
        put_old_mapping(l, row, side);
    if (!now->is_mapped)
        return;
    pte_rights(now->pte, rights);
    if (changed && before->is_mapped)
        pte_rights(before->pte, old);
    if (!strcmp(rights, old))
        old[0] = '\0';
    if (now->pte & PTE_W) {
        m.ink = INK_WRITE;
        m.width = 6;
    }
    if (changed) {
        m.ink = INK_NEW;
        m.width = now->pte & PTE_W ? 6 : 3;
    }
    if (stops) {
        m.ink = INK_STOP;
        m.width = 4;
    }
    if (is_picked_page(l, row, side)) {
        m.ink = INK_PICK;
        m.width += 2;
    }
    put_mapping(l, &m);
}

/* The pages of a group lead to frames in two places at most. */
static void put_group_mapping(struct layout *l, unsigned row, unsigned side)
{
    const struct picture *p = l->picture;
    static const enum snap_place own[] = {PLACE_LEFT, PLACE_RIGHT};
    const struct snap_frame *frame = p->now.row[row].frame;
    uint64_t shared = frame[PLACE_HOME].rights[side];
    uint64_t alone = frame[own[side]].rights[side];
    bool changed = page_changed(p, row, side);
    char rights[4];
    struct mapping m = {row,      side, PLACE_HOME, rights, "",
                        INK_LINE, 1.5,  changed,    false};

    if (shared) {
        pte_rights(shared, rights);
        if (alone)
            rights[0] = '\0';
        m.is_new = changed && !alone;
        m.ink = is_picked_page(l, row, side) ? INK_PICK
                : m.is_new                   ? INK_NEW
                : shared & PTE_W             ? INK_WRITE
                                             : INK_LINE;
        m.width = shared & PTE_W ? 4 : 1.5;
        put_mapping(l, &m);
    }
    if (!alone)
        return;
    pte_rights(alone, rights);
    m.place = own[side];
    m.is_new = changed;
    m.ink = changed ? INK_NEW : alone & PTE_W ? INK_WRITE : INK_LINE;
    m.width = alone & PTE_W ? 4 : 1.5;
    put_mapping(l, &m);
}

/* ---- boxes ---- */

static void put_page(struct layout *l, unsigned row, unsigned side)
{
    const struct picture *p = l->picture;
    const struct board_row *r = &p->board.row[row];
    const struct snap_page *now = &p->now.row[row].page[side];
    double x = page_x(l, side), h = row_height(l, row), y = row_y(l, row);
    double w = measure(l).page;
    bool changed = page_changed(p, row, side);
    bool stops = is_faulting(p, &l->source->survey, row, side) ||
                 is_mistaken(p, &l->source->survey, row, side);
    bool picked = is_picked_page(l, row, side);
    struct sheet_item *box;

    box = sheet_box(l->sheet, x, y - h / 2, w, h,
                    now->is_mapped ? INK_BOX : INK_NONE,
                    stops     ? INK_STOP
                    : picked  ? INK_PICK
                    : changed ? INK_NEW
                              : INK_EDGE,
                    stops || changed || picked ? 2.5 : 1);
    box->dashed = !now->is_mapped;
    box->hit = (struct hit){.kind = HIT_PAGE, .row = row, .place = side};
    sheet_fit(l->sheet, x + 14, y + (r->is_single ? 7 : 6), ANCHOR_START,
              r->is_single ? 21 : 17, 12, w - (r->is_single ? 28 : 70),
              !now->is_mapped ? INK_FAINT
              : r->is_single  ? INK_TEXT
                              : INK_DIM,
              r->is_single, false, r->label);
    if (!r->is_single && now->pages > 1)
        sheet_text(l->sheet, x + w - 14, y + 6, ANCHOR_END, 17, INK_DIM, "×%u",
                   now->pages)
            ->mono = true;
}

static void put_value(struct layout *l, unsigned row, unsigned place, double x,
                      double y, double w, double room)
{
    const struct picture *p = l->picture;
    const struct snap_frame *now = &p->now.row[row].frame[place];
    const struct snap_frame *before = &p->before.row[row].frame[place];
    bool changed = value_changed(p, row, place);
    double size = w < 100 ? 20 : 28, width;
    char text[32], old[32];
    struct sheet_item *item;

    if (!now->has_value)
        return;
    snap_value(&p->board.row[row], now->value, text);
    sheet_fit(l->sheet, x + w - 13, y + 10, ANCHOR_END, size, 10, room,
              changed      ? INK_NEW
              : now->users ? INK_TEXT
                           : INK_FAINT,
              true, true, text);
    width = sheet_width_of(l->sheet, text, size, true, true);
    snap_value(&p->board.row[row], before->value, old);
    if (!changed || p->board.row[row].is_text ||
        width + 10 + sheet_width_of(l->sheet, old, 17, false, true) > room)
        return;
    item = sheet_text(l->sheet, x + w - 22 - width, y + 8, ANCHOR_END, 17,
                      INK_DIM, "%s", old);
    item->mono = true;
    item->struck = true;
}

static void put_frame(struct layout *l, unsigned row, unsigned place)
{
    struct picture *p = l->picture;
    const struct board_row *r = &p->board.row[row];
    const struct snap_frame *now = &p->now.row[row].frame[place];
    bool fresh = frame_is_new(p, row, place);
    bool bright = fresh || value_changed(p, row, place);
    bool picked = is_picked_frame(l, row, place);
    double x, y, w, h;
    char name[8];
    struct sheet_item *box;

    if (!now->is_there)
        return;
    layout_frame_at(l, row, place, &x, &y, &w, &h);
    if (!r->is_single && now->pages > 1)
        sheet_box(l->sheet, x + 4, y - 4, w, h, INK_BOX, INK_EDGE, 1);
    box = sheet_box(l->sheet, x, y, w, h, bright ? INK_GLOW : INK_BOX,
                    picked   ? INK_PICK
                    : bright ? INK_NEW
                             : INK_RIM,
                    picked || bright ? 3 : 1.5);
    box->dashed = r->is_single && !now->users;
    box->hit = (struct hit){.kind = HIT_FRAME, .row = row, .place = place};
    if (!r->is_single) {
        if (now->pages > 1)
            sheet_text(l->sheet, x + w / 2, y + h / 2 + 6, ANCHOR_MIDDLE, 18,
                       INK_DIM, "×%u", now->pages)
                ->mono = true;
        return;
    }
    board_letter(&p->board, now->ppn, name);
    sheet_text(l->sheet, x + 14, y + h / 2 + 11, ANCHOR_START,
               w < 100 ? 22 : 30,
               bright       ? INK_NEW
               : now->users ? INK_TEXT
                            : INK_FAINT,
               "%s", name)
        ->bold = true;
    put_value(l, row, place, x, y + h / 2, w, w - (w < 100 ? 38 : 50));
}

/* From the frame that was copied to its copy. */
static void put_copy(struct layout *l, unsigned row)
{
    double x, y, w, h, x2, y2;

    for (unsigned place = PLACE_LEFT; place < PLACES; place += 2) {
        bool right = place == PLACE_RIGHT;

        if (!frame_is_new(l->picture, row, place) ||
            !l->picture->now.row[row].frame[PLACE_HOME].is_there)
            continue;
        layout_frame_at(l, row, PLACE_HOME, &x, &y, &w, &h);
        layout_frame_at(l, row, place, &x2, &y2, &w, &h);
        sheet_line(l->sheet, right ? x + w + 3 : x - 3, y + h / 2,
                   right ? x2 - 10 : x2 + w + 10, y + h / 2, INK_NEW, 5);
        sheet_mark(l->sheet, MARK_RIGHT, right ? x2 - 9 : x2 + w + 9, y + h / 2,
                   right ? 8 : -8, INK_NEW);
    }
}

/* ---- processes ---- */

static void put_process(struct layout *l, unsigned side)
{
    const struct survey *s = &l->source->survey;
    const struct board *b = &l->picture->board;
    const struct process *p = survey_find((struct survey *)s, b->process[side]);
    double x = page_x(l, side), w = measure(l).page, at;
    bool lives = l->picture->now.lives[side];
    bool born =
        lives && l->picture->has_before && !l->picture->before.lives[side];
    const char *role;
    char name[48];
    struct sheet_item *box;

    if (!p)
        return;
    box = sheet_box(l->sheet, x - 12, TOP, w + 24, BOTTOM - TOP + 6,
                    lives ? INK_PANEL : INK_NONE, born ? INK_NEW : INK_EDGE,
                    born ? 2.5 : 1);
    box->round = 12;
    box->dashed = !lives;
    picture_process(s, p->number, name, sizeof(name));
    sheet_text(l->sheet, x + 2, TOP + 33, ANCHOR_START, 24,
               lives ? INK_TEXT : INK_FAINT, "%s", name)
        ->bold = true;
    at = x + 12 + sheet_width_of(l->sheet, name, 24, true, false);
    if (lives && l->picture->now.runs[side]) {
        sheet_mark(l->sheet, MARK_RIGHT, x + w - 10, TOP + 25, 9, INK_TEXT);
        w -= 26;
    }
    role = p->parent && p->parent == b->process[BOARD_LEFT] ? "child"
           : b->process[BOARD_RIGHT]                        ? "parent"
                                                            : p->name;
    if (sheet_width_of(l->sheet, role, 12, false, false) < x + w - at)
        sheet_fit(l->sheet, at, TOP + 33, ANCHOR_START, 17, 11, x + w - at,
                  INK_DIM, false, false, role);
}

/* The others that live, small, in the middle over the frames: a click on one
 * makes it large. */
static void put_others(struct layout *l)
{
    const struct snap *now = &l->picture->now;
    unsigned shown = now->lives[BOARD_LEFT] + now->lives[BOARD_RIGHT];
    unsigned others = now->living > shown ? now->living - shown : 0;
    unsigned chips = others < SNAP_OTHERS ? others : SNAP_OTHERS;
    double x = l->width / 2 - (chips + (others > chips)) * CHIP / 2;

    if (!others)
        sheet_text(l->sheet, l->width / 2, TOP + 32, ANCHOR_MIDDLE, 17,
                   INK_FAINT, "frames");
    for (unsigned i = 0; i < chips; i++, x += CHIP) {
        const struct process *p =
            survey_find((struct survey *)&l->source->survey, now->other[i]);
        struct sheet_item *box = sheet_box(l->sheet, x + 2, TOP + 12, CHIP - 4,
                                           28, INK_PANEL, INK_EDGE, 1);

        box->hit = (struct hit){.kind = HIT_PROCESS, .moment = now->other[i]};
        sheet_text(
            l->sheet, x + CHIP / 2, TOP + 32, ANCHOR_MIDDLE, 15, INK_DIM,
            "%llu",
            (unsigned long long)(p && p->has_pid ? p->pid : now->other[i]));
    }
    if (others > chips)
        sheet_text(l->sheet, x + 6, TOP + 32, ANCHOR_START, 15, INK_FAINT,
                   "+%u", others - chips);
}

void layout_board(struct layout *l)
{
    const struct board *b = &l->picture->board;

    for (unsigned side = 0; side < BOARD_SIDES; side++)
        put_process(l, side);
    put_others(l);
    for (unsigned row = 0; row < b->rows; row++)
        for (unsigned side = 0; side < BOARD_SIDES; side++) {
            if (!l->picture->now.lives[side])
                continue;
            if (b->row[row].is_single)
                put_single_mapping(l, row, side);
            else
                put_group_mapping(l, row, side);
        }
    for (unsigned row = 0; row < b->rows; row++) {
        for (unsigned side = 0; side < BOARD_SIDES; side++)
            if (l->picture->now.lives[side])
                put_page(l, row, side);
        for (unsigned place = 0; place < PLACES; place++)
            put_frame(l, row, place);
        put_copy(l, row);
    }
}
