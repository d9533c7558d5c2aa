/*
 * The grid of frames; see layout.h: a square for each frame that a program
 * maps, by address. The more share one, the brighter it is, with their number
 * in it; one that some program may write to is blue.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "view/layout.h"
#include "view/leaves.h"

#define X (l->width + 8)
#define WIDTH (l->sheet->width - l->width - 28)
#define TOP 132.0
#define BOTTOM 690.0
#define CELL_MOST 30.0

struct frame {
    uint64_t ppn;
    unsigned users;
    bool writable;
};

struct frames {
    struct frame *frame;
    size_t count, room;
    bool failed;
};

static void take_leaf(void *arg, uint64_t va, unsigned level, uint64_t pte)
{
    struct frames *f = arg;
    struct frame *grown =
        record_grow(f->frame, f->count, &f->room, sizeof(*f->frame));

    if (!grown) {
        f->failed = true;
        return;
    }
    f->frame = grown;
    f->frame[f->count++] = (struct frame){pte_ppn(pte), 1, (pte & PTE_W) != 0};
}

static int by_ppn(const void *one, const void *other)
{
    const struct frame *a = one, *b = other;

    return a->ppn < b->ppn ? -1 : a->ppn > b->ppn;
}

/* One element for each frame. */
static void merge(struct frames *f)
{
    size_t to = 0;

    qsort(f->frame, f->count, sizeof(*f->frame), by_ppn);
    for (size_t i = 0; i < f->count; i++) {
        if (to && f->frame[to - 1].ppn == f->frame[i].ppn) {
            f->frame[to - 1].users++;
            f->frame[to - 1].writable |= f->frame[i].writable;
        } else {
            f->frame[to++] = f->frame[i];
        }
    }
    f->count = to;
}

/* The largest cells of which all fit. */
static double cell_of(size_t count, double w, double h)
{
    double cell = CELL_MOST;

    while (cell > 2 && floor(w / cell) * floor(h / cell) < (double)count)
        cell -= 0.5;
    return cell;
}

static void put_cell(struct layout *l, const struct frame *frame, double x,
                     double y, double cell)
{
    bool shared = frame->users > 1;
    double gap = cell > 8 ? 3 : cell > 4 ? 1 : 0;

    sheet_box(l->sheet, x, y, cell - gap, cell - gap,
              frame->writable ? INK_WRITE
              : shared        ? INK_TEXT
                              : INK_RIM,
              INK_NONE, 0)
        ->round = cell > 8 ? 3 : 0;
    if (shared && cell >= 16)
        sheet_text(l->sheet, x + (cell - gap) / 2, y + (cell - gap) / 2 + 5,
                   ANCHOR_MIDDLE, frame->users < 100 ? 14 : 10, INK_GROUND,
                   "%u", frame->users)
            ->bold = true;
}

void layout_frames(struct layout *l)
{
    const struct survey *s = &l->source->survey;
    uint64_t step = l->picture->now.step;
    struct frames f = {0};
    double w = WIDTH - 32, h = BOTTOM - TOP - 70, cell;
    unsigned across, shared = 0;

    sheet_box(l->sheet, X, TOP, WIDTH, BOTTOM - TOP, INK_PANEL, INK_EDGE, 1)
        ->round = 12;
    for (size_t i = 0; i < s->processes; i++)
        if (s->process[i].from <= step && step < s->process[i].until)
            source_leaves(l->source, survey_satp_at(&s->process[i], step),
                          take_leaf, &f);
    if (!f.failed && f.count) {
        merge(&f);
        cell = cell_of(f.count, w, h);
        across = (unsigned)floor(w / cell);
        for (size_t i = 0; i < f.count; i++) {
            shared += f.frame[i].users > 1;
            put_cell(l, &f.frame[i], X + 16 + (double)(i % across) * cell,
                     TOP + 54 + (double)(i / across) * cell, cell);
        }
    }
    sheet_text(l->sheet, X + 16, TOP + 34, ANCHOR_START, 17, INK_DIM,
               "%zu frames, %u shared", f.count, shared);
    free(f.frame);
}
