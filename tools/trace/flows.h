/*
 * What the explainer says, drawn: its sentences on the tracks of the spaces,
 * and a flow from each fork by the faults of the pages that it shared to their
 * copies. Facts are taken from its lines in JSON (docs/explain-json.md).
 */
#ifndef TRACE_FLOWS_H
#define TRACE_FLOWS_H

#include "trace/source.h"
#include "trace/tracks.h"

struct fork {
    uint64_t parent, child; /* numbers of spaces; 0: not known */
    uint64_t time;
    struct tracks_place place; /* of its slice */
};

struct flows {
    struct source *source;
    struct tracks *tracks;
    struct rvemu_explain *explain;
    /* Of the last event that was taken. */
    bool is_shown; /* what is said now lies in what is asked for */
    uint64_t number, time;
    struct fork *fork; /* of this boot */
    size_t forks, room;
    struct dict fault;   /* when pages of spaces faulted */
    uint64_t flow;       /* the last number */
    uint64_t next_count; /* when counters are next worth their walk … */
    uint64_t between;    /* … and the time between two */
    bool failed;         /* memory is lacking */
};

/* Begins with the events of a boot. between: ns of machine time. Returns 0, or
 * -1: memory is lacking. */
int flows_begin(struct flows *flows, struct source *source,
                struct tracks *tracks, uint64_t between);

/* Takes the event that the source gave last. */
void flows_take(struct flows *flows);

/* Ends a boot. */
void flows_end(struct flows *flows);

/* The process of a space's tracks, named; 0: none is known. */
unsigned flows_process(struct tracks *tracks, struct source *source,
                       const struct life *life);

#endif
