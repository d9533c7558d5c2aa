/*
 * Page faults that wait for their outcome.
 *
 * A fault is kept from its page_fault event until its outcome shows: an edit
 * of its page, a return to the program, or the end of its space. Then it is
 * told in one sentence, and counted. A copy of a frame that nobody else is
 * known to map waits for a space that does: a child's tables are unseen until
 * it is run. W given back to a frame that another maps waits for that one to
 * run: it may have ended and its tables be still there.
 */
#ifndef ANALYSIS_FAULTS_H
#define ANALYSIS_FAULTS_H

#include "analysis/answers.h"
#include "analysis/ended_walks.h"
#include "analysis/fault.h"
#include "analysis/life.h"
#include "analysis/loops.h"
#include "analysis/stale.h"

#define FAULTS_OPEN 32 /* waiting at a time; the oldest gives way */

/* Zero but for `story`, `life`, `doubts` and `stale` is a valid start. */
struct faults {
    struct story *story;
    struct life *life;
    struct doubts *doubts;
    const struct stale *stale; /* knows who changed what entry */
    unsigned open;
    struct fault fault[FAULTS_OPEN]; /* `open` of them, oldest first */
    struct ended_walks walks;
    struct loops loops;
    u64 satp_pc[HARTS]; /* behind the satp write just made; else 0 */
    u64 first_touches;
    u64 refused;
    u64 spurious;
};

/* A page_fault event: a fault begins. */
void faults_open(struct faults *faults, const struct rvemu_event *event);

/* A leaf was stored at `at`, for va below root; old is the entry's value
 * before. The spaces know the new one already. */
void faults_edit(struct faults *faults, const struct rvemu_event *event,
                 struct entry at, u64 old, u64 root, u64 va);

/* A trap event; an xret event: a hart returns. */
void faults_trap(struct faults *faults, const struct rvemu_event *event);
void faults_return(struct faults *faults, const struct rvemu_event *event);

/* Tables have changed: faults whose space or program is gone end. */
void faults_check_spaces(struct faults *faults);

/* No more events come: what waits is told as open. */
void faults_finish(struct faults *faults);

#endif
