/*
 * The hooks' side of tracing: who is listening, and the ring in between.
 *
 * A hook site asks trace_wants(), fills the record that trace_new() hands it
 * and is done. Records wait in a ring and are delivered, in order, when the
 * ring is full and whenever the machine calls trace_deliver(): at the end of
 * a slice and before a byte reaches the console, so that text and events
 * keep their order. Delivery never changes guest state.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <rvemu/trace.h>

#include "base/types.h"

#define TRACE_RING 256 /* records */
#define TRACE_SUBSCRIBERS_MAX 8

struct trace {
    rvemu_event_set wanted; /* union of the subscribers' sets */
    unsigned subscribers;
    struct {
        rvemu_event_set kinds;
        rvemu_event_fn *call;
        void *arg;
    } subscriber[TRACE_SUBSCRIBERS_MAX];
    bool prompt;
    unsigned waiting; /* records in the ring */
    struct rvemu_event ring[TRACE_RING];
};

/* With a constant kind, as a hook has it, this tests a bit of one word. */
static inline bool trace_wants(const struct trace *trace, unsigned kind)
{
    return trace->wanted >> kind & 1;
}

/* Whether the next trace_new() will deliver first. */
static inline bool trace_is_full(const struct trace *trace)
{
    return trace->waiting == (trace->prompt ? 1 : TRACE_RING);
}

/* A zeroed record of this kind at the end of the ring, to be filled at once. */
struct rvemu_event *trace_new(struct trace *trace, unsigned kind);

/* Hands every waiting record to every subscriber that wants its kind. */
void trace_deliver(struct trace *trace);

/* Adds a subscriber. Returns 0, or -1 when there are too many. Only before
 * the machine first runs, or between slices. */
int trace_subscribe(struct trace *trace, rvemu_event_set kinds,
                    rvemu_event_fn *call, void *arg);

/* Takes a subscriber away, once it has got what waits for it. Returns 0, or -1
 * when there is none. Between slices. */
int trace_unsubscribe(struct trace *trace, rvemu_event_fn *call, void *arg);

#endif
