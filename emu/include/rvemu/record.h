/*
 * Recording a run in a file, and making it again from that: all that came from
 * outside, with the moment at which it came.
 *
 * A recording says what its machines were made from, what was in them before
 * their first steps, what their hosts gave them, and now and then what had
 * become of them. Who makes the run again gives the same guest, the same disks
 * and nothing else; where it goes another way, that is found, with the step,
 * and told with what differs. The format: docs/snapshots.md.
 *
 * A run may have several boots, after resets, each with a machine of its own:
 * both recorder and replay are attached to one after the other.
 *
 * Functions that can fail return 0, or a negative number after filling the
 * struct rvemu_error.
 */
#ifndef RVEMU_RECORD_H
#define RVEMU_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rvemu/error.h>
#include <rvemu/machine.h>

#define RVEMU_RECORD_VERSION 1

/* ---- recording ---- */

struct rvemu_recorder;

/* NULL: memory is lacking. */
struct rvemu_recorder *rvemu_recorder_new(void);
void rvemu_recorder_free(struct rvemu_recorder *recorder);

/* From now on records what comes to a machine from outside: one that was
 * loaded, or goes on from a snapshot, and has not run yet. The last machine is
 * let go. Disks must be snapshots (rvemu/disk.h) or read-only, or the caller
 * has them as they were when the run is made again. */
int rvemu_recorder_attach(struct rvemu_recorder *recorder, rvemu *machine,
                          struct rvemu_error *error);

/* Steps from now on after which rvemu_recorder_look() has something to note:
 * run no further at a time. */
uint64_t rvemu_recorder_room(const struct rvemu_recorder *recorder);

/* Notes what has become of the machine, if it is time. Between runs. */
void rvemu_recorder_look(struct rvemu_recorder *recorder);

/* Notes where the run has ended, and writes the file: it has its name when it
 * is whole. */
int rvemu_recorder_write(struct rvemu_recorder *recorder, const char *path,
                         struct rvemu_error *error);

/* ---- making it again ---- */

struct rvemu_replay;

int rvemu_replay_open(const char *path, struct rvemu_replay **replay,
                      struct rvemu_error *error);
void rvemu_replay_free(struct rvemu_replay *replay);

/* What its machines were made from; host, test_move and disks are for the
 * caller to fill in. Texts are the replay's. */
const struct rvemu_config *
rvemu_replay_config(const struct rvemu_replay *replay);

/* Whether a machine of this config can make the run again. -1: no; the error
 * names the option of emu that says otherwise. */
int rvemu_replay_check(const struct rvemu_replay *replay,
                       const struct rvemu_config *config,
                       struct rvemu_error *error);

/* Has a machine, which has not run yet, be given what that of the next boot was
 * given. Until the end of the recording its host's idle is not called, nothing
 * that the host gives is taken, and poll, which may end the run, is asked for
 * nothing. -1: there is no such boot, or what is in the machine is not what was
 * in the other. */
int rvemu_replay_attach(struct rvemu_replay *replay, rvemu *machine,
                        struct rvemu_error *error);

/* Whether the recorded run of this boot had ended here: poll is then asked as
 * in any run, and is to return false. */
bool rvemu_replay_is_over(const struct rvemu_replay *replay);

/* Steps from now on to the next place to rvemu_replay_look() at; 0: it is
 * over. */
uint64_t rvemu_replay_room(const struct rvemu_replay *replay);

/* Compares the machine with what had become of the other. -1: it went another
 * way; the error says between which steps, and what differs. Between runs. */
int rvemu_replay_look(struct rvemu_replay *replay, struct rvemu_error *error);

#endif
