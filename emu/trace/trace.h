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

#include <rvemu/subscription.h>

#include "base/types.h"

#define TRACE_RING 256           /* records */
#define TRACE_SUBSCRIBERS_MAX 16 /* as many as listeners have bits */

struct trace {
    rvemu_event_set wanted; /* union of the subscribers' sets */
    unsigned subscribers;
    struct trace_subscriber {
        struct rvemu_subscription of;
        int id;
        bool is_fine;           /* it wants less than all events of its kinds */
        bool again;             /* a sink that has been told of what comes */
        u64 again_count;        /* so many events of the time of its mark */
        struct rvemu_mark told; /* a sink's */
    } subscriber[TRACE_SUBSCRIBERS_MAX];
    int last_id;
    u16 listeners[RVEMU_EVENT_KINDS_MAX]; /* bit i: subscriber i wants it */
    /* Kinds that are told before anything else happens. */
    bool is_prompt[RVEMU_EVENT_KINDS_MAX];
    rvemu_event_set halts; /* kinds behind whose step the machine halts … */
    bool halted;           /* … because there was one */
    bool is_due;           /* the last record is of such a kind */
    bool telling;          /* a subscriber is being called */
    bool telling_promptly; /* of an event of such a kind */
    unsigned waiting;      /* records in the ring */
    u64 satp[TRACE_RING];  /* under which each was made; none: SIEVE_NO_SATP */
    struct rvemu_event ring[TRACE_RING];
    struct rvemu_event blank; /* copied faster than a record is zeroed */
};

/* With a constant kind, as a hook has it, this tests a bit of one word. */
static inline bool trace_wants(const struct trace *trace, unsigned kind)
{
    return trace->wanted >> kind & 1;
}

/* Whether the next trace_new() will deliver first. */
static inline bool trace_is_full(const struct trace *trace)
{
    return trace->waiting == TRACE_RING || trace->is_due;
}

/* A zeroed record of this kind at the end of the ring, to be filled at once.
 * It is made under the satp of a hart, or under none: SIEVE_NO_SATP. */
struct rvemu_event *trace_new(struct trace *trace, unsigned kind, u64 satp);

/* Hands every waiting record to every subscriber that wants it. */
void trace_deliver(struct trace *trace);

/* Adds a subscriber. Returns its number, above 0 and never given twice, or -1
 * when there are too many, or it says nobody to tell. Only before the machine
 * first runs, or between slices. */
int trace_subscribe(struct trace *trace, const struct rvemu_subscription *of);

/* Takes a subscriber away, once it has got what waits for it. Returns 0, or -1
 * when there is none. Between slices. */
int trace_unsubscribe(struct trace *trace, int id);

/* The number of the first subscriber that is called so, or -1. */
int trace_find(const struct trace *trace, rvemu_event_fn *call, void *arg);

/* Subscribers, or what they want, have changed. */
void trace_rewire(struct trace *trace);

/* Which kinds are told promptly. */
void trace_set_prompt(struct trace *trace, rvemu_event_set kinds);

/* How far a sink has been told; -1 when there is none of that number. */
int trace_told(struct trace *trace, int id, struct rvemu_mark *told);

/* What comes up to this machine time has come before. Between slices. */
void trace_begin_again(struct trace *trace, u64 until);

/* What comes from now on has not come before, although later things had.
 * Between slices. */
void trace_go_on(struct trace *trace, u64 now);

#endif
