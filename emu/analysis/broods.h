/*
 * The short form: where many processes begin or end in a row, one line stands
 * for them.
 *
 * A first fork or end is told as it is, and what follows it, too. From the next
 * one on lines are held: forks, ends, execs, copies and pages that are kept,
 * of whatever space. If BROODS_LEAST forks or ends come, all that is held, and
 * all of that kind that comes behind, is one line, with the spaces, the pages
 * and the stores in sum: nothing of it is told twice, nothing is lost, and the
 * order of lines is what it was. If fewer come, the lines held follow in their
 * places.
 *
 * Whatever else is told ends a brood, such as a refusal or a kernel's mistake;
 * so does what the guest prints (broods_flush()), and FOLDS_HOLD ns without a
 * next line. The full form and JSON have no broods.
 */
#ifndef ANALYSIS_BROODS_H
#define ANALYSIS_BROODS_H

#include "analysis/folds.h"

#define BROODS_LEAST 8 /* forks or ends */
#define BROODS_HELD                                          \
    256 /* lines until there are so many; else they are told \
         */

/* What the lines of a brood say in sum. */
struct brood {
    u64 forks;
    u64 unsure; /* of these: what may be no fork */
    bool many;  /* their parents are several */
    struct space_name parent;
    struct space_name first; /* children, of the forks */
    struct space_name last;
    u64 shared; /* pages … */
    u64 protected;
    u64 own;
    u64 copies;
    u64 kib;
    u64 reuses;
    u64 execs;
    u64 ends;
    u64 unmapped; /* pages, of execs and ends */
    struct space_name first_end;
    struct space_name last_end;
};

struct brood_line {
    u64 time;
    enum sentence sentence;
    struct facts facts;
};

/* Zero but for `say`, `arg` and `full` is a valid start. */
struct broods {
    line_fn *say;
    void *arg;
    bool full; /* there are none */
    bool near; /* a fork or end was told, and nothing since that ends a row */
    bool one;  /* the brood is large enough, and its lines are gone */
    struct brood brood;
    struct brood_line *line; /* `count` of them are held */
    unsigned count;
    u64 time; /* of the latest line */
};

void broods_free(struct broods *broods);

/* Takes the next sentence; a line_fn. */
void broods_take(void *broods, u64 time, enum sentence sentence,
                 const struct facts *facts);

/* Ends a brood that no line has followed for long; what comes is of this time
 * or later. */
void broods_advance(struct broods *broods, u64 horizon);

/* Ends the brood. */
void broods_flush(struct broods *broods);

#endif
