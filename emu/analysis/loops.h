/*
 * Faults that come again and again while nothing changes.
 *
 * Of each hart the latest faults are kept, LOOP_LENGTH at most, for as long as
 * no entry, satp or TLB changes, no program makes a call, and no handler goes
 * back to another place than where one of them happened: else the guest may be
 * getting on, however alike its faults are. What an interrupt's handler goes
 * back to does not count. Of a cycle of faults the third time of its first is
 * where it is called a loop.
 */
#ifndef ANALYSIS_LOOPS_H
#define ANALYSIS_LOOPS_H

#include <rvemu/trace.h>

#include "base/types.h"

#define LOOP_LENGTH 4
#define LOOP_HARTS 256 /* as many as an event can name */

/* A fault, but for when it happened: two with the same are the same. */
struct met {
    u64 time;
    u64 pc;
    u64 va;
    u64 root; /* frame of the faulting space's root */
    u8 access;
    u8 priv;
};

struct loop {
    struct met met[LOOP_LENGTH]; /* a ring, the latest in front of `next` … */
    unsigned next;
    unsigned count;  /* … so many */
    unsigned length; /* of the cycle that they may be in, or 0 */
    unsigned times;  /* faults of the cycle that came again */
    u64 time;        /* of the cycle's first */
    u64 changes;     /* what loops.changes was */
    u64 interrupted; /* where an interrupt's handler is to go back to, or 0 */
    bool stale;      /* a refusal by an old entry was told of the latest */
};

/* Zero is a valid start. */
struct loops {
    u64 changes; /* of entries, satp, TLBs: counted by who feeds events */
    struct loop hart[LOOP_HARTS];
};

enum loop_state {
    LOOP_NONE,
    LOOP_FOUND, /* this fault shows that it is a loop */
    LOOP_KNOWN  /* a loop, as before */
};

/* A trap event; an xret event. */
void loops_trap(struct loops *loops, const struct rvemu_event *event);
void loops_return(struct loops *loops, const struct rvemu_event *event);

/* A fault on this hart. */
enum loop_state loops_meet(struct loop *loop, const struct loops *loops,
                           const struct met *met);

/* Whether the fault is the same as the hart's latest. */
bool loops_is_latest(const struct loop *loop, const struct met *met);

/* What comes behind the fault in a cycle that came twice, which may be the
 * fault itself; NULL: it is in none. */
const struct met *loops_next(const struct loop *loop, const struct met *met);

#endif
