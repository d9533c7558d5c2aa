/*
 * The states of observers, kept for a machine that goes back in time
 * (rvemu/subscription.h).
 */
#ifndef TRACE_OBSERVERS_H
#define TRACE_OBSERVERS_H

#include "trace/trace.h"

/* Has every observer that can copy its state do so; NULL when memory is
 * lacking. Between slices. */
struct rvemu_observed *observers_save(struct trace *trace);

/* Gives them back to those observers that are still there. */
void observers_restore(struct trace *trace,
                       const struct rvemu_observed *observed);

/* Drops them. */
void observers_drop(struct rvemu_observed *observed);

#endif
