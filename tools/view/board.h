/*
 * The blackboard: which two processes are large on it, which of their pages
 * have a row, and what each frame is called. It is made for a pair of processes
 * and stays as it is while the viewer steps, so that no box moves.
 *
 * A row is a page of a variable, or all other pages of a kind ("text",
 * "stack"). The frame that both sides have in common stands in its middle, what
 * a side has alone on its side.
 */
#ifndef VIEW_BOARD_H
#define VIEW_BOARD_H

#include "view/source.h"

#define BOARD_ROWS 6
#define BOARD_SINGLES 3 /* rows of one page */
#define BOARD_LETTERS 256

enum board_side { BOARD_LEFT, BOARD_RIGHT, BOARD_SIDES };
/* The kinds of a row of many pages. */
enum board_group { GROUP_TEXT, GROUP_DATA, GROUP_HEAP, GROUP_STACK, GROUPS };

struct board_row {
    bool is_single;
    uint64_t va; /* of a single page; else the lowest of the group */
    enum board_group group;
    char label[64];
    uint64_t var;  /* of a single page: where its variable is, … */
    unsigned size; /* … and its bytes; 0: it has none */
    bool is_text;  /* it is an array of bytes: so many are shown */
    uint64_t home; /* PPN of the frame that both sides had; 0: none */
};

struct board {
    uint64_t process[BOARD_SIDES]; /* numbers; 0: nobody */
    size_t focus;                  /* the moment that it was made for */
    struct board_row row[BOARD_ROWS];
    unsigned rows;
    uint64_t letter[BOARD_LETTERS]; /* PPNs, in the order of their letters */
    unsigned letters;
};

/* The processes that a moment is about: the parent on the left. */
void board_pair(const struct survey *survey, size_t moment,
                uint64_t pair[BOARD_SIDES]);

/* Makes the board for a moment and two processes. Takes the machine to other
 * steps. Returns 0, or -1 with error. */
int board_make(struct board *board, struct source *source, size_t moment,
               const uint64_t pair[BOARD_SIDES], struct rvemu_error *error);

/* The group a page belongs to that has no row of its own. */
enum board_group board_group_of(const struct survey *survey,
                                const struct board *board, uint64_t va,
                                uint64_t pte);

/* The row of a page; BOARD_ROWS: it has none. */
unsigned board_row_of(const struct survey *survey, const struct board *board,
                      uint64_t va, uint64_t pte);

/* Writes what a frame is called: "A" to "Z", "A1", ...; a frame that has no
 * letter yet gets the next. */
void board_letter(struct board *board, uint64_t ppn, char out[8]);

#endif
