/*
 * What the checks of emu find, in a trace: the sentences of --check.
 */
#ifndef TRACE_FINDINGS_H
#define TRACE_FINDINGS_H

#include <rvemu/emt.h>

#include "trace/options.h"

struct findings {
    bool
        known; /* the trace holds what they rest on, from the run's beginning */
    uint8_t level[RVEMU_CHECKS]; /* of the checks that were made */
    struct rvemu_stale_totals stale;
    struct rvemu_check_totals checks[RVEMU_CHECKS];
};

/* How many findings the levels make failures. */
uint64_t findings_count(const struct findings *findings);

/* Whether a trace has what the checks need. */
bool findings_can_be_known(const struct rvemu_emt_about *about);

/* Reads the trace of a command from its beginning and writes a line for each
 * finding, and one with all counts for each boot. Returns 0, or -1 with error.
 */
int findings_tell(struct findings *findings, const struct options *options,
                  FILE *out, struct rvemu_error *error);

#endif
