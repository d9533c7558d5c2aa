/*
 * History: going back in a machine's run, and forward again.
 *
 * From rvemu_history_begin() on a machine keeps snapshots of itself and a log
 * of what came from outside. It goes to any moment of that by restoring the
 * nearest snapshot before it and making the same steps again: the same guest
 * state, events and output, to the bit.
 *
 * A position is the number of steps that all harts together have made, as
 * rvemu_run() counts them: exact, and never less than before while a machine
 * runs on. The machine at a position is what rvemu_run() leaves there.
 *
 * The end of history is the latest moment that was reached. A machine that is
 * not there is in its past: there the log answers in the place of the host,
 * whose poll and idle are not called; console_put, semihosting_put and notice
 * are silent, and so are sinks; observers are told again (subscription.h), and
 * those that can keep their states have them go back, too. Breakpoints stop
 * runs there as anywhere. rvemu_run() runs out of the past into the present
 * without a seam.
 *
 * In the past nothing can be changed: rvemu_input() has no effect, nor have
 * rvemu_set_x() and rvemu_set_f(), and rvemu_set_pc(), rvemu_set_csr() and
 * rvemu_write_ram() return -1. rvemu_history_branch() cuts the future off and
 * makes the past the present. At the end of history they are entered in the
 * log, and are made again with the steps.
 *
 * Disks go back with the machine. What a guest writes to a disk reaches the
 * host's file once, when it first happens; in the past reads and writes are
 * served from memory, and branching writes the file back to what it was. A
 * discard does nothing while history is kept. A disk's file that somebody else
 * changes, or a write that fails on the host, makes the past another one:
 * rvemu_history_goto() then fails where it notices.
 *
 * A reset makes a new machine, whose history begins anew. A machine that has
 * stopped, for whatever reason, can be gone back from.
 */
#ifndef RVEMU_HISTORY_H
#define RVEMU_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/error.h>
#include <rvemu/machine.h>

#define RVEMU_HISTORY_BYTES (UINT64_C(256) << 20)

struct rvemu_history_config {
    uint64_t bytes;    /* of host memory for snapshots, at most; 0:
                        * RVEMU_HISTORY_BYTES. What observers save is not in
                        * it, nor is the log */
    uint64_t distance; /* steps between two snapshots, at least; 0: chosen */
};

/* History begins here: from now on one can come back to this position. Between
 * runs, after rvemu_load(). Returns 0, or -1 with error: memory is lacking, or
 * history is kept already. */
int rvemu_history_begin(rvemu *machine,
                        const struct rvemu_history_config *config,
                        struct rvemu_error *error);

/* Forgets all of it. A machine in the past is in its present then, as
 * rvemu_history_branch() makes it. Without history it does nothing. Between
 * runs; rvemu_destroy() does it, too, but without a branch: a disk's file is
 * left as it was at the end of history. */
void rvemu_history_end(rvemu *machine);

/* Where the machine is: with history or without it. */
uint64_t rvemu_position(const rvemu *machine);

/* The stretch that one can go to: from where history began, or the oldest
 * snapshot that is kept, to the end. False: no history is kept. */
bool rvemu_history_range(const rvemu *machine, uint64_t *first, uint64_t *last);

/* Goes to a position in that range, back or forward. The last one of all is
 * the end of history with all that came at it: where a machine idles, time may
 * have passed and input come without a step. Between runs. Returns 0, or -1
 * with error, and the machine where it was: no history is kept, or the position
 * is out of range. */
int rvemu_history_goto(rvemu *machine, uint64_t position,
                       struct rvemu_error *error);

/* The latest snapshot at or before a position, for those who go back stretch by
 * stretch: to go there takes no steps. False: there is none. */
bool rvemu_history_before(const rvemu *machine, uint64_t position,
                          uint64_t *snapshot);

/* Whether the machine is in the past. */
bool rvemu_history_is_past(const rvemu *machine);

/* Cuts off what comes after this moment: it is the end of history now. Between
 * runs. Returns 0 (in the present there is nothing to cut off), or -1: no
 * history is kept; somebody keeps a record of the run, which has what comes
 * after (record.h; a trace with its machine); or a disk's file could not be
 * written back: then the machine is in the present all the same, and that disk
 * is partly what it was in the end. */
int rvemu_history_branch(rvemu *machine);

/* What is kept, and what going has cost so far. */
struct rvemu_history_counts {
    uint64_t snapshots;   /* that are kept now */
    uint64_t bytes;       /* of host memory that they take now */
    uint64_t gone_to;     /* calls of rvemu_history_goto() that succeeded */
    uint64_t steps_again; /* steps that were made again, by it or by
                           * rvemu_run() in the past */
};

/* Zeros where no history is kept. */
void rvemu_history_counts(const rvemu *machine,
                          struct rvemu_history_counts *counts);

/* A number for all of guest state: that of harts and devices, RAM, and the
 * disks that can be written. Where it is the same, so is the machine. It takes
 * a look at all of these. With history or without it, between runs. */
uint64_t rvemu_state_hash(rvemu *machine);

#endif
