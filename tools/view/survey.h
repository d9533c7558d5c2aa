/*
 * The survey: one silent run of a guest from its reset to its end, from which
 * the viewer has the story (moment.h), who lived when, and what was printed.
 *
 * It is made once. What is on the screen at a step is not taken from it: that
 * is read from a machine that stands there (source.h).
 */
#ifndef VIEW_SURVEY_H
#define VIEW_SURVEY_H

#include <rvemu/emt.h>
#include <rvemu/rvemu.h>

#include "view/moment.h"
#include "view/record.h"

/* A value that satp had with a root, from a step on. */
struct survey_satp {
    uint64_t step, satp;
};

/* An address space that had a turn. */
struct process {
    uint64_t number; /* as --explain numbers them, from 1 on */
    bool has_pid;
    uint64_t pid;
    char name[32];   /* of its program; "": not known */
    uint64_t parent; /* a number; 0: none is known */
    uint64_t root;   /* PPN */
    uint64_t from;   /* steps between which it lives, … */
    uint64_t until;  /* … the last one not included */
    struct survey_satp *satp;
    size_t satps;
    size_t fork; /* the last that it took part in; MOMENT_NONE: none */
};

/* A byte of the console, and behind which step it was sent. */
struct survey_byte {
    uint64_t step;
    uint8_t byte;
};

struct survey {
    struct moment *moment;
    size_t moments;
    struct process *process;
    size_t processes;
    struct record_area *area; /* in the order in which they were said */
    size_t areas;
    struct survey_byte *console;
    size_t bytes;
    unsigned step_shift; /* a step is 2^step_shift ns of machine time */
    uint64_t last_step;  /* where the run ended */
    char ended[160];     /* why, for people */
    bool is_cut;         /* by the limit */
};

/* Who wants to know how far a survey is. It is asked with 0 at its beginning,
 * and then several times a second, with the steps made or the events read so
 * far. False: the survey is to be given up. */
struct survey_watch {
    bool (*call)(void *arg, uint64_t count, bool of_events);
    void *arg;
};

/* What the survey needs of who runs the machine. */
struct survey_config {
    rvemu *machine;          /* in reset, its guest loaded; or NULL, and … */
    struct rvemu_emt *trace; /* … a trace: its steps are times */
    const struct rvemu_names *names;
    enum rvemu_lang lang;
    uint64_t limit;                   /* steps at most */
    const struct survey_watch *watch; /* NULL: nobody */
};

/* Runs the machine, or reads the trace, to its end. The survey is all zero, but
 * for its step_shift. Returns 0, or -1 with error. */
int survey_make(struct survey *survey, const struct survey_config *config,
                struct rvemu_error *error);
void survey_free(struct survey *survey);

/* Takes a byte of the console: to be called by the machine's host while the
 * survey is made. */
void survey_console(struct survey *survey, rvemu *machine, uint8_t byte);

/* A process by its number, or NULL. */
struct process *survey_find(struct survey *survey, uint64_t number);

/* The satp value a process has at a step. */
uint64_t survey_satp_at(const struct process *process, uint64_t step);

/* The last moment at or before a step; 0 if there is none. */
size_t survey_moment_at(const struct survey *survey, uint64_t step);

#endif
