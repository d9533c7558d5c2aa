/*
 * Kept: frames that were given out, are not back, and that no space holds: what
 * the kernel has for itself, and what it has lost.
 *
 * A space holds its page tables, what it maps for its program, and pages of 4
 * KiB that it maps for the kernel by tables of its own, such as xv6's trap
 * frame. What tables map that other roots lead to, too, is the kernel's. A root
 * is a space once a program has run in it.
 */
#ifndef ANALYSIS_KEPT_H
#define ANALYSIS_KEPT_H

#include "analysis/lifetimes.h"

/* How many frames of 4 KiB are kept now. */
u64 kept_count(const struct lifetimes *lifetimes);

#endif
