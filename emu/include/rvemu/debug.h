/*
 * Debugging: points at which a machine stops, orders by which it goes on, and
 * going back. One engine for the monitor, gdb, a viewer and whoever has the
 * library.
 *
 * A debugger belongs to one machine, and that is run through it. It changes
 * nothing that the guest does and no event of another kind, and what is off
 * costs nothing. A point is a breakpoint (before an instruction), a watchpoint
 * (an access to addresses), or a catch (an event, or a change of an entry of
 * page tables).
 *
 * A position is the number of steps of all harts together since reset: the
 * state behind so many. Forwards, a machine stops behind the step that a
 * watchpoint or a catch tells of, and before the instruction of a breakpoint.
 * Backwards it stops before either. So a watchpoint that is met in both
 * directions is met twice, on both sides of one step, and memory has the new
 * value on one and the old on the other.
 *
 * All of it is called between runs. Going back needs a history that has begun
 * (history.h).
 */
#ifndef RVEMU_DEBUG_H
#define RVEMU_DEBUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rvemu/binary.h>
#include <rvemu/error.h>
#include <rvemu/machine.h>
#include <rvemu/trace.h>

struct rvemu_debugger;

/* Makes a debugger of a machine, without points. NULL: memory is lacking, or
 * the machine has too many subscribers. One debugger a machine. */
struct rvemu_debugger *rvemu_debugger_new(rvemu *machine);

/* Takes all points away and frees it; before its machine. NULL is none. */
void rvemu_debugger_free(struct rvemu_debugger *debugger);

/* The machine is about to go, as for a reset: the debugger is left without one,
 * keeps its points, and may do nothing but attach or be freed. */
void rvemu_debugger_leave(struct rvemu_debugger *debugger);

/* Goes on with another machine. Returns 0, or -1 when memory is lacking: points
 * that could not be set are off then. */
int rvemu_debugger_attach(struct rvemu_debugger *debugger, rvemu *machine);

/* The machine; NULL when it was left. */
rvemu *rvemu_debugger_machine(const struct rvemu_debugger *debugger);

/* ---- points ---- */

enum rvemu_point_kind {
    RVEMU_POINT_BREAK, /* a hart is about to execute the instruction at va */
    RVEMU_POINT_WATCH, /* an instruction accesses a byte from first to last */
    RVEMU_POINT_CATCH, /* an event happens */
    RVEMU_POINT_PTE    /* a store, whoever's, changes an entry of page tables on
                        * the way from the root of `satp` to va */
};

/* What is compared. */
enum rvemu_test_of {
    RVEMU_TEST_X,     /* register x`number` of the hart */
    RVEMU_TEST_CSR,   /* CSR `number` of the hart */
    RVEMU_TEST_WORD,  /* of a CATCH: word `number` of the event's payload */
    RVEMU_TEST_VALUE, /* of a WATCH or PTE: access.now */
    RVEMU_TEST_OLD    /* of a WATCH or PTE: access.old */
};

/* Unsigned. */
enum rvemu_compare {
    RVEMU_EQ,
    RVEMU_NE,
    RVEMU_LT,
    RVEMU_LE,
    RVEMU_GT,
    RVEMU_GE
};

struct rvemu_test {
    enum rvemu_test_of of;
    unsigned number;
    enum rvemu_compare compare;
    uint64_t mask; /* of what is compared with value; 0: all of it */
    uint64_t value;
};

#define RVEMU_POINT_TESTS 4
#define RVEMU_POINTS_MAX 1024

struct rvemu_debug_stop;

struct rvemu_point {
    enum rvemu_point_kind kind;

    /* Who has to do it; all zero: anyone. */
    uint32_t harts; /* bit h: hart h; 0: each, and of events those of none */
    uint8_t privs;  /* bit p: in privilege p (0 U, 1 S, 3 M); 0: in any */
    bool has_space; /* while satp has the root of `satp`; not of a PTE point,
                     * which concerns that root whoever stores */
    uint64_t satp;  /* MODE and PPN; its ASID is nothing to this */

    uint64_t va; /* BREAK, PTE */

    /* WATCH: addresses as the instruction has them or, with is_physical, where
     * they lie, whoever it is: then also those of the walker (A and D) and of
     * devices. */
    uint64_t first, last; /* both included */
    bool is_physical;
    bool reads, writes; /* which accesses; an AMO is both */
    bool changes;       /* and only those that change a byte in the range */

