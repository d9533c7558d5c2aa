/*
 * The two strips under the blackboard; see layout.h: the TLB, a slot for each
 * page of a variable and each of the two processes, and the timeline, a mark
 * for each moment.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/layout.h"
#include "view/leaves.h"

#define TLB_TOP 520.0
#define TLB_HEIGHT 54.0
#define NAMED 2.5 /* moments on either side whose words are written */
#define LINE_Y 630.0

/* ---- the TLB ---- */

/* A stale entry still leads to where it did. */
static void put_stale(struct layout *l, unsigned row, unsigned side, double x)
{
    const struct snap_row *r = &l->picture->now.row[row];
    uint64_t ppn = pte_ppn(r->slot[side].entry.pte);
    double fx, fy, fw, fh;

    for (unsigned place = 0; place < PLACES; place++) {
        struct sheet_item *line;

        if (!r->frame[place].is_there || r->frame[place].ppn != ppn)
            continue;
        layout_frame_at(l, row, place, &fx, &fy, &fw, &fh);
        line = sheet_line(l->sheet, x, TLB_TOP, fx + fw / 2, fy + fh, INK_STOP,
                          2.5);
        line->dashed = true;
        return;
    }
}

static void put_slot(struct layout *l, unsigned row, unsigned side, double x,
                     double w)
{
    struct picture *p = l->picture;
    const struct snap_slot *now = &p->now.row[row].slot[side];
    const struct snap_slot *old = &p->before.row[row].slot[side];
    bool changed =
        p->has_before && (now->is_full != old->is_full ||
                          (now->is_full && (now->entry.pte ^ old->entry.pte) &
                                               ~(uint64_t)(PTE_A | PTE_D)));
    const struct hit *pick = &l->view->pick;
    bool picked =
        (pick->kind == HIT_SLOT || pick->kind == HIT_PAGE ||
         pick->kind == HIT_FRAME) &&
        pick->row == row && now->is_full &&
        (pick->kind != HIT_FRAME ? pick->place == side
                                 : pte_ppn(now->entry.pte) ==
                                       p->now.row[row].frame[pick->place].ppn);
    char name[8], rights[4];
    struct sheet_item *item;

    if (now->is_full && now->is_stale)
        put_stale(l, row, side, x + w / 2);
    item = sheet_box(l->sheet, x, TLB_TOP, w, TLB_HEIGHT,
                     now->is_full ? INK_BOX : INK_NONE,
                     now->is_stale ? INK_STOP
                     : picked      ? INK_PICK
                     : changed     ? INK_NEW
                                   : INK_EDGE,
                     changed || now->is_stale || picked ? 2.5 : 1);
    item->dashed = !now->is_full || now->is_stale;
    item->hit = (struct hit){.kind = HIT_SLOT, .row = row, .place = side};
    if (!now->is_full && !(changed && old->is_full))
        return;
    sheet_fit(l->sheet, x + 10, TLB_TOP + 20, ANCHOR_START, 15, 9, w - 20,
              now->is_full ? INK_DIM : INK_FAINT, false, false,
              p->board.row[row].label);
    board_letter(&p->board,
                 pte_ppn(now->is_full ? now->entry.pte : old->entry.pte), name);
    pte_rights(now->is_full ? now->entry.pte : old->entry.pte, rights);
    item = sheet_text(l->sheet, x + w - 10, TLB_TOP + 44, ANCHOR_END, 21,
                      !now->is_full   ? INK_FAINT
                      : now->is_stale ? INK_STOP
                      : changed       ? INK_NEW
                                      : INK_TEXT,
                      "%s %s", name, rights);
    item->mono = true;
    item->bold = changed && now->is_full;
    item->struck = !now->is_full;
}

void layout_tlb(struct layout *l)
{
    const struct picture *p = l->picture;
    unsigned singles = 0, at = 0;
    double left = LAYOUT_MARGIN + 58, w, half;

    for (unsigned row = 0; row < p->board.rows; row++)
        singles += p->board.row[row].is_single;
    sheet_text(l->sheet, LAYOUT_MARGIN, TLB_TOP + 34, ANCHOR_START, 18, INK_DIM,
               p->now.harts > 1 ? "TLB %u" : "TLB", p->now.tlb_hart);
    if (!singles)
        return;
    half = (l->width - LAYOUT_MARGIN - left) / 2;
    w = fmin((half - 16) / singles - 8, 250);
    for (unsigned row = 0; row < p->board.rows; row++) {
        if (!p->board.row[row].is_single)
            continue;
        if (p->now.lives[BOARD_LEFT])
            put_slot(l, row, BOARD_LEFT, left + at * (w + 8), w);
        if (p->now.lives[BOARD_RIGHT])
            put_slot(l, row, BOARD_RIGHT,
                     l->width - LAYOUT_MARGIN - (singles - at) * (w + 8) + 8,
                     w);
        at++;
    }
}

