/*
 * Moments out of the explainer's lines and the events around them; see
 * moment.h. A line tells of a fault and its answer at once; the fault, the
 * fence and the access that goes through are found among the events.
 */
#ifndef VIEW_CHAIN_H
#define VIEW_CHAIN_H

#include "view/record.h"
#include "view/survey.h"

struct chain_source {
    const struct record *record;
    char **line; /* JSON, in the order in which they were said */
    size_t lines;
};

/* Fills in the survey's moments, and what lines tell of its processes. Returns
 * 0, or -1: memory is lacking. */
int chain_build(struct survey *survey, const struct chain_source *source);

/* Puts moments in order, and finds of each its fault and its cause. */
void chain_settle(struct survey *survey);

#endif
