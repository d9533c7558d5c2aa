/*
 * The kernel checks itself (boot option selfcheck=1). A broken invariant is
 * a mistake in the kernel and ends in PANIC.
 */
#ifndef CHECK_SELFCHECK_H
#define CHECK_SELFCHECK_H

#include "lib/types.h"

struct mm;

/* Turns the checks on; called once memory works. */
void selfcheck_init(void);

/* Everything there is; costs a walk over all frames and all tables. */
void selfcheck_all(void);

/* At the end of fork, exec, exit and wait: the space of the current task, and
 * from time to time everything, the more seldom the more processes there are.
 */
void selfcheck_step(void);

/* A number that changes with any area or entry of a space; 0 while checks are
 * off. */
u64 selfcheck_fingerprint(const struct mm *mm);

/* After a fork that failed: its parent is as the fingerprint says. */
void selfcheck_unchanged(const struct mm *mm, u64 fingerprint);

/* How many times selfcheck_all has run. */
u64 selfcheck_runs(void);

#endif
