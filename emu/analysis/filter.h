/* Which lines a reader wants (rvemu/explain.h), by what they tell. */
#ifndef ANALYSIS_FILTER_H
#define ANALYSIS_FILTER_H

#include <rvemu/explain.h>

#include "analysis/sentences.h"

/* Whether the filter lets the line through. */
bool filter_takes(const struct rvemu_explain_filter *filter,
                  enum sentence sentence, const struct facts *facts);

#endif
