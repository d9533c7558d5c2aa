/*
 * The input log: all that came from outside, with the moment at which it came.
 *
 * A machine that is made alike and is given the same at the same moments does
 * the same. Of what the host says, this is all that matters: input, idle time
 * slept, when poll wants the next look, and changes made between runs.
 *
 * A moment is a place in the run loop that the guest decides: the steps of all
 * harts, and how often the machine has looked at its host or idled
 * (machine_state.looks). Machine time alone would not tell the looks at one
 * time apart.
 *
 * Up to the moment `end` the log answers in the place of the host: it is not
 * asked, and what it brings is refused. Entries before `next` have been given
 * to the machine; those behind it come at their moments. Who keeps a log
 * (history, a recording) is one of `keepers`; who replays one appends its
 * entries and sets end. There may be keepers then, too: behind end, what comes
 * is appended.
 */
#ifndef MACHINE_INPUT_LOG_H
#define MACHINE_INPUT_LOG_H

#include <rvemu/machine.h>

#include "base/types.h"

struct moment {
    u64 steps;
    u64 looks;
};

static inline bool moment_is_before(struct moment a, struct moment b)
{
    return a.steps < b.steps || (a.steps == b.steps && a.looks < b.looks);
}

static inline bool moment_is(struct moment a, struct moment b)
{
    return a.steps == b.steps && a.looks == b.looks;
}

enum log_kind {
    LOG_INPUT, /* rvemu_input() */
    LOG_NEXT,  /* a look: when poll wants the next one, value in ns */
    LOG_X,     /* changes between runs: a register gets value … */
    LOG_F,
    LOG_PC,
    LOG_CSR,
    LOG_RAM, /* … or RAM at pa `value` these bytes */
    LOG_KINDS
};

struct log_entry {
    struct moment at;
    u64 time;        /* ns of machine time */
    u8 kind;         /* enum log_kind */
    u8 input;        /* of LOG_INPUT: enum rvemu_input_kind */
    u8 hart;         /* of registers */
    bool in_idle;    /* it came while the host idled */
    u32 number;      /* of registers: which */
    u64 value;       /* of RVEMU_INPUT_UNTIL: ns */
    const u8 *bytes; /* of RVEMU_INPUT_BYTES and LOG_RAM: the log's own */
    size_t count;
};

struct input_log {
    struct log_entry *entry; /* count of them, in order of moments */
    size_t count, room;
    size_t next;
    struct moment end;
    unsigned keepers;
    bool watched;  /* poll is called all the same: it may end the run */
    bool lost;     /* memory was lacking for an entry */
    bool diverged; /* the machine passed an entry without meeting its moment */
};

void input_log_free(struct input_log *log);

/* Appends a copy of the entry, if there are keepers, which has been given to
 * the machine. */
void input_log_note(struct input_log *log, const struct log_entry *entry);

/* The same, kept or not, of an entry that is still to be given: for who loads a
 * log. False: memory is lacking. */
bool input_log_append(struct input_log *log, const struct log_entry *entry);

/* Drops the entries from index `first` on. */
void input_log_cut(struct input_log *log, size_t first);

/* The entry that is due next, or NULL. */
const struct log_entry *input_log_next(const struct input_log *log);

/* Whether the log answers at this moment in the place of the host. */
static inline bool input_log_answers(const struct input_log *log,
                                     struct moment now)
{
    return moment_is_before(now, log->end);
}

/* Steps from now on to where the log has something to give or ends, at least
 * 1; UINT64_MAX if that is nowhere ahead. */
u64 input_log_room(const struct input_log *log, struct moment now);

#endif