    /* CATCH */
    unsigned event; /* a kind of events.def */
    bool has_va;    /* the event has a field va, and what lies there and it is
                     * about meets va to va_last: subscription.h */
    uint64_t va_last;

    unsigned tests; /* of test[], which must all hold */
    struct rvemu_test test[RVEMU_POINT_TESTS];

    /* Is asked last, when the machine stands as for the stop; NULL: it holds.
     * Looks at the machine and changes nothing. */
    bool (*holds)(void *arg, const struct rvemu_debug_stop *stop);
    void *arg;

    uint64_t skip; /* so many hits are passed over, forwards */
    bool is_once;  /* the first stop takes it away */
    bool is_off;   /* it is kept, and never hit */
};

/* Adds a point, which is copied. Returns its number, from 1 on and never given
 * again, or -1 with error: what is wrong with it, or memory is lacking. */
int rvemu_point_add(struct rvemu_debugger *debugger,
                    const struct rvemu_point *point, struct rvemu_error *error);

/* Takes a point away. -1: there is none of that number. */
int rvemu_point_remove(struct rvemu_debugger *debugger, int number);

/* Turns a point off or on. -1: there is none, or memory is lacking. */
int rvemu_point_switch(struct rvemu_debugger *debugger, int number, bool on);

/* The point of a number and how often it was hit, forwards; NULL: there is
 * none. Valid until points are added or removed. */
const struct rvemu_point *
rvemu_point_find(const struct rvemu_debugger *debugger, int number,
                 uint64_t *hits);

/* The number of the first point behind `number` (0: the first of all), in the
 * order in which they were added; 0: there is none. */
int rvemu_point_next(const struct rvemu_debugger *debugger, int number);

/* The events by which somebody else (a check, an expectation) may come to a
 * finding: the machine halts behind the step of each to hear of it; 0: it does
 * not. -1: memory is lacking, or there are too many subscribers. */
int rvemu_debug_hear(struct rvemu_debugger *debugger, rvemu_event_set kinds);

/* A finding: the machine stops, with why RVEMU_WHY_TOLD and this text, of which
 * the first 255 bytes are kept; behind the step of an event that is heard of,
 * else at the end of the slice. To be called while an event is told or between
 * runs. */
void rvemu_debug_tell(struct rvemu_debugger *debugger, const char *text);

/* ---- why it stopped ---- */

enum rvemu_why {
    RVEMU_WHY_STEPS, /* as many as were asked for; an order goes on */
    RVEMU_WHY_DONE,  /* what was ordered */
    RVEMU_WHY_POINT, /* see point */
    RVEMU_WHY_TOLD,  /* by rvemu_debug_tell(): see text */
    RVEMU_WHY_HOST,  /* the host's poll, or go_on, said so */
    RVEMU_WHY_FIRST, /* backwards: nothing is known of before */
    RVEMU_WHY_END,   /* the machine cannot get on, or its guest is done: see
                      * machine */
    RVEMU_WHY_ERROR  /* it could not be done: see text */
};

/* An access that a watchpoint tells of, or a store to an entry of page tables.
 * old and now are what the range has, if it is of eight bytes at most and in
 * one page, else the first eight bytes that the access has of it; of a device's
 * register, what was written or read, and old is 0. */
struct rvemu_debug_access {
    bool has_va; /* an instruction's; else the walker's or a device's */
    bool is_write;
    uint8_t origin; /* enum rvemu_origin */
    uint64_t va, pa;
    uint64_t size;  /* in bytes */
    uint64_t old;   /* before it */
    uint64_t now;   /* behind it; of a read the same */
    unsigned level; /* of a PTE point: of the entry */
};

struct rvemu_debug_stop {
    enum rvemu_why why;
    int point;         /* its number; 0: none */
    unsigned hart;     /* whose step it is, or RVEMU_NO_HART */
    uint64_t position; /* where the machine stands */
    uint64_t at;       /* behind the step that did it: position or, backwards,
                        * one more. Of a breakpoint: position */
    uint64_t time;     /* machine time in ns, where the machine stands */
    uint64_t pc;       /* of the instruction that did it or, at a breakpoint
                        * and behind an order, is to be executed by hart */
    bool is_backwards; /* it came there so */
    struct rvemu_debug_access access; /* of a WATCH or PTE */
    struct rvemu_event event;         /* of a CATCH; else its kind is 0 */
    struct rvemu_stop machine;        /* with _END */
    char text[256];                   /* with _TOLD and _ERROR */
};

