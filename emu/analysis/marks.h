/*
 * Names for spaces and areas, as the guest's marks tell them.
 *
 * Marks count once a MARK_VERSION of a known ABI came from S-mode, and only
 * from S-mode. What they say is hearsay: it is printed where a name is wanted
 * and nothing is ever decided by it.
 */
#ifndef ANALYSIS_MARKS_H
#define ANALYSIS_MARKS_H

#include <rvemu/trace.h>

#include "analysis/sentences.h"
#include "base/map.h"

struct marks {
    bool believed;      /* a good MARK_VERSION has been seen */
    struct map process; /* by pid */
    struct map space;   /* by root frame: the process in it */
};

/* Takes a mark. */
void marks_take(struct marks *marks, const struct rvemu_event *event);

/* The root is gone; its frame may become another's. */
void marks_forget(struct marks *marks, u64 root);

/* Sets the pid and the program of the space of this root. False: it has no
 * name. */
bool marks_name_space(const struct marks *marks, u64 root,
                      struct space_name *name);

/* The MARK_AREA_… kind of an address, 0 when it is in no named area. */
unsigned marks_find_area(const struct marks *marks, u64 root, u64 va);

#endif
