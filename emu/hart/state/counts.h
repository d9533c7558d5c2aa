/*
 * What is counted of a hart, and its counters as data: system/counters.h says
 * what they do.
 */
#ifndef HART_STATE_COUNTS_H
#define HART_STATE_COUNTS_H

#include "base/plain.h"
#include "base/types.h"

#define COUNTER_CY 0
#define COUNTER_TM 1
#define COUNTER_IR 2
#define COUNTERS 32
#define COUNTERS_HPM 0x7fff8u /* 3 to 18; the others are read-only zero */

/* What can be counted. */
enum counted {
    COUNTED_NOTHING,
    COUNTED_CYCLES,
    COUNTED_INSTRUCTIONS,
    COUNTED_FETCH_MISSES, /* TLB misses: in the order of rvemu_access */
    COUNTED_LOAD_MISSES,
    COUNTED_STORE_MISSES,
    COUNTED_WALKS,
    COUNTED_PTE_LOADS,
    COUNTED_FETCH_FAULTS, /* page faults: in the order of rvemu_access */
    COUNTED_LOAD_FAULTS,
    COUNTED_STORE_FAULTS,
    COUNTED_FLUSHES,
    COUNTED_FLUSHED,
    COUNTED_EVICTIONS,
    COUNTED_AD_UPDATES,
    COUNTED_TRAPS,
    COUNTED_INTERRUPTS,
    COUNTED_KINDS
};

/* Selectors from COUNTED_WALKS on: raw events, which no other machine has. */
#define COUNTED_RAW_FIRST 0x100
#define COUNTED_RAW_MASK 0xfffffff0u /* the bits that all of them share */

PLAIN_BEGIN
struct counters {
    u64 word[COUNTERS];  /* counting: value − running count; else the value */
    u64 event[COUNTERS]; /* mhpmevent */
    u8 counts[COUNTERS]; /* enum counted: what the event's selector means */
    u64 wraps[COUNTERS]; /* if armed: running count at which it overflows */
    u32 inhibited;       /* mcountinhibit */
    u32 active;          /* counters that count in the present privilege */
    u32 filtered;        /* counters that do not count in every privilege */
    u32 armed;           /* counters whose overflow is an interrupt */
    u64 total[COUNTED_KINDS]; /* but for cycles and instructions */
    u64 due[COUNTED_KINDS]; /* the total at which an armed counter overflows */
    u64 due_step; /* no armed counter of steps overflows before this step */
};
PLAIN_END

#endif
