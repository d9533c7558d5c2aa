/*
 * How spaces begin and end, concluded from ecalls, returns and page tables.
 *
 * A *fork* is one call with two returns: a program in one root made an ecall,
 * a program begins in another root right behind it, and the first one goes on
 * behind it, too. Which pages they share is counted as the child begins. Until
 * the parent has gone on, a root that begins behind an ecall may be the same
 * process, moved: after LINES_HOLD no more than that is said, and the fork is
 * counted when the parent goes on.
 *
 * Of several roots that made the call, the parent is the one that shares the
 * most protected pages, of equals the most pages. If there still are equals,
 * the fork says how many, and nobody is named. A root that is gone is
 * remembered for its calls (ghost).
 *
 * A child may be killed before it has run. It is told as one when it ends, if
 * it mapped nothing but frames of its parent, protected ones among them.
 *
 * A root that lost all its pages has *ended*. If it was the one whose ecall the
 * hart was in, and the hart goes on in a root that is new, that is said, too:
 * it may be an exec, or an exit before another space's first turn.
 */
#ifndef ANALYSIS_LIFE_H
#define ANALYSIS_LIFE_H

#include "analysis/callers.h"
#include "analysis/lifetimes.h"

#define LIFE_GHOSTS 16 /* roots gone that are remembered */
#define LIFE_CLAIMS 16 /* forks whose parent has not gone on */
#define LIFE_UNBORN 16 /* roots that no program has run in yet */

/* A root that is gone. */
struct ghost {
    unsigned id; /* 0: none */
    struct space_name name;
    struct call call[SPACE_CALLS];
};

/* A child that has begun. */
struct claim {
    unsigned parent; /* id of its root */
    unsigned alike;  /* how many others may be the parent as well */
    unsigned number; /* of the fork */
    u64 pc;          /* behind the ecall */
    u64 time;        /* of what is known of it first */
    u64 begun;
    u64 called; /* when the call was made, as far as is known */
    u64 ticket;
    u64 lost_pc;   /* in the call pages lost W by this instruction; or 0 */
    u64 table_by;  /* behind the call that took a table of the child's; or 0 */
    bool returned; /* the parent has gone on behind the call */
    bool told;     /* as unsure */
};

/* A root that was loaded and maps just the pages of another that had made an
 * ecall, protected data among them: a child to be. */
struct unborn {
    unsigned id; /* 0: none */
    unsigned parent;
    u64 pc; /* of the ecall */
    u64 time;
    u64 ticket;
    struct cow_fork fork;
};

struct life_hart {
    unsigned caller; /* id of the root whose program made the last ecall */
    u64 time;        /* when; 0: a program runs */
    unsigned ended;  /* id of a root that ended here since that ecall */
    u64 ended_time;
    u64 ticket; /* its line, until it is known whether it was an exec */
    struct end {
        struct space_name name;
        u64 pages;
        u64 given_up;
    } end;
};

/* The names of a fork's sides, as they were then: roots are used again. */
struct fork_names {
    struct space_name parent;
    struct space_name child;
};

/* Zero but for `story` and `lifetimes` is a valid start. */
struct life {
    struct story *story;
    const struct lifetimes *lifetimes;
    struct ghost ghost[LIFE_GHOSTS];
    unsigned next_ghost;
    struct claim claim[LIFE_CLAIMS];
    unsigned claims;
    struct unborn unborn[LIFE_UNBORN];
    unsigned next_unborn;
    struct life_hart hart[HARTS];
    struct callers callers;
    unsigned *protecting; /* ids of roots whose latest call takes W from pages
                             and is not back, as far as looked at */
    unsigned protectings;
    unsigned protecting_room;
    struct fork_names *names; /* of each of cow.fork */
    unsigned names_room;
};

/* A root was loaded for the first time, and its entries are known. */
void life_loaded(struct life *life, struct table *root, u64 time);

/* A program of the hart's root made an ecall. */
void life_call(struct life *life, const struct rvemu_event *event);

/* The hart returns to a program of its root. If it begins there as somebody's
 * child, returns the id of the parent's root, else 0. */
unsigned life_return(struct life *life, const struct rvemu_event *event);

/* Whether nothing of life waits for a return of the hart to a program of root,
 * which has run before; then what life_return() is. */
bool life_is_plain(const struct life *life, unsigned hart,
                   const struct table *root);
void life_go_on(struct life *life, const struct rvemu_event *event,
                struct table *root);

/* When the call was made that has made the child which has just begun, as far
 * as is known: at this time at the latest. */
u64 life_made(const struct life *life);

/* When the call was made that it begins behind, as far as is known. */
u64 life_called(const struct life *life);

/* The child that has just begun was made before this time at the latest. */
void life_place(struct life *life, u64 time);

/* When the program of root made the call that it is in; 0: it is in none. */
u64 life_call_time(const struct table *root);

/* A page of this root lost W in this pte_write, as at a fork: what follows may
 * be one's consequence. */
void life_protected(struct life *life, struct table *root,
                    const struct rvemu_event *event);

/* The root is about to go. */
void life_lost(struct life *life, struct table *root, unsigned hart, u64 time);

/* Time has passed. */
void life_advance(struct life *life, u64 now);

/* No more events come. */
void life_finish(struct life *life);

#endif
