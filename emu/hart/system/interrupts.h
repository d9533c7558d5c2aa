/*
 * Interrupts of a hart: which are pending, which are enabled, which is next.
 *
 * Privileged spec, "Machine Interrupt (mip and mie) Registers", "Machine Trap
 * Delegation Registers", "Supervisor Interrupt (sip and sie) Registers" and
 * "Sstc". Taking one is trap.c's.
 *
 * The bits of mip, and who sets them:
 *
 *   13 LCOFIP  the hart, when a counter overflows (counters.c), and software
 *   11 MEIP    the PLIC's wire
 *    9 SEIP    software in M-mode, or the PLIC's wire (seip_pin): an OR
 *    7 MTIP    the CLINT's wire
 *    5 STIP    software in M-mode; with Sstc on, time >= stimecmp and no one
 *    3 MSIP    the CLINT's wire
 *    1 SSIP    software
 *
 * Whatever changes an answer given here asks for the hart's attention, so that
 * the question is put anew before the next instruction.
 */
#ifndef HART_SYSTEM_INTERRUPTS_H
#define HART_SYSTEM_INTERRUPTS_H

#include "hart/state/hart.h"

/* The number (enum interrupt) of the interrupt that is to be taken now, before
 * the next instruction; 0 for none. */
unsigned interrupts_next(const struct hart *hart);

/* The interrupts that would be taken now if they were pending: a set like
 * mie. */
u64 interrupts_open(const struct hart *hart);

/* Whether wfi has something to wake up for: an interrupt is pending and enabled
 * in mie, whatever mstatus and mideleg say of taking it. */
bool interrupts_wake(const struct hart *hart);

/* Drives mip bit `number` (enum interrupt) from outside. */
void interrupts_drive(struct hart *hart, unsigned number, bool level);

/* A counter has overflowed: LCOFIP. */
void interrupts_overflow(struct hart *hart);

/* What decides about interrupts has changed: it is looked at before the next
 * instruction. Where that ends the hart's wait, the hart that is running ends
 * its slice, for somebody has to decide anew whose turn it is. */
void interrupts_changed(struct hart *hart);

/* Time, stimecmp or menvcfg.STCE has changed: Sstc compares again. */
void interrupts_update_stimer(struct hart *hart);

/* The CSRs (csr_rules.h). Values read have the wires in them. */
void interrupts_set_mideleg(struct hart *hart, u64 value);
void interrupts_set_mie(struct hart *hart, u64 value);
u64 interrupts_sie(const struct hart *hart);
void interrupts_set_sie(struct hart *hart, u64 value);
u64 interrupts_mip(const struct hart *hart);
void interrupts_set_mip(struct hart *hart, u64 value);
u64 interrupts_sip(const struct hart *hart);
void interrupts_set_sip(struct hart *hart, u64 value);
void interrupts_set_stimecmp(struct hart *hart, u64 value);

#endif
