/*
 * What the command line asks to be told about a run: -d (events as text),
 * --log-commits (instructions as text), --explain, --frames and --check
 * (sentences) and
 * --trace-hash, each a subscriber of the machine.
 *
 * Sentences are folded at words to the width of the terminal that stderr is.
 * Lines for the terminal never break a line of the guest's console: while the
 * guest is in the middle of one they wait for its end, unless they become
 * very many.
 */
#ifndef CLI_OBSERVE_H
#define CLI_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/explain.h>
#include <rvemu/rvemu.h>

struct observe_options {
    bool explain;
    struct rvemu_explain_options explained; /* but line and arg */
    const char *title;      /* what is run: the first line of --explain */
    rvemu_event_set hashed; /* kinds for --trace-hash; 0: none */
    rvemu_event_set kinds;  /* of -d; 0: none */
    const char *path;       /* of -D; NULL: stderr */
    bool commits;
    const char *commits_path; /* of --log-commits; NULL: as -d */
    rvemu_symbol_fn *resolve;
    void *symbols;
};

struct observer;

/* Reads the value of an option that lists kinds of events; NULL: none. Returns
 * 0, or -1 with error. */
int observe_kinds(const char *option, const char *list, rvemu_event_set *kinds,
                  struct rvemu_error *error);

/* Subscribes to what is asked for. Returns 0, or -1 with error; then nothing
 * is left behind. */
int observe_start(rvemu *machine, const struct observe_options *options,
                  struct observer **out, struct rvemu_error *error);

/* The machine is about to go: sentences about it end. */
void observe_detach(struct observer *observer);

/* The same for the machine of the next boot, behind that: sentences begin anew,
 * the file and the hash go on. Returns 0, or -1 with error. */
int observe_attach(struct observer *observer, rvemu *machine,
                   struct rvemu_error *error);

/* Says the first line of --explain, if that is asked for. */
void observe_begin(struct observer *observer);

/* Turns sentences off, or on again, and says so. */
void observe_toggle(struct observer *observer);

/* Puts a line of the caller's own among the observer's. */
void observe_say(struct observer *observer, const char *line);

/* The first line so far that says that the guest's kernel errs, or "". */
const char *observe_finding(const struct observer *observer);

/* A byte is about to go to the guest's console: what was explained of the time
 * before it is told first. In the middle of a console line nothing is, as
 * lines wait for its end. */
void observe_before_console(struct observer *observer);

/* A byte has gone to the guest's console. */
void observe_console(struct observer *observer, uint8_t byte);

/* Whether a line could not be written, so that a run is of no more use. */
bool observe_broken(const struct observer *observer);

struct observe_end {
    uint64_t mistakes; /* that --frames has told of, over all boots */
    struct rvemu_stale_totals stale; /* of --check tlb, likewise … */
    struct rvemu_check_totals checks[RVEMU_CHECKS]; /* … and of the others */
    bool in_line; /* the console left a line open where stderr goes */
};

/* The run is over: says what is still to be said and closes the files.
 * Returns 0, or -1 with error when what was written is not all there. */
int observe_finish(struct observer *observer, struct observe_end *end,
                   struct rvemu_error *error);

#endif
