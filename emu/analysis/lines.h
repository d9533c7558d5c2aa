/*
 * Sentences on their way out, in the order of what they tell.
 *
 * A line that cannot be told yet, since its outcome or its cause is still to
 * come, takes a ticket: the lines behind it wait for it, LINES_HOLD ns of
 * machine time at most. Then they go, and what the ticket stood for is told
 * when it is known, in whatever place that is.
 */
#ifndef ANALYSIS_LINES_H
#define ANALYSIS_LINES_H

#include "analysis/sentences.h"
#include "base/arena.h"

#define LINES_HOLD 50000000
#define LINES_MAX 4096 /* that wait; the oldest ticket gives way */

struct line {
    u64 place; /* a time: that of what it tells, or before */
    u64 time;  /* of what it tells */
    u64 ticket;
    enum sentence sentence;
    struct facts *facts; /* NULL: still to come */
};

/* Takes the next sentence, about what happened at this time. The facts are
 * valid during the call. */
typedef void line_fn(void *arg, u64 time, enum sentence sentence,
                     const struct facts *facts);

/* Zero but for `say` and `arg` is a valid start. */
struct lines {
    line_fn *say;
    void *arg;
    struct arena *arena; /* NULL: the heap */
    struct line *line;   /* `count` of them, in the order of their places */
    unsigned count;
    unsigned room;
    u64 tickets;
    bool failed; /* memory ran out: a line was lost */
};

/* A place for a line about what happened at this time. 0 when there is none,
 * which lines_put() and lines_drop() take. */
u64 lines_hold(struct lines *lines, u64 time);

/* The same, before whatever else is told of this time. */
u64 lines_hold_before(struct lines *lines, u64 time);

/* The line of a ticket, or, if its place is gone, of this time. */
void lines_put(struct lines *lines, u64 ticket, u64 time,
               enum sentence sentence, const struct facts *facts);

/* There will be no such line. */
void lines_drop(struct lines *lines, u64 ticket);

/* Says what no ticket older than LINES_HOLD holds back. */
void lines_advance(struct lines *lines, u64 now);

/* Says at once all that can be told, whatever waits before it. */
void lines_tell(struct lines *lines);

/* Says all there is; what still has a ticket will not come. */
void lines_finish(struct lines *lines);

/* A line still to come has a place at this time or later. */
static inline u64 lines_horizon(const struct lines *lines, u64 now)
{
    return lines->count && lines->line[0].place < now ? lines->line[0].place
                                                      : now;
}

#endif