/* ---- forwards ---- */

enum rvemu_go {
    RVEMU_GO_ON,     /* to the next point */
    RVEMU_GO_STEP,   /* `count` steps of the hart; the others go on in their
                      * turns. A trap is a step, and leads to its handler */
    RVEMU_GO_OVER,   /* the same, but a step that traps is over when its handler
                      * has come back and the instruction is done */
    RVEMU_GO_TRAP,   /* to the next trap that the hart takes */
    RVEMU_GO_RANGE,  /* until pc of the hart is not in first to last */
    RVEMU_GO_LINE,   /* to another line of the source, also that of a function
                      * that is called, if it has lines; over traps */
    RVEMU_GO_NEXT,   /* to another line, over calls */
    RVEMU_GO_FINISH, /* until the function that the hart is in has come back to
                      * its caller; over traps */
    RVEMU_GO_TO      /* until the hart is about to execute the instruction at
                      * first, with sp as it is now, or above */
};

struct rvemu_order {
    enum rvemu_go go;
    unsigned hart;
    uint64_t count;       /* _STEP, _OVER: 0 is 1 */
    uint64_t first, last; /* _RANGE, both included; _TO */
};

/* Says what the machine is to do in the runs that follow. Points stop it all
 * the same. Behind a stop it is RVEMU_GO_ON again. */
void rvemu_debug_order(struct rvemu_debugger *debugger,
                       const struct rvemu_order *order);

/* Runs the machine as was ordered, for `steps` steps at most (of all harts),
 * and says why it stopped. As rvemu_run() otherwise. Whoever stands at a
 * breakpoint goes on from there. */
void rvemu_debug_run(struct rvemu_debugger *debugger, uint64_t steps,
                     struct rvemu_debug_stop *stop);

/* Runs until an event, or what else a point may be, that no other needs to know
 * of: with the point added, and once it is met, or something else stops the
 * machine, taken away again. */
void rvemu_debug_until(struct rvemu_debugger *debugger,
                       const struct rvemu_point *point, uint64_t steps,
                       struct rvemu_debug_stop *stop);

/* Where lines come from: what the code at pc is, in the space that the hart is
 * in. False: it has no line. Strings stay valid while the machine stands. */
typedef bool rvemu_debug_place_fn(void *arg, unsigned hart, uint64_t pc,
                                  struct rvemu_place *place);

/* Without it, _LINE and _NEXT end with RVEMU_WHY_ERROR. */
void rvemu_debug_set_places(struct rvemu_debugger *debugger,
                            rvemu_debug_place_fn *place, void *arg);

/* Is asked now and then (some millions of steps) while something long is done,
 * backwards also: false ends it with RVEMU_WHY_HOST, where it has come to, or
 * from where it had set out backwards. */
void rvemu_debug_set_patience(struct rvemu_debugger *debugger,
                              bool (*go_on)(void *arg), void *arg);

/* ---- backwards ---- */

/* Whether there is a history to go back in. */
bool rvemu_debug_can_reverse(const struct rvemu_debugger *debugger);

/* Goes back to the latest place before this one where a point was met, or, with
 * RVEMU_WHY_FIRST, to where history begins. Re-executes at most what lies in
 * between, and up to two stretches between snapshots. */
void rvemu_debug_reverse(struct rvemu_debugger *debugger,
                         struct rvemu_debug_stop *stop);

/* Goes back to before the hart's last `count` steps (0: 1): what other harts
 * have done since then is undone, too. RVEMU_NO_HART: those of all harts. */
void rvemu_debug_reverse_step(struct rvemu_debugger *debugger, unsigned hart,
                              uint64_t count, struct rvemu_debug_stop *stop);

/* Goes back to the latest place before this one where this point, which no
 * other needs to know of, was met: the last write of an address (a WATCH), the
 * last change of an entry (PTE), the event before this one of a kind (CATCH),
 * the last time that an instruction was executed (BREAK). No other point stops
 * it. When it was never met the machine is where it was, with why
 * RVEMU_WHY_FIRST. */
void rvemu_debug_last(struct rvemu_debugger *debugger,
                      const struct rvemu_point *point,
                      struct rvemu_debug_stop *stop);

/* Goes to a position, back or forward; forward of what is known, the machine
 * runs there and points are silent. Returns 0, or -1 with error. */
int rvemu_debug_goto(struct rvemu_debugger *debugger, uint64_t position,
                     struct rvemu_error *error);

#endif
