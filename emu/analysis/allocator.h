/*
 * The allocator of a kernel, as its calls show it: which frames it gives out
 * and takes back, and who asked for that.
 *
 * A call is under way from its entry to its return, which has the same stack
 * pointer; it may be suspended in between, and go on on another hart. One that
 * is made within a function of RVEMU_FRAMES_VIA, on the stack of that, counts
 * as made by the caller of the outermost of these.
 */
#ifndef ANALYSIS_ALLOCATOR_H
#define ANALYSIS_ALLOCATOR_H

#include "analysis/lifetimes.h"

#define ALLOCATOR_CALLS 256  /* under way; the oldest gives way */
#define ALLOCATOR_STACK 4096 /* bytes of it in which calls are found nested */

struct frames_call {
    const struct rvemu_frames_function *function;
    u64 ra;
    u64 sp;
    u64 by; /* behind the call, or the one that it was made for */
    u64 time;
    u64 ppn; /* of RVEMU_FRAMES_DROP … */
    u64 digest;
    u64 count; /* frames */
    u8 hart;
};

/* Zero but for `lifetimes` is a valid start. */
struct allocator {
    struct lifetimes *lifetimes;
    unsigned calls;
    struct frames_call call[ALLOCATOR_CALLS]; /* the oldest first */
};

/* A probe event. */
void allocator_probe(struct allocator *allocator,
                     const struct rvemu_event *event);

#endif
