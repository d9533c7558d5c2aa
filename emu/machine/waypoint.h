/*
 * A waypoint: a snapshot of a machine in memory, but for its pages.
 *
 * It holds the parts (parts.h), and what those who watch know: page tables,
 * suspects, code that changed, calls without return, and the states of
 * observers. RAM and disks are beside it, as versions of their pages
 * (versions.h).
 */
#ifndef MACHINE_WAYPOINT_H
#define MACHINE_WAYPOINT_H

#include "machine/input_log.h"
#include "machine/versions.h"

struct rvemu;

struct waypoint {
    struct version_owner owner; /* of versions */
    struct moment at;
    struct moment arrival; /* the first moment of its steps */
    bool is_arrival;       /* it is that, and no input had come at it */
    size_t log_next;       /* of the input log */
    u64 time;              /* ns of machine time */
    u64 weight;            /* bytes of memory */

    struct sparse *parts;
    struct tables_saved *tables;
    struct suspects_saved *suspects;
    struct probes_saved *probes;
    struct changes *changes; /* the machine's … */
    struct changes_saved *changed;
    struct rvemu_observed *observed;
};

/* Makes one of the machine as it is, between slices. NULL when memory is
 * lacking. */
struct waypoint *waypoint_new(struct rvemu *m, struct moment arrival);

/* Frees it; what versions it has are the caller's. */
void waypoint_free(struct waypoint *waypoint);

/* Makes the machine what it was, whose pages are so already. There is room for
 * parts_size() bytes. */
void waypoint_restore(struct rvemu *m, const struct waypoint *waypoint,
                      u8 *room);

#endif
