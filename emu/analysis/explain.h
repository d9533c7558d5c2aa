/*
 * The explainer behind rvemu/explain.h: the story so far, the faults that
 * wait for their outcome, the lives of spaces and those of frames.
 */
#ifndef ANALYSIS_EXPLAIN_H
#define ANALYSIS_EXPLAIN_H

#include "analysis/aliases.h"
#include "analysis/allocator.h"
#include "analysis/faults.h"
#include "analysis/old_code.h"
#include "analysis/phantoms.h"
#include "analysis/stale.h"

struct rvemu_explain {
    struct arena *arena; /* that it lies in */
    struct story story;
    struct life life;
    struct doubts doubts;
    struct faults faults;
    struct windows windows;
    struct stale stale;
    struct phantoms phantoms;
    struct aliases aliases;
    struct old_code old_code;
    struct rvemu_frames frames;
    struct lifetimes lifetimes;
    struct allocator allocator;
    struct table *fresh; /* a root whose entries are still arriving */
    bool silent;         /* memory ran out and that has been said */
};

#endif
