/*
 * Uses of translations that should be gone, while it is not sure yet that they
 * do harm.
 *
 * Between a store to a page table and the fence for it, a kernel that fences
 * before harm is done is right, and other harts may use what they have. So a
 * use waits. A fence of its hart that covers the translation closes the window:
 * nothing is said. It breaks, and the use is told, when the frame is copied
 * after a store to it, or given out again, when the entry changes once more,
 * or when there has been no fence for LINES_HOLD.
 *
 * A lawful window of two harts can see hundreds of thousands of uses: each
 * translation has one, its first.
 */
#ifndef ANALYSIS_WINDOWS_H
#define ANALYSIS_WINDOWS_H

#include "analysis/stays.h"
#include "analysis/story.h"

#define WINDOWS 256 /* that are open; more uses are counted, and no more */

struct window {
    struct fenced at;
    bool certain; /* the TLB of this machine has answered so */
    bool due;     /* no fence can make it right */
    bool stores;
    u8 writer; /* the hart that stored to the page table, or to satp … */
    u64 pc;    /* … and where; 0: that is not known */
    u64 ticket;
    u64 time;    /* of the use */
    u64 pte_pa;  /* 0: no entry has changed */
    u64 frame;   /* that the old translation leads to, of this level */
    unsigned id; /* of the root that is in force */
    enum sentence sentence; /* where a child is known to share the frame */
    enum sentence unseen;   /* where none is */
    struct facts *facts;
};

/* Zero but for `story` and `stays` is a valid start. */
struct windows {
    struct story *story;
    const struct stays *stays;
    unsigned count;
    struct window window[WINDOWS]; /* oldest first */
    u64 certain;                   /* that were told … */
    u64 may;                       /* … and of these kinds */
    u64 closed;
    u64 unjudged;
};

/* A use, with its facts, which are copied. One that is `due`, since the kernel
 * has gone back to a program without the fence, is told at once. */
void windows_open(struct windows *windows, const struct window *window,
                  const struct facts *facts, bool due);

/* Sets what there was in place of the fence that should have been: in the same
 * trap from a program one that does not cover the translation, the one that
 * comes nearest, or one too early. Of the window `at` and `writer` suffice. */
void windows_name_gap(const struct windows *windows,
                      const struct window *window, struct facts *facts);

/* Events that close or break windows: tlb_flush, svinval, pte_write,
 * frame_copied. */
void windows_event(struct windows *windows, const struct rvemu_event *event,
                   u64 seq);

/* A frame, as a page of this level, is given out again. */
void windows_given(struct windows *windows, u64 frame, unsigned level);

/* A child begins: it may be who shares what its parent, the root with this id,
 * stored to. Returns when that was first, or UINT64_MAX. */
u64 windows_meet(struct windows *windows, unsigned parent, struct table *child);

/* Time has passed; no more events come. */
void windows_advance(struct windows *windows, u64 now);
void windows_finish(struct windows *windows);

#endif
