/*
 * The report that comes by itself when a run ends otherwise than its guest
 * wanted: what went wrong last, where in the source, by which calls, and what
 * the page table says of the address.
 *
 * It states what is known and no more: a trap counts as what went wrong only
 * while its hart has not returned from it; what rests on a register that may
 * hold something else by then is called a guess. It has at most MORTEM_LINES
 * lines, whatever happened.
 */
#ifndef CLI_MORTEM_H
#define CLI_MORTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/backtrace.h"

#define MORTEM_LINES 24 /* 25 with the line that says how the run ended */
#define MORTEM_WIDTH 224

enum mortem_end { MORTEM_FAIL_ON, MORTEM_LIMIT, MORTEM_LOST, MORTEM_DEADLOCK };

/* What the report is of. */
struct mortem_case {
    enum mortem_end end;
    unsigned printed_by;   /* FAIL_ON: the hart that ended the last line */
    uint64_t printed_time; /* and when, in ns of machine time */
    bool explained;        /* --explain is on */
    const char *finding;   /* its first line that the kernel errs, or "" */
};

struct mortem {
    unsigned lines;
    char line[MORTEM_LINES][MORTEM_WIDTH];

    /* The same for programs: where it went wrong, or where the hart is that is
     * told of first. Texts are empty where they are not known. */
    struct mortem_place {
        unsigned hart;
        uint64_t pc;
        char cause[32]; /* of a trap */
        uint64_t address;
        char function[PLACE_MAX];
        char file[PLACE_MAX];
        unsigned line; /* 0: not known */
    } place;
};

/* Says where a hart of a machine that has stopped is. */
void mortem_find_hart(struct mortem_place *place, const struct scene *scene,
                      unsigned hart);

/* Writes the report of a machine that has just stopped. */
void mortem_write(struct mortem *report, const struct scene *scene,
                  const struct mortem_case *what);

#endif
