/*
 * A page fault, as it is kept until its outcome shows (faults.h).
 */
#ifndef ANALYSIS_FAULT_H
#define ANALYSIS_FAULT_H

#include "analysis/sentences.h"
#include "base/types.h"

struct fault {
    u64 time;
    u64 ticket;    /* of its line */
    u64 root;      /* frame of the faulting space's root */
    unsigned id;   /* of that root */
    unsigned call; /* id of the root whose system call this is in, or 0 */
    u64 va;
    u64 pc;
    u64 leaf;   /* the leaf that refused it, 0 for none or a malformed one */
    u64 pte_pa; /* of the entry that did */
    u8 level;   /* of that */
    u8 hart;
    u8 priv;
    u8 access;          /* enum rvemu_access */
    u8 reason;          /* enum rvemu_reason */
    enum sentence flaw; /* where that is RESERVED: what is reserved */
    bool from_tlb;
    bool remembered; /* by the hart as invalid; the tables allow it */
    u64 since;       /* when a walk found that, or 0 */
    bool told;       /* a line of it has been said */
    bool pc_mapped;  /* the faulting instruction's page was known */
    bool of_fork;    /* a store to a page that a fork took W from */
    char in_function[PLACE_TEXT]; /* that it was raised in: for rules */
    struct space_name who;
    struct place place;
};

#endif
