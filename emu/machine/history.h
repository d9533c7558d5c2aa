/*
 * What is kept of a machine's run, for going back in it.
 *
 * Snapshots are waypoints, in the order of the run. The machine is behind one
 * of them, `now`: between it and the next, if it is in its past, or behind the
 * latest one. What frames and clusters held at a snapshot is found by their
 * versions (versions.h). For that, the first change of each behind `now` has to
 * be seen: the frames that have not been stored to since have FRAME_CLEAN, and
 * those that have are listed in `dirty`, with the clusters that were written.
 *
 * Leaving the present makes a snapshot there, `end`. In the past the steps are
 * the same again, and so are the changes of pages: what the snapshots ahead
 * need is kept already. Who passes one ahead makes it `now`.
 *
 * A snapshot within the past, between now and the next, takes over all versions
 * of now but those of pages that are dirty: they get one here, too, since they
 * may change again before the next.
 */
#ifndef MACHINE_HISTORY_H
#define MACHINE_HISTORY_H

#include <rvemu/history.h>

#include "block/past.h"
#include "machine/waypoint.h"

struct history {
    struct rvemu *m;
    u64 limit;    /* bytes */
    u64 distance; /* steps between two snapshots that are made in the present */
    bool lost;    /* memory was lacking for a version: nothing can be gone to */

    struct waypoint **all; /* count of them, the earliest first */
    size_t count, room;
    size_t now; /* index */
    struct versions versions;
    u64 weight; /* of waypoints */

    u64 *dirty; /* pages */
    size_t dirties, dirty_room;
    struct past *disk[RVEMU_VIRTIO_SLOTS]; /* NULL: none that is written */
    struct history_disk {
        struct history *history;
        unsigned slot;
    } disk_arg[RVEMU_VIRTIO_SLOTS];

    struct moment arrival; /* the first of the present steps */
    u64 seen;              /* steps that have been counted */
    u64 steps_again, gone_to;
    u8 *parts_room; /* for waypoint_restore() */
};

/* Begins it, with a first snapshot. -1 with error. */
int history_new(struct rvemu *m, const struct rvemu_history_config *config,
                struct rvemu_error *error);
void history_free(struct rvemu *m);

/* The machine has been moved into a fresh one (move.h). */
void history_moved(struct rvemu *m);

/* In the run loop, before a look: passes what is reached here, and makes a
 * snapshot if it is time. */
void history_pass(struct rvemu *m);

/* At the end of a run: passes a snapshot that is reached exactly here, before
 * any input that comes at this moment. */
void history_arrive(struct rvemu *m);

/* Steps to the next place where history_pass() is to be called, at least 1. */
u64 history_room(const struct rvemu *m);

/* Makes a snapshot here. False: memory is lacking. */
bool history_take(struct rvemu *m);

/* The index of the latest snapshot from which one comes to a position. False:
 * there is none. */
bool history_find(const struct history *h, u64 position, size_t *at);

/* The end: the latest moment reached, of a machine in the past. */
const struct waypoint *history_end(const struct history *h);

/* Goes to a snapshot; the machine is in the past then, unless that is the end.
 * Leaving the present makes the end. -1: memory is lacking, and nothing has
 * changed. */
int history_restore(struct rvemu *m, size_t at);

/* Leaves the present: the end is here. -1: memory is lacking. */
int history_leave(struct rvemu *m);

/* Behind a history_restore() that failed: who had left the present, and is
 * still at the end, is in the present again. */
void history_stay(struct rvemu *m);

/* Drops what comes after this moment. -1: a disk could not be written. */
int history_cut(struct rvemu *m);

/* Bytes of memory. */
u64 history_weight(const struct history *h);

/* Drops snapshots until they are within the limit. */
void history_thin(struct rvemu *m);

#endif
