/*
 * What a machine has at a step, of what the blackboard shows: read from its
 * memory, registers and TLBs as it stands there, from nothing else.
 */
#ifndef VIEW_SNAP_H
#define VIEW_SNAP_H

#include "view/board.h"

#define SNAP_OTHERS 8

/* The places of a row's frames: what both sides map stands in the middle, what
 * one side alone maps on its side. */
enum snap_place { PLACE_LEFT, PLACE_HOME, PLACE_RIGHT, PLACES };

struct snap_page {
    bool is_mapped; /* of a group: any page of it is */
    uint64_t pte;   /* of a group: the last one's */
    unsigned level;
    unsigned pages;    /* of a group: how many are mapped … */
    unsigned writable; /* … and of these, how many with W */
};

struct snap_frame {
    bool is_there;
    uint64_t ppn;   /* of a single page */
    unsigned users; /* how many pages of living processes lead there */
    unsigned pages; /* of a group: how many frames … */
    uint64_t rights[BOARD_SIDES]; /* … and all the bits of their entries */
    bool has_value;
    int64_t value; /* of the row's variable, in this frame */
};

struct snap_slot {
    bool is_full;
    bool is_stale; /* it says otherwise than the page table */
    struct rvemu_tlb_entry entry;
};

struct snap_row {
    struct snap_page page[BOARD_SIDES];
    enum snap_place leads[BOARD_SIDES]; /* a mapped single page: where to */
    struct snap_frame frame[PLACES];
    struct snap_slot slot[BOARD_SIDES]; /* of the hart's TLB */
};

struct snap {
    uint64_t step, time;
    unsigned harts;
    struct source_hart hart[RVEMU_HARTS_MAX];
    unsigned tlb_hart; /* whose TLB `slot` is of */
    bool lives[BOARD_SIDES];
    unsigned runs[BOARD_SIDES];  /* 1 + the hart that has its root; 0: none */
    unsigned living;             /* processes in all */
    uint64_t other[SNAP_OTHERS]; /* the first of those that are on no side */
    struct snap_row row[BOARD_ROWS];
    unsigned rows;
};

/* Writes a value as it is shown: a number, or the first letters of a text. */
void snap_value(const struct board_row *row, int64_t value, char out[32]);

/* Reads the machine as it stands. */
void snap_take(struct snap *snap, const struct board *board,
               struct source *source, unsigned tlb_hart);

#endif
