/*
 * The explainer behind rvemu/explain.h: the story so far, the faults that
 * wait for their outcome, and the forks by name.
 */
#ifndef ANALYSIS_EXPLAIN_H
#define ANALYSIS_EXPLAIN_H

#include "analysis/faults.h"

/* The names of a fork, as they were then: roots are used again. */
struct fork_names {
    char parent[NAME_TEXT];
    char child[NAME_TEXT];
};

struct rvemu_explain {
    struct story story;
    struct faults faults;
    struct fork_names *fork_names; /* of each of cow.fork */
    unsigned fork_names_room;
    struct table *fresh; /* a root whose entries are still arriving */
    bool silent;         /* memory ran out and that has been said */
};

#endif
