/*
 * Names for spaces and areas, as the guest's marks tell them.
 *
 * Marks count once a MARK_VERSION of a known ABI came from S-mode, and only
 * from S-mode. What they say is hearsay: it is printed where a name is wanted
 * and nothing is ever decided by it. A space without a name goes by the frame
 * of its root.
 */
#ifndef ANALYSIS_NAMES_H
#define ANALYSIS_NAMES_H

#include <rvemu/trace.h>

#include "base/map.h"

#define NAME_TEXT 48

struct names {
    bool believed;      /* a good MARK_VERSION has been seen */
    struct map process; /* by pid */
    struct map space;   /* by root frame: the process in it */
};

void names_free(struct names *names);

/* Takes a mark. */
void names_mark(struct names *names, const struct rvemu_event *event);

/* The root is gone; its frame may become another's. */
void names_forget(struct names *names, u64 root);

/* Writes "pid 3 (cow)" or "space 0x80412". */
void names_space(const struct names *names, u64 root, char out[NAME_TEXT]);

/* The MARK_AREA_… kind of an address, 0 when it is in no named area. */
unsigned names_area(const struct names *names, u64 root, u64 va);

#endif
