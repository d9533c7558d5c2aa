/*
 * What the files of the explainer share.
 *
 * A fault is kept from its page_fault event until its outcome shows: an edit
 * of its page, a return to the program, or the end of its space.
 */
#ifndef ANALYSIS_EXPLAIN_PRIV_H
#define ANALYSIS_EXPLAIN_PRIV_H

#include <rvemu/explain.h>

#include "analysis/cow.h"
#include "analysis/names.h"
#include "analysis/sentences.h"

#define HARTS 256      /* as many as an event can name */
#define FAULTS_OPEN 32 /* waiting at a time; the oldest gives way */
#define WALKS_KEPT 64  /* that ended in no valid entry, the latest */
#define LINE_SIZE 512
#define FORKS_LISTED 16 /* the short form lists no more one by one */

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

/* The names of a fork, as they were then: roots are used again. */
struct fork_names {
    char parent[NAME_TEXT];
    char child[NAME_TEXT];
};

struct rvemu_explain {
    struct rvemu_explain_options options;
    struct spaces spaces;
    struct cow cow;
    struct names names;
    struct fork_names *fork_names; /* of each of cow.fork */
    unsigned fork_names_room;
    struct table *fresh; /* a root whose entries are still arriving */
    u64 root[HARTS];     /* what each hart's satp names */
    unsigned faults;
    struct fault fault[FAULTS_OPEN]; /* oldest first */
    struct ended_walk walk[WALKS_KEPT];
    unsigned next_walk;
    u64 first_touches;
    u64 refused;
    u64 spurious;
    bool silent; /* memory ran out and that has been said */
};

/* Writes a line. */
void explain_say(struct rvemu_explain *explain, enum sentence sentence,
                 const struct facts *facts);

/* "r-x" for an entry. */
void explain_permissions(u64 pte, char out[4]);

/* faults.c: a fault begins; a hart edited a leaf (old is its value before);
 * a hart returns; something changed that may take a space down; no more
 * events. */
void faults_open(struct rvemu_explain *explain,
                 const struct rvemu_event *event);
void faults_edit(struct rvemu_explain *explain, unsigned hart, struct entry at,
                 u64 old, u64 root, u64 va);
void faults_return(struct rvemu_explain *explain,
                   const struct rvemu_event *event);
void faults_check_spaces(struct rvemu_explain *explain);
void faults_finish(struct rvemu_explain *explain);

#endif
