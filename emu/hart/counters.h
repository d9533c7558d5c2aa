/*
 * The counters of a hart: cycle and instret, and who may read them.
 *
 * Privileged spec, "Hardware Performance Monitor", "Machine Counter-Inhibit"
 * and the counter-enable registers; Zicntr. A counter has the number that it
 * has in mcounteren: its CSR's number, less that of the first.
 *
 * Cycles are steps, and instret is what retired: both are running counts that
 * the hart has anyway. A counter keeps its distance from the running count
 * while it counts, or its value while it is inhibited. An instruction that
 * writes one is itself over when the next one reads: the written value is
 * what that one finds.
 */
#ifndef HART_COUNTERS_H
#define HART_COUNTERS_H

#include "base/types.h"

#define COUNTER_CY 0
#define COUNTER_TM 1
#define COUNTER_IR 2
#define COUNTERS 32

struct hart;

struct counters {
    u64 word[COUNTERS]; /* counting: value − running count; else the value */
    u32 inhibited;      /* mcountinhibit */
};

void counters_reset(struct hart *hart);

/* The value of a counter, TM among them. */
u64 counters_read(struct hart *hart, unsigned number);
void counters_write(struct hart *hart, unsigned number, u64 value);

/* mcountinhibit. The writing instruction still counts as the old one says. */
void counters_inhibit(struct hart *hart, u64 value);

/* Whether mcounteren and scounteren let the hart's privilege read it. */
bool counters_are_open(const struct hart *hart, unsigned number);

#endif
