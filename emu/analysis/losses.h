/*
 * Losses: frames that were never taken back, as it turns out at the end.
 *
 * A frame is lost if it was a program's to store to, or a page table, nobody
 * maps it at the end, and the hart that took the last mapping away has gone
 * back to a program since: the call in which it might have been freed is over.
 * What a kernel keeps for itself, or for files, is not looked at.
 *
 * A space that has never been loaded is not known to map anything: a frame that
 * something which could be a table of it points to is not lost.
 */
#ifndef ANALYSIS_LOSSES_H
#define ANALYSIS_LOSSES_H

#include "analysis/lifetimes.h"

/* No more events come: says what was lost, and how much there was in all. */
void losses_say(struct lifetimes *lifetimes);

#endif
