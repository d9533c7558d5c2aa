/*
 * What the viewer's user has chosen: how far a step goes, what is open, what is
 * selected. It changes by keys and clicks alone (keys.h).
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "view/picture.h"
#include "view/sheet.h"
#include "view/theme.h"

enum grain { GRAIN_EVENT, GRAIN_LINE, GRAIN_INSN, GRAINS };
enum panel {
    PANEL_NONE,
    PANEL_KEYS,
    PANEL_EVENTS,
    PANEL_TABLES,
    PANEL_CONSOLE,
    PANEL_REGISTERS,
    PANEL_FRAMES
};

#define VIEW_MANY 12 /* processes; of more, the grid says most */
#define VIEW_BACK 64 /* jumps that can be undone */

struct view {
    enum theme theme;
    enum grain grain;
    enum panel panel;
    bool panel_chosen; /* by a key; else the grid opens where there are many */
    bool all;          /* what libraries do is stepped to, too */
    bool predicts;     /* each step stops before its answer */
    bool is_asked;     /* it has: the next moment is asked for */
    bool is_black;     /* the screen is dark, for a talk */
    unsigned zoom;     /* moments on the timeline at a time */
    struct hit pick;
    uint64_t back[VIEW_BACK]; /* steps that were left by a jump */
    unsigned backs;
    bool is_typing; /* a place to go to is being typed: */
    char typed[48];
    char said[160]; /* one line about the last key; "": nothing */
};

/* The width of the board: what a panel leaves of the sheet. */
double view_board_width(const struct view *view, const struct sheet *sheet);

/* The next moment from `from` on in the direction of `by` (1 or -1) that is
 * stepped to; MOMENT_NONE: there is none. */
size_t view_next(const struct view *view, const struct survey *survey,
                 size_t from, int by);

#endif
