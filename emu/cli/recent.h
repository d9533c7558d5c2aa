/*
 * What has happened of late: kept while a run goes on, for a report of its end
 * (mortem.h).
 *
 * Kept are, for each hart, the traps that it has not returned from, and where
 * it was at some looks in the past; for page-table entries their last changes;
 * and the roots of page tables. All of it is bounded: the record is of one size
 * however long the run is. It is a subscriber of the machine like any other.
 */
#ifndef CLI_RECENT_H
#define CLI_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/rvemu.h>

#define RECENT_TRAPS 8
#define RECENT_LOOKS 64
#define RECENT_CHANGES 4
#define RECENT_ROOTS 64

/* A trap that was taken. */
struct recent_trap {
    uint64_t time; /* ns; of the first, if it was repeated; 0: not known */
    uint64_t pc, cause, tval;
    uint64_t satp;    /* in force where it happened; 0 in M-mode */
    unsigned priv;    /* where it happened: 0 U, 1 S, 3 M */
    uint64_t repeats; /* how often it was taken again, the same, at once */
    bool has_fault;
    struct rvemu_ev_page_fault fault; /* with has_fault: why */
};

/* Traps, one within the other, the outermost first. */
struct recent_traps {
    unsigned count;
    uint64_t dropped; /* of the middle, behind the first half of them */
    struct recent_trap trap[RECENT_TRAPS];
};

/* A store to a page-table entry. */
struct recent_change {
    uint64_t time, pc, old, new;
    uint8_t hart, priv, origin; /* as the event has them */
};

/* A root, and where a program of it was last seen in U-mode; 0: nowhere. */
struct recent_root {
    uint64_t ppn, user_pc;
};

struct recent;

/* Makes an empty record; NULL when memory is lacking. */
struct recent *recent_new(void);

/* NULL is none. */
void recent_free(struct recent *recent);

/* Empties the record and subscribes to this machine, which has not run. -1:
 * it has too many subscribers. */
int recent_attach(struct recent *recent, rvemu *machine);

/* Notes where the harts are. To be called often: it takes what it needs. */
void recent_look(struct recent *recent);

/* The traps that the hart is in. */
const struct recent_traps *recent_traps(const struct recent *recent,
                                        unsigned hart);

/* How many looks there are of the hart, and what look `back` saw, 0 the
 * latest: machine time and pc. */
unsigned recent_looks(const struct recent *recent);
void recent_looked(const struct recent *recent, unsigned hart, unsigned back,
                   uint64_t *time, uint64_t *pc);

/* Copies the last changes of the entry at pte_pa, the latest first, and says
 * how many. *whole: there was none but these since its table came into use. */
unsigned recent_changes(const struct recent *recent, uint64_t pte_pa,
                        struct recent_change out[RECENT_CHANGES], bool *whole);

/* The roots that are in use, as far as there was room. */
unsigned recent_roots(const struct recent *recent,
                      const struct recent_root **roots);

#endif
