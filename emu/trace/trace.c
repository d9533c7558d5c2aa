/*
 * Who listens, and the ring between the hooks and them.
 *
 * The ring is a plain array that fills from index 0 and is emptied whole:
 * order is the order of trace_new() calls. A record is counted as soon as it
 * is handed out, so a hook fills it before it does anything else that may
 * emit. Subscribers are called in the order in which they subscribed; one may
 * not subscribe or emit from inside its call.
 *
 * A sink's mark is the time of the last event that it was given, with how many
 * it was given of that time. When the same is run again, as many are passed
 * over.
 */
#include "trace/trace.h"

#include <string.h>

#include "trace/event_ring.h"
#include "trace/sieve.h"

struct rvemu_event *trace_new(struct trace *trace, unsigned kind, u64 satp)
{
    struct rvemu_event *event;

    if (trace_is_full(trace))
        trace_deliver(trace);
    trace->satp[trace->waiting] = satp;
    event = &trace->ring[trace->waiting++];
    *event = trace->blank;
    event->kind = (u16)kind;
    trace->is_due = trace->is_prompt[kind];
    trace->halted |= trace->halts >> kind & 1;
    return event;
}

/* Whether the event is one that a sink was given before. */
static bool was_told(struct trace_subscriber *s,
                     const struct rvemu_event *event)
{
    if (!s->again)
        return false;
    if (event->time < s->told.time)
        return true;
    if (event->time == s->told.time && s->again_count < s->told.count) {
        s->again_count++;
        return true;
    }
    s->again = false;
    return false;
}

static void move_mark(struct trace_subscriber *s, u64 time)
{
    if (time > s->told.time)
        s->told = (struct rvemu_mark){.time = time};
    s->told.count += time == s->told.time;
}

static void deliver_to(struct trace_subscriber *s,
                       const struct rvemu_event *event, u64 satp)
{
    if (s->is_fine && !sieve_passes(&s->of, event, satp))
        return;
    if (s->of.as == RVEMU_SINK) {
        if (was_told(s, event))
            return;
        move_mark(s, event->time);
    }
    s->of.call(s->of.arg, event);
}

void trace_deliver(struct trace *trace)
{
    trace->telling = true;
    for (unsigned i = 0; i < trace->waiting; i++) {
        const struct rvemu_event *event = &trace->ring[i];

        trace->telling_promptly = trace->is_due && i + 1 == trace->waiting;
        for (u32 left = trace->listeners[event->kind]; left; left &= left - 1)
            deliver_to(&trace->subscriber[__builtin_ctz(left)], event,
                       trace->satp[i]);
    }
    trace->waiting = 0;
    trace->is_due = false;
    trace->telling = false;
}

int trace_subscribe(struct trace *trace, const struct rvemu_subscription *of)
{
    struct trace_subscriber *s = &trace->subscriber[trace->subscribers];

    if (trace->subscribers == TRACE_SUBSCRIBERS_MAX)
        return -1;
    if (!of->call && !(of->ring && of->ring->room))
        return -1;
    *s = (struct trace_subscriber){.of = *of,
                                   .id = ++trace->last_id,
                                   .is_fine = sieve_is_fine(of),
                                   .again = of->told.time || of->told.count,
                                   .told = of->told};
    if (!of->call) {
        s->of.call = event_ring_put;
        s->of.arg = of->ring;
    }
    trace->subscribers++;
    trace_rewire(trace);
    return s->id;
}

void trace_rewire(struct trace *trace)
{
    trace->wanted = 0;
    memset(trace->listeners, 0, sizeof(trace->listeners));
    for (unsigned i = 0; i < trace->subscribers; i++) {
        rvemu_event_set kinds = trace->subscriber[i].of.kinds;

        trace->wanted |= kinds;
        for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++)
            if (kinds >> kind & 1)
                trace->listeners[kind] |= (u16)(1u << i);
    }
}

void trace_set_prompt(struct trace *trace, rvemu_event_set kinds)
{
    trace_deliver(trace);
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++)
        trace->is_prompt[kind] = kinds >> kind & 1;
}

static struct trace_subscriber *find(struct trace *trace, int id)
{
    for (unsigned i = 0; i < trace->subscribers; i++)
        if (trace->subscriber[i].id == id)
            return &trace->subscriber[i];
    return NULL;
}

int trace_unsubscribe(struct trace *trace, int id)
{
    struct trace_subscriber *s = find(trace, id);

    if (!s)
        return -1;
    trace_deliver(trace);
    trace->subscribers--;
    for (; s < &trace->subscriber[trace->subscribers]; s++)
        s[0] = s[1];
    trace_rewire(trace);
    return 0;
}

int trace_find(const struct trace *trace, rvemu_event_fn *call, void *arg)
{
    for (unsigned i = 0; i < trace->subscribers; i++)
        if (trace->subscriber[i].of.call == call &&
            trace->subscriber[i].of.arg == arg)
            return trace->subscriber[i].id;
    return -1;
}

int trace_told(struct trace *trace, int id, struct rvemu_mark *told)
{
    const struct trace_subscriber *s = find(trace, id);

    if (!s)
        return -1;
    trace_deliver(trace);
    *told = s->told;
    return 0;
}

void trace_begin_again(struct trace *trace, u64 until)
{
    trace_deliver(trace);
    for (unsigned i = 0; i < trace->subscribers; i++) {
        struct trace_subscriber *s = &trace->subscriber[i];

        s->again = true;
        s->again_count = 0;
        if (s->told.time < until)
            s->told = (struct rvemu_mark){.time = until};
    }
}

void trace_go_on(struct trace *trace, u64 now)
{
    trace_deliver(trace);
    for (unsigned i = 0; i < trace->subscribers; i++) {
        struct trace_subscriber *s = &trace->subscriber[i];

        s->again = false;
        if (s->told.time >= now)
            s->told = (struct rvemu_mark){.time = now};
    }
}
