/*
 * Names for spaces and areas, as the guest's marks tell them.
 *
 * Marks count once a MARK_VERSION of a known ABI came from S-mode, and only
 * from S-mode. What they say is hearsay: it is printed where a name is wanted
 * and nothing is ever decided by it. A space without a name goes by the frame
 * of its root.
 */
#ifndef ANALYSIS_MARKS_H
#define ANALYSIS_MARKS_H

#include <rvemu/trace.h>

#include "base/map.h"

#define NAME_TEXT 48

struct marks {
    bool believed;      /* a good MARK_VERSION has been seen */
    struct map process; /* by pid */
    struct map space;   /* by root frame: the process in it */
};

void marks_free(struct marks *marks);

/* Takes a mark. */
void marks_take(struct marks *marks, const struct rvemu_event *event);

/* The root is gone; its frame may become another's. */
void marks_forget(struct marks *marks, u64 root);

/* Writes "pid 3 (cow)" or "space 0x80412". */
void marks_name_space(const struct marks *marks, u64 root, char out[NAME_TEXT]);

/* The MARK_AREA_… kind of an address, 0 when it is in no named area. */
unsigned marks_find_area(const struct marks *marks, u64 root, u64 va);

#endif
