/*
 * Whether the page that a fault met had lost W, and to a fork; and what else
 * rules (expect.h) ask of a fault.
 */
#ifndef ANALYSIS_PROTECTED_H
#define ANALYSIS_PROTECTED_H

#include "analysis/faults.h"

/* The frame that the fault's address is mapped to, if it is protected; or
 * NULL. */
const struct frame *protected_at(const struct story *story,
                                 const struct fault *fault);

/* Sets what rules ask of a fault: the function that it was raised in, and
 * whether by a store to a page that a fork took W from; that is one that was
 * seen, or a call that took it from all that its program could store to. root
 * is that of the fault. */
void protected_note(struct story *story, struct fault *fault,
                    struct table *root);

/* Whether some call took W from all pages of its program, as a fork does, and
 * no child of it was seen: one may be yet to run. For rules (expect.h); false
 * where there are none. */
bool protected_awaits(const struct life *life);

#endif
