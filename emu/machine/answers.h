/*
 * The log's answers: what it has for this moment is given to the machine, in
 * the place of the host (input_log.h).
 */
#ifndef MACHINE_ANSWERS_H
#define MACHINE_ANSWERS_H

#include "machine/machine.h"

static inline struct moment machine_moment(const struct rvemu *m)
{
    return (struct moment){m->s.steps, m->s.looks};
}

/* Whether the log answers now in the place of the host. */
static inline bool machine_is_answered(const struct rvemu *m)
{
    return input_log_answers(&m->log, machine_moment(m));
}

/* An entry of now, to be filled. */
struct log_entry answers_entry(const struct rvemu *m, enum log_kind kind);

/* Gives the machine the next entry, if it is due at this moment, outside of a
 * look. Whether it was. */
bool answers_give(struct rvemu *m);

/* The same in a look, which is told when the next one is wanted in *next; and
 * of all that came while the host idled. */
void answers_look(struct rvemu *m, u64 *next);
void answers_idle(struct rvemu *m);

/* Makes a change that an entry of LOG_X to LOG_RAM says. Returns 0, or -1 if
 * that cannot be. */
int answers_change(struct rvemu *m, const struct log_entry *entry);

#endif
