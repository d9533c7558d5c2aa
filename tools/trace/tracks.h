/*
 * What Perfetto reads: events of the Chrome JSON trace event format ("Trace
 * Event Format", the JSON object form), each on a line of its own.
 *
 * JSON rather than Perfetto's own protobuf: every tool reads it, anyone can
 * look at it, and a test can check it without a schema. Times are in us with
 * three decimals, which is exact; boots follow each other.
 */
#ifndef TRACE_TRACKS_H
#define TRACE_TRACKS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "trace/dict.h"

/* The process that harts are threads of; spaces have numbers from
 * TRACKS_SPACES on. */
#define TRACKS_MACHINE 1
#define TRACKS_SPACES 100

/* Threads: of the machine one for each hart and privilege and one for its
 * traps, of a space those below. */
#define TRACKS_HART(hart, priv) (10 * ((unsigned)(hart) + 1) + (priv))
#define TRACKS_TRAPS(hart) TRACKS_HART(hart, 4)
#define TRACKS_RUNS(hart) (10000 + (unsigned)(hart))
#define TRACKS_FORKS 20000
#define TRACKS_FAULTS(hart) (30000 + (unsigned)(hart))
#define TRACKS_COPIES 40000
#define TRACKS_SAID 50000

struct tracks {
    FILE *out;
    uint64_t base;     /* ns that are added to the times of this boot */
    bool has_any;      /* an event was written */
    struct dict named; /* processes and threads that have their names */
};

void tracks_begin(struct tracks *tracks, FILE *out, const char *title);
void tracks_end(struct tracks *tracks);

/* Gives a process, or a thread of it, its name, once. */
void tracks_name_process(struct tracks *tracks, unsigned process,
                         const char *name);
void tracks_name_thread(struct tracks *tracks, unsigned process,
                        unsigned thread, const char *name);

/* Where and when something is. */
struct tracks_place {
    unsigned process, thread;
    uint64_t time; /* ns, of this boot */
};

/* Begins an event: whoever does adds members (json_member()), and ends it. */
void tracks_slice(struct tracks *tracks, struct tracks_place place,
                  uint64_t end, const char *name);
void tracks_instant(struct tracks *tracks, struct tracks_place place,
                    const char *name);
void tracks_counter(struct tracks *tracks, uint64_t time, const char *name,
                    uint64_t value);

/* A part of the flow of this number: phase 's' begins it, 't' goes on, 'f' ends
 * it. It binds to the slice that is there at that time. Whole as it is. */
void tracks_flow(struct tracks *tracks, struct tracks_place place, char phase,
                 uint64_t number);

/* ,"args":{ … } around what is to be shown of an event; then the event ends. */
void tracks_end_event(struct tracks *tracks);

#endif
