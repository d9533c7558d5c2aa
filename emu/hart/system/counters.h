/*
 * The counters of a hart: cycle, instret and the event counters 3 to 18; who
 * may read them, what they count, and the interrupt when one overflows.
 *
 * Privileged spec, "Hardware Performance Monitor", "Machine Counter-Inhibit",
 * the counter-enable registers, and "Sscofpmf". A counter has the number that
 * it has in mcounteren: its CSR's number, less that of the first.
 *
 * Everything that can be counted has a running count, kept whether a counter
 * looks or not: cycles are steps, instructions are what retired, and the rest
 * is counted where it happens, which is off the fast paths. A counter keeps its
 * distance from the running count while it counts, or its value while it does
 * not: inhibited, kept out of the present privilege, or given no event. An
 * instruction that writes a counter is not counted by it: the next instruction
 * finds the value that was written.
 *
 * Overflows are exact. For events, each running count knows where the first
 * counter that may interrupt will wrap. For steps, what the slice has beyond
 * that place is held (slice.h).
 *
 *  63   62    61    60  59        56 55                                   0
 * | OF|MINH|SINH|UINH|     0      |              the event                |
 *                                                              mhpmevent
 */
#ifndef HART_SYSTEM_COUNTERS_H
#define HART_SYSTEM_COUNTERS_H

#include "hart/state/hart.h"

/* The selector of a kind: what mhpmevent holds to count it. */
u64 counters_selector(enum counted kind);

void counters_reset(struct hart *hart);

/* The counters that are not read-only zero, as bits by number; TM is not among
 * them. */
u32 counters_real(const struct hart *hart);

/* The value of a counter, TM among them. */
u64 counters_read(const struct hart *hart, unsigned number);
void counters_write(struct hart *hart, unsigned number, u64 value);

/* mhpmevent. An event that there is none of is kept as no event. */
u64 counters_read_event(const struct hart *hart, unsigned number);
void counters_write_event(struct hart *hart, unsigned number, u64 value);

/* mcountinhibit. The writing instruction still counts as the old one says. */
u64 counters_inhibited(const struct hart *hart);
void counters_inhibit(struct hart *hart, u64 value);

/* scountovf, as the hart's privilege sees it. */
u64 counters_overflowed(const struct hart *hart);

/* Whether mcounteren and scounteren let the hart's privilege read the
 * counter. */
bool counters_are_open(const struct hart *hart, unsigned number);

/* The privilege has changed, and some counters are `filtered`. */
void counters_change_mode(struct hart *hart);

/* Holds what of the slice lies beyond the next overflow of a counter of steps:
 * slice.h. */
void counters_hold_back(struct hart *hart);

/* Overflows the counters that have wrapped: where the budget is used up, one of
 * steps may have, and before the next instruction, one of events. */
void counters_settle(struct hart *hart);

#endif
