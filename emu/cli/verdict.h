/*
 * What the end of a run means: the status of the process, a word for programs
 * and a sentence for people.
 */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include "host/console.h"
#include "host/script.h"
#include "cli/observe.h"
#include "cli/session.h"

/* How a run ended. */
struct verdict_case {
    const struct options *options;
    const struct rvemu_stop *stop;
    enum console_verdict console; /* RVEMU_STOP_HOST: what it said */
    const char *failed;           /* the line that --fail-on matched, or "" */
    int signal;                   /* that ended it */
    uint64_t retired;             /* instructions, in all boots */
    const struct script *input;   /* of --input; NULL: there is none */
};

/* Fills in status, reason and text. */
void verdict_judge(const struct verdict_case *c, struct session_result *result);

/* Whether a run that ended so is to be reported of (mortem.h), and as what. */
bool verdict_is_reported(const struct rvemu_stop *stop,
                         enum console_verdict console, enum mortem_end *end);

/* What --frames and --check have found is told by then: a run that would be a
 * success is none with that. */
void verdict_judge_findings(const struct options *options,
                            const struct observe_end *end,
                            struct session_result *result);

/* Adds up what became of rules; one that failed makes a success none. */
void verdict_judge_rules(const struct rvemu_expect *rules,
                         struct session_result *result);

#endif
