/*
 * Who listens, and the ring between the hooks and them.
 *
 * The ring is a plain array that fills from index 0 and is emptied whole:
 * order is the order of trace_new() calls. A record is counted as soon as it
 * is handed out, so a hook fills it before it does anything else that may
 * emit. Subscribers are called in the order in which they subscribed; one may
 * not subscribe or emit from inside its call.
 */
#include "trace/trace.h"

#include <string.h>

struct rvemu_event *trace_new(struct trace *trace, unsigned kind)
{
    struct rvemu_event *event;

    if (trace_is_full(trace))
        trace_deliver(trace);
    event = &trace->ring[trace->waiting++];
    memset(event, 0, sizeof(*event));
    event->kind = (u16)kind;
    return event;
}

static void deliver_event(struct trace *trace, const struct rvemu_event *event)
{
    for (unsigned i = 0; i < trace->subscribers; i++) {
        if (trace->subscriber[i].kinds >> event->kind & 1)
            trace->subscriber[i].call(trace->subscriber[i].arg, event);
    }
}

void trace_deliver(struct trace *trace)
{
    for (unsigned i = 0; i < trace->waiting; i++)
        deliver_event(trace, &trace->ring[i]);
    trace->waiting = 0;
}

int trace_subscribe(struct trace *trace, rvemu_event_set kinds,
                    rvemu_event_fn *call, void *arg)
{
    unsigned at = trace->subscribers;

    if (at == TRACE_SUBSCRIBERS_MAX)
        return -1;
    trace->subscriber[at].kinds = kinds;
    trace->subscriber[at].call = call;
    trace->subscriber[at].arg = arg;
    trace->subscribers++;
    trace->wanted |= kinds;
    return 0;
}

int trace_unsubscribe(struct trace *trace, rvemu_event_fn *call, void *arg)
{
    unsigned at = 0;

    while (at < trace->subscribers && (trace->subscriber[at].call != call ||
                                       trace->subscriber[at].arg != arg))
        at++;
    if (at == trace->subscribers)
        return -1;
    trace_deliver(trace);
    trace->subscribers--;
    trace->wanted = 0;
    for (unsigned i = 0; i < trace->subscribers; i++) {
        if (i >= at)
            trace->subscriber[i] = trace->subscriber[i + 1];
        trace->wanted |= trace->subscriber[i].kinds;
    }
    return 0;
}
