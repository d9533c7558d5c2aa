/*
 * The short form: what libraries do with a program's pages is one line of a
 * process, behind what the program does itself.
 *
 * Where it is known which code and data is the user's own (naming.h), a copy
 * or a page that is kept is an aside if a library's instruction stored and
 * neither a variable nor the stack of the user's is on the page. Asides of a
 * process are counted, and told before the line by which it ends or execs, or
 * in the end. They are no page's first cause: forks, mistakes and stores of the
 * kernel are none. The full form and JSON have none either.
 */
#ifndef ANALYSIS_ASIDES_H
#define ANALYSIS_ASIDES_H

#include "analysis/lines.h"

#define ASIDES_HELD 64 /* processes; the first gives way */
#define ASIDES_NAMED 3 /* functions */

struct aside {
    struct space_name who;
    u64 copies;
    u64 kib;
    u64 reuses;
    unsigned named;
    char functions[CODE_TEXT]; /* "__fork, printf" */
};

/* Zero but for `say`, `arg` and `full` is a valid start. */
struct asides {
    line_fn *say;
    void *arg;
    bool full; /* there are none */
    struct aside aside[ASIDES_HELD];
    unsigned count;
    u64 time; /* of the latest line */
};

/* Takes the next sentence; a line_fn. */
void asides_take(void *asides, u64 time, enum sentence sentence,
                 const struct facts *facts);

/* Tells of all processes. */
void asides_flush(struct asides *asides);

#endif
