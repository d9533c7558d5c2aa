/*
 * Checks: which of them a conclusion is a finding of, and how sure it is.
 *
 * --check says no more than --explain and --frames have concluded; it says what
 * counts, and ends the run by it. Without --frames nobody says when a frame is
 * free: that one is given out while others map it is then possible, and no
 * more.
 */
#ifndef ANALYSIS_CHECKS_H
#define ANALYSIS_CHECKS_H

#include <rvemu/explain.h>

#include "analysis/sentences.h"

struct checks_finding {
    enum rvemu_check check;
    enum rvemu_check_level level; /* RVEMU_CHECK_OFF: it is none */
};

struct checks_finding checks_finding_of(enum sentence sentence,
                                        const struct facts *facts);

/* Whether a check that is asked for, at a level that has it, says it. */
bool checks_tell(const uint8_t level[RVEMU_CHECKS], enum sentence sentence,
                 const struct facts *facts);

/* Counts a conclusion that a line tells. */
void checks_count(struct rvemu_check_totals totals[RVEMU_CHECKS],
                  enum sentence sentence, const struct facts *facts);

#endif