/* ---- the timeline ---- */

static enum sheet_mark mark_of(enum moment_kind kind)
{
    switch (kind) {
    case MOMENT_FORK:
    case MOMENT_EXEC: return MARK_UP;
    case MOMENT_FAULT:
    case MOMENT_FINDING: return MARK_DIAMOND;
    case MOMENT_COPY:
    case MOMENT_REUSE:
    case MOMENT_MAP: return MARK_SQUARE;
    case MOMENT_FENCE: return MARK_BAR;
    default: return MARK_CIRCLE;
    }
}

static enum ink ink_of(enum moment_kind kind)
{
    switch (kind) {
    case MOMENT_FAULT:
    case MOMENT_FINDING: return INK_STOP;
    case MOMENT_COPY:
    case MOMENT_REUSE:
    case MOMENT_MAP: return INK_WRITE;
    default: return INK_LINE;
    }
}

/* The moments that are on the line: those that are stepped to. Their places
 * change only when one steps over the middle of what is shown. */
static size_t first_shown(const struct layout *l, unsigned *count)
{
    const struct survey *s = &l->source->survey;
    unsigned zoom = l->view->zoom, rank = 0, wanted, half = zoom / 2;
    size_t at = l->picture->moment, first = 0;

    for (size_t i = view_next(l->view, s, MOMENT_NONE, 1);
         i != MOMENT_NONE && i < at; i = view_next(l->view, s, i, 1))
        rank++;
    wanted = rank < half ? 0 : rank / half * half - half / 2;
    first = view_next(l->view, s, MOMENT_NONE, 1);
    for (unsigned i = 0; i < wanted && first != MOMENT_NONE; i++)
        first = view_next(l->view, s, first, 1);
    *count = 0;
    for (size_t i = first; i != MOMENT_NONE && *count < zoom;
         i = view_next(l->view, s, i, 1))
        ++*count;
    return first;
}

/* Words are written at the moments around the one shown. */
static void put_moment(struct layout *l, size_t moment, double x, bool named,
                       double *free)
{
    const struct moment *m = &l->source->survey.moment[moment];
    bool now = moment == l->picture->moment && l->picture->at_moment;
    bool hidden = l->view->is_asked && moment > l->picture->moment;
    const char *word = hidden ? "?" : moment_word(m->kind);
    double size = now ? 21 : 16;
    double half = sheet_width_of(l->sheet, word, size, now, false) / 2;
    struct sheet_item *item;

    item = sheet_mark(l->sheet, hidden ? MARK_CIRCLE : mark_of(m->kind), x,
                      LINE_Y, now ? 11 : 7,
                      now      ? INK_NEW
                      : hidden ? INK_LINE
                               : ink_of(m->kind));
    item->hit = (struct hit){.kind = HIT_MOMENT, .moment = moment};
    if (!now && (!named || x - half < *free))
        return;
    item = sheet_text(l->sheet, x, LINE_Y + 38, ANCHOR_MIDDLE, size,
                      now ? INK_TEXT : INK_DIM, "%s", word);
    item->bold = now;
    *free = x + half + 10;
}

void layout_timeline(struct layout *l)
{
    const struct survey *s = &l->source->survey;
    unsigned count;
    size_t first = first_shown(l, &count), i = first;
    double pitch = (l->width - 2 * LAYOUT_MARGIN - 60) /
                   (l->view->zoom > 1 ? l->view->zoom - 1 : 1);
    double free = 0, start = LAYOUT_MARGIN + 30, at = -1, end;

    end = l->width - LAYOUT_MARGIN;
    sheet_line(l->sheet, LAYOUT_MARGIN, LINE_Y, end, LINE_Y, INK_EDGE, 3);
    for (unsigned n = 0; n < count; n++, i = view_next(l->view, s, i, 1))
        if (i == l->picture->moment)
            at = start + n * pitch;
    i = first;
    for (unsigned n = 0; n < count; n++, i = view_next(l->view, s, i, 1)) {
        double x = start + n * pitch;

        put_moment(l, i, x, fabs(x - at) < NAMED * pitch, &free);
    }
    if (at >= 0 && !l->picture->at_moment)
        sheet_mark(l->sheet, MARK_UP, at + pitch / 2, LINE_Y + 16, 8, INK_NEW);
}
