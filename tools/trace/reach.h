/* Which virtual addresses an event tells of. See reach.c. */
#ifndef TRACE_REACH_H
#define TRACE_REACH_H

#include <rvemu/explain.h>

/* Whether the event tells of an address in one of the filter's ranges. */
bool reach_any(const struct rvemu_explain_filter *filter,
               const struct rvemu_event *event);

#endif
