/*
 * One run of a guest under the command line's options: machine, console and
 * observers put together, run until something ends it, and judged. A guest that
 * asks for a reset gets a new machine in the same session: console, limits and
 * files span all its boots.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>

#include <rvemu/rvemu.h>

#include "host/alarm.h"
#include "cli/mortem.h"
#include "cli/options.h"
#include "cli/tlb_counts.h"

/* Exit statuses of emu, beside the guest's own codes. */
enum status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,  /* --fail-on matched, --stop-on did not, or the guest is
                           lost */
    STATUS_LIMIT = 124, /* a limit was reached, or a deadlock */
    STATUS_USAGE = 125, /* the command line or the host is at fault */
    STATUS_FOUND = 126  /* else it would be 0, but --frames or --check found
                           mistakes, or a rule of --expect failed */
};

/* What a run has used, from the first boot to the last. */
struct session_spent {
    uint64_t steps;
    uint64_t retired;
    uint64_t time; /* ns of machine time */
};

/* A --milestone, and what the run had used when it was reached. */
struct session_milestone {
    const char *name; /* the options' */
    bool is_reached;
    unsigned boot; /* 0: the first */
    struct session_spent spent;
};

struct session_result {
    int status;
    char text[1200];    /* why it ended, for people; empty: nothing to say */
    const char *reason; /* the same in a word, for programs */
    bool in_line; /* the console has left a line without its end on stderr */
    struct session_spent spent;
    struct mortem report; /* more about it; without lines: there is none */
    bool has_place;
    struct mortem_place place; /* the report's, or where the last hart is */
    bool has_mistakes;
    uint64_t mistakes;               /* of --frames */
    struct rvemu_stale_totals stale; /* of --check tlb … */
    const uint8_t *check; /* levels; NULL: the run has not come to its end */
    struct rvemu_check_totals checks[RVEMU_CHECKS]; /* … and of the others */
    struct rvemu_expect_sum rules; /* of --expect; all 0: there are none */
    struct tlb_counts tlb;         /* of all boots */
    unsigned milestones;
    struct session_milestone milestone[OPTIONS_MILESTONES_MAX];
};

/* What to run: the images and what they are, as main() has settled it. */
struct session_config {
    const struct options *options;
    struct rvemu_guest guest;
    struct rvemu_image program; /* the user program in guest's initrd, if any */
    enum rvemu_title what;      /* for the first line of --explain */
    uint64_t
        end; /* when --timeout ends it, in ns of loop_now(), or LOOP_NEVER */
    struct rvemu_expect *rules; /* of --expect; NULL: none */
    const struct alarm *alarm;  /* set until the guest runs */
};

/* What was run when a snapshot was taken. False: it does not say. */
bool session_restores(const struct rvemu_snapshot *from,
                      enum rvemu_title *what);

/* Returns 0 with result filled, or -1 with error: where the guest has run all
 * the same and only what it left could not be written, result says how it
 * ended and has a reason; else it has none. */
int session_run(const struct session_config *config,
                struct session_result *result, struct rvemu_error *error);

#endif
