/*
 * The parts of a debugger (rvemu/debug.h): what its files share.
 *
 *   points.c   the points, and what the machine has of them
 *   meets.c    whether a point is met by what has just happened
 *   orders.c   steps, lines and calls: an order is a machine of states that is
 *              asked before each run and behind it
 *   engine.c   runs, forwards
 *   reverse.c  and backwards
 *
 * The machine halts where it may have to stop (machine/halt.h): before the
 * instruction of a breakpoint, behind a step in which a watch was met or an
 * event of a wanted kind happened, and where the order wants to look. What
 * decides is here; where nothing does, the machine goes on as if it had not
 * halted.
 */
#ifndef DEBUG_ENGINE_H
#define DEBUG_ENGINE_H

#include <rvemu/debug.h>

#include "base/types.h"
#include "machine/halt.h"

struct decoder;

#define DEBUG_NAME 128

struct debug_point {
    struct rvemu_point of;
    int id;
    u64 hits;                        /* forwards */
    u64 skipped;                     /* of of.skip */
    bool is_set;                     /* the machine has it */
    unsigned levels[RVEMU_WALK_MAX]; /* PTE: of the entries that are watched */
    u64 entries[RVEMU_WALK_MAX];     /* and where these lie */
    unsigned entry_count;
};

/* Where a hart is. */
struct debug_spot {
    u64 pc, sp, root;
    u64 steps, traps;
    unsigned priv;
};

/* A line of the source. */
struct debug_line {
    bool is_known;
    unsigned line;
    char path[DEBUG_NAME], symbol[DEBUG_NAME];
};

enum debug_errand {
    ERRAND_NONE,
    ERRAND_TRAP, /* the hart is in a handler, which is to come back to `from` */
    ERRAND_CALL  /* or in a function, which is to come back to `back` */
};

struct debug_order {
    struct rvemu_order of;
    bool is_on;
    rvemu_event_set kinds;   /* that it waits for */
    const char *failed;      /* it cannot be followed: why */
    u64 left;                /* steps to be made */
    struct debug_spot begin; /* where the order was given */
    struct debug_spot from;  /* before the step under way */
    struct debug_line line;  /* where it began */
    enum debug_errand errand;
    u64 back;
    bool has_break;  /* a breakpoint at `back` is the order's */
    bool is_call;    /* the step under way is a call, */
    bool is_return;  /* or a return, of a function or from a trap, */
    unsigned length; /* and the instruction's length */
};

struct rvemu_debugger {
    rvemu *machine;
    struct decoder *decoder;
    struct debug_point *point; /* in the order of their ids */
    unsigned points, point_room;
    int last_id;
    int only; /* the id of the point that alone counts; 0: all do */

    rvemu_event_set heard;     /* by which somebody may tell of something */
    rvemu_event_set kinds;     /* that are subscribed to, … */
    int subscription;          /* … by this; 0: none */
    struct rvemu_event *event; /* what was told in the latest run */
    unsigned events, event_room;
    bool is_deaf; /* they are of what is run again */

    struct debug_order order;
    bool has_stopped; /* the hart that stopped may go on from a breakpoint */
    unsigned stopped_hart;
    bool is_told; /* rvemu_debug_tell() */
    char text[256];

    rvemu_debug_place_fn *place;
    void *place_arg;
    bool (*go_on)(void *arg);
    void *go_on_arg;
    u64 asked_at; /* a position, or so many */
    u64 runs;
};

/* points.c */
struct debug_point *debug_point_find(const struct rvemu_debugger *d, int id);
/* Gives the machine all points that are on, or takes them from it. False: not
 * all could be set, and those are off. */
bool debug_points_set(struct rvemu_debugger *d);
void debug_points_unset(struct rvemu_debugger *d);
/* Entries of page tables have changed, or the machine is at another time. */
void debug_points_follow(struct rvemu_debugger *d);
/* Subscribes to what points and order want. False: no memory. */
bool debug_points_listen(struct rvemu_debugger *d);
/* One more, or one less, wants a breakpoint at va. False: no memory. */
bool debug_break(struct rvemu_debugger *d, u64 va, bool on);

/* meets.c: the first point that is met by what has just happened, in *stop,
 * all but where the machine stands. Counts hits if it is told to. */
bool debug_meets(struct rvemu_debugger *d, const struct rvemu_stop *run,
                 bool counts, struct rvemu_debug_stop *stop);

/* orders.c */
struct debug_spot debug_spot(const struct rvemu_debugger *d, unsigned hart);
/* False: it cannot be followed; text says why. */
bool debug_order_begin(struct rvemu_debugger *d,
                       const struct rvemu_order *order, const char **text);
void debug_order_end(struct rvemu_debugger *d);
/* Before a run: where the machine is to halt. */
void debug_order_prepare(struct rvemu_debugger *d);
/* Behind a run: whether the order is done. */
bool debug_order_check(struct rvemu_debugger *d, const struct rvemu_stop *run);

/* engine.c: rvemu_run(), with all events told. */
void debug_run_machine(struct rvemu_debugger *d, u64 steps,
                       struct rvemu_stop *run);
/* Says in *stop where the machine stands. */
void debug_stand(struct rvemu_debugger *d, struct rvemu_debug_stop *stop);
void debug_fail(struct rvemu_debug_stop *stop, const char *text);

/* Whether a long run may go on: asked every so many steps or runs. */
#define DEBUG_PATIENCE 4000000
#define DEBUG_RUNS 4096
bool debug_is_patient(struct rvemu_debugger *d);

#endif
