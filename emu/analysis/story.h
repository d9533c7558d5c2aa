/*
 * What the explainer knows at this moment, and how it says a line: what the
 * files that put events into sentences have in common.
 */
#ifndef ANALYSIS_STORY_H
#define ANALYSIS_STORY_H

#include <rvemu/explain.h>

#include "analysis/cow.h"
#include "analysis/marks.h"
#include "analysis/sentences.h"

#define HARTS 256 /* as many as an event can name */

struct story {
    struct rvemu_explain_options options;
    struct spaces spaces;
    struct cow cow;
    struct marks marks;
    u64 root[HARTS]; /* what each hart's satp names */
};

/* Hands a line to options.line, if there is one. */
void story_say(const struct story *story, enum sentence sentence,
               const struct facts *facts);

#endif
