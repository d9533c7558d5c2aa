/*
 * Page faults that wait for their outcome.
 *
 * A fault is kept from its page_fault event until its outcome shows: an edit
 * of its page, a return to the program, or the end of its space. Then it is
 * told in one sentence, and counted.
 */
#ifndef ANALYSIS_FAULTS_H
#define ANALYSIS_FAULTS_H

#include "analysis/story.h"

#define FAULTS_OPEN 32 /* waiting at a time; the oldest gives way */
#define WALKS_KEPT 64  /* that ended in no valid entry, the latest */

struct fault {
    u64 root; /* frame of the faulting space's root */
    u64 va;
    u64 pc;
    u64 leaf;    /* the leaf that refused it, 0 for none */
    u64 sharers; /* of that leaf's frame at the time */
    u8 hart;
    u8 priv;
    u8 access; /* enum rvemu_access */
    u8 reason; /* enum rvemu_reason */
    bool from_tlb;
    bool remembered; /* by the hart as invalid; the tables allow it */
    bool pc_mapped;  /* the faulting instruction's page was known */
};

/* A walk that ended in an entry that is not valid. With --tlb cache-invalid
 * this is when the hart began to remember it. */
struct ended_walk {
    u64 pte_pa; /* 0: none */
    u64 time;
    u16 asid;
    u8 hart;
};

/* Zero but for `story` is a valid start. */
struct faults {
    struct story *story;
    unsigned open;
    struct fault fault[FAULTS_OPEN]; /* `open` of them, oldest first */
    struct ended_walk walk[WALKS_KEPT];
    unsigned next_walk;
    u64 first_touches;
    u64 refused;
    u64 spurious;
};

/* A page_fault event: a fault begins. */
void faults_open(struct faults *faults, const struct rvemu_event *event);

/* A hart stored a leaf at `at`, for va below root; old is the entry's value
 * before. The spaces know the new one already. */
void faults_edit(struct faults *faults, unsigned hart, struct entry at, u64 old,
                 u64 root, u64 va);

/* An xret event: a hart returns. */
void faults_return(struct faults *faults, const struct rvemu_event *event);

/* Tables have changed: faults whose space or program is gone end. */
void faults_check_spaces(struct faults *faults);

/* No more events come: what waits is told as open. */
void faults_finish(struct faults *faults);

#endif
