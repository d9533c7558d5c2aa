/*
 * The short form: a run of like sentences about neighbouring pages is one.
 *
 * Sentences come in the order of what they tell (lines.h). Those that say the
 * same of one page after another, up or down, are held; from FOLDS_LEAST on
 * they are told as one, with the range and the count, in the place of the
 * first. A run may leave out pages, as it does where two spaces race through an
 * array and each copies what it reaches first; then it takes FOLDS_SPARSE to
 * make one, and so many times its pages it may leave out at once. Several runs
 * may be open at once: a parent and a child that store in turns, or a loop over
 * three arrays. Any other sentence ends all runs, since it may be why things
 * are different behind it; so does flush(), which comes before the guest
 * prints, and FOLDS_HOLD ns without a next page.
 *
 * Of one kind of sentence and one program FOLDS_BUDGET lines are told, until
 * none comes for FOLDS_REST ns. The last says that more are left out, and how
 * many were is told at the end. The full form and JSON neither fold nor
 * leave out.
 */
#ifndef ANALYSIS_FOLDS_H
#define ANALYSIS_FOLDS_H

#include "analysis/lines.h"

#define FOLDS_HOLD 10000000
#define FOLDS_LEAST 4 /* pages; fewer are told one by one */
#define FOLDS_SPARSE 8
#define FOLDS_GAP 64  /* pages left out at once, at most */
#define FOLDS_HELD 32 /* lines; the oldest gives way */
#define FOLDS_BUDGET 200
#define FOLDS_REST 1000000000 /* SAY_LEFT_OUT says so, too */
#define FOLDS_KINDS 256 /* with a budget; those that find no room have none */

/* A sentence that is held. The first of a run stands for it. */
struct fold {
    enum sentence sentence;
    struct facts facts;
    u64 time;     /* of the run's latest */
    unsigned run; /* its number */
    u64 pages;    /* of the run; 0: it is not the first */
    u64 lowest;   /* addresses of the run's pages */
    u64 highest;
    bool up;  /* of a run of more than one page: which way it goes */
    bool one; /* it is told as one, the others of it are gone */
};

/* Zero but for `say`, `arg` and `full` is a valid start. */
struct folds {
    line_fn *say;
    void *arg;
    bool full;                    /* nothing is folded or left out */
    struct fold fold[FOLDS_HELD]; /* `count` of them, in order */
    unsigned count;
    unsigned runs; /* numbers given */
    struct told {
        enum sentence sentence;
        char program[PROGRAM_TEXT]; /* "": of any space without a name */
        unsigned lines;             /* since the last rest */
        u64 time;                   /* of the latest, told or not */
    } told[FOLDS_KINDS];
    unsigned kinds;
    u64 left_out; /* lines */
};

/* Takes the next sentence; a line_fn. */
void folds_take(void *folds, u64 time, enum sentence sentence,
                const struct facts *facts);

/* Ends the runs that have no next page yet; what comes is of this time or
 * later. */
void folds_advance(struct folds *folds, u64 horizon);

/* Ends all runs. */
void folds_flush(struct folds *folds);

#endif
