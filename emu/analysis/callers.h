/*
 * Callers: which roots may have made a call at a pc, so that nobody has to ask
 * all of them when a child begins behind it.
 *
 * Pcs fall into CALLERS_LISTS lists by a hash. A root is in a list once its
 * programs have made a call there; roots that are gone are taken out when the
 * list is looked through, or before it grows.
 */
#ifndef ANALYSIS_CALLERS_H
#define ANALYSIS_CALLERS_H

#include "analysis/spaces.h"

#define CALLERS_LISTS 64

struct callers {
    struct caller_list {
        unsigned *id; /* of roots */
        unsigned count;
        unsigned room;
    } list[CALLERS_LISTS];
};

/* The root has made a call at pc. False: memory is lacking. */
bool callers_add(struct callers *callers, const struct spaces *spaces,
                 struct table *root, u64 pc);

/* Those that may have made a call at pc, in the order in which a walk over all
 * roots meets them: each is alive, and no other has. Valid until the next call
 * of callers_add() or callers_find(). */
const struct caller_list *callers_find(struct callers *callers,
                                       const struct spaces *spaces, u64 pc);

#endif
