/*
 * The screen: sentence, blackboard, TLB, timeline, and a panel beside them, put
 * on a sheet.
 *
 * Where a box stands depends on the board and on the sheet's width, and not on
 * the step: so nothing moves while one steps.
 */
#ifndef VIEW_LAYOUT_H
#define VIEW_LAYOUT_H

#include "view/view.h"

#define LAYOUT_MARGIN 40.0

/* What is put on a sheet. */
struct layout {
    struct sheet *sheet;
    struct picture *picture; /* new frames get letters */
    struct source *source;
    const struct view *view;
    double width; /* of the board */
};

/* Clears the sheet and puts all of it there. */
void layout_screen(struct layout *layout);

/* Its parts, in files of their own. */
void layout_board(struct layout *layout);
void layout_tlb(struct layout *layout);
void layout_timeline(struct layout *layout);
void layout_panel(struct layout *layout);
void layout_frames(struct layout *layout);

/* Where the frame of a row stands, for lines that lead there. */
void layout_frame_at(const struct layout *layout, unsigned row,
                     enum snap_place place, double *x, double *y, double *w,
                     double *h);

#endif
