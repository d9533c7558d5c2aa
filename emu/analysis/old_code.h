/*
 * Old code: what harts execute that was changed since their last fence.i
 * (stale_fetch events; hart/code/changes.h).
 *
 * A kernel may change an instruction while others execute it, where both the
 * old and the new one will do, and have each hart do fence.i then ("Zifencei"
 * leaves that to it). So a fetch of what changed waits for a fence.i of its
 * hart, as a use of a stale translation does (windows.h), and is a finding when
 * there has been none for LINES_HOLD. A program's fetch of what a kernel or a
 * device has stored does not wait: what runs is a program by then.
 *
 * Each store that changes code is told once.
 */
#ifndef ANALYSIS_OLD_CODE_H
#define ANALYSIS_OLD_CODE_H

#include "analysis/story.h"

#define OLD_CODES 64 /* that wait; the oldest give way, and are told */

struct old_code_use {
    u64 ticket;
    u64 time;
    u64 key;
    unsigned hart;
    u64 changed; /* when the code was, in ns */
    struct facts *facts;
};

/* Zero but for `story` is a valid start. */
struct old_code {
    struct story *story;
    unsigned count;
    struct old_code_use use[OLD_CODES]; /* oldest first */
    struct map told;                    /* of stores, by what they are known */
    u64 fenced[HARTS];                  /* the last fence.i: when … */
    u64 fenced_pc[HARTS];               /* … and where */
    u64 windows;                        /* that a fence.i closed in time */
};

/* A stale_fetch or fence_i event. */
void old_code_event(struct old_code *old_code, const struct rvemu_event *event);

/* Time has passed; no more events come. */
void old_code_advance(struct old_code *old_code, u64 now);
void old_code_finish(struct old_code *old_code);

#endif
