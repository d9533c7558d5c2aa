/*
 * Traces that carry their machine (emt.h): written beside the events, what the
 * machine was made from, what it was at the start and now and then, and what
 * came from outside; read, a machine at any step, which is run on from there
 * and asked like any other.
 *
 * Functions that can fail return 0, or a negative number after filling the
 * struct rvemu_error.
 */
#ifndef RVEMU_EMT_MACHINE_H
#define RVEMU_EMT_MACHINE_H

#include <stdint.h>

#include <rvemu/emt.h>
#include <rvemu/machine.h>

/* ---- writing ---- */

#define RVEMU_EMT_REPLAY_BYTES (UINT64_C(256) << 20)

struct rvemu_emt_keeper;

/* Keeps machines in a trace; `bytes` of its file, at most, for snapshots behind
 * the first of each boot: the fewer there are, the more steps lie between two.
 * 0: RVEMU_EMT_REPLAY_BYTES. The writer outlives it. NULL: memory is
 * lacking. */
struct rvemu_emt_keeper *rvemu_emt_keeper_new(struct rvemu_emt_writer *writer,
                                              uint64_t bytes);
void rvemu_emt_keeper_free(struct rvemu_emt_keeper *keeper);

/* A machine that was loaded and has not run takes over: of each boot, behind
 * rvemu_emt_boot(). -1: its disks are written to for good (rvemu/disk.h:
 * without snapshot), it walks ahead, or the trace cannot be written. */
int rvemu_emt_keeper_attach(struct rvemu_emt_keeper *keeper, rvemu *machine,
                            struct rvemu_error *error);

/* Steps from now on after which to call rvemu_emt_keeper_look(), which keeps
 * the machine if it is time. Between runs. */
uint64_t rvemu_emt_keeper_room(const struct rvemu_emt_keeper *keeper);
void rvemu_emt_keeper_look(struct rvemu_emt_keeper *keeper);

/* The boot ends: writes what came from outside since. Before the machine goes,
 * and before rvemu_emt_boot() and rvemu_emt_close(). */
void rvemu_emt_keeper_detach(struct rvemu_emt_keeper *keeper);

/* ---- reading ---- */

/* Makes a machine that stands where that of a boot stood when all harts
 * together had made `step` steps: from the last snapshot before, and by making
 * the steps since again. `lent` has the host's functions, which are called for
 * these steps, too, and disks for the slots that had one; NULL: none. It
 * is the caller's to rvemu_destroy(), and to the end of its boot it is given
 * what came from outside. -1: the trace was written without its machine, or it
 * is of another version or damaged; the step is not in it, or a disk is another
 * or not lent. */
int rvemu_emt_machine(struct rvemu_emt *trace, unsigned boot, uint64_t step,
                      const struct rvemu_config *lent, rvemu **machine,
                      struct rvemu_error *error);

/* The same by machine time, in ns: where it first had come to `time` or beyond,
 * in a stretch of steps or by idling. */
int rvemu_emt_machine_at(struct rvemu_emt *trace, unsigned boot, uint64_t time,
                         const struct rvemu_config *lent, rvemu **machine,
                         struct rvemu_error *error);

/* Steps from where such a machine stands to where its boot had ended, or as far
 * as the trace goes: behind that it is a machine of its own. */
uint64_t rvemu_emt_steps_left(const rvemu *machine);

#endif
