/*
 * Snapshots in files: all that a guest can tell of a machine at one moment, for
 * another process to go on from, to the same states, events and output.
 *
 * In it are registers, TLBs, devices with their requests in flight, console
 * input that has not been read, RAM, what was written over disks that were
 * opened with snapshot, the device tree, and what the machine was made from.
 * Not in it are images of disks: of these it has a checksum, and the same ones
 * have to be lent again. What observers know is not in it, either: who
 * subscribes behind a restored machine's back is told of its page tables as at
 * the beginning of any subscription (pte_found).
 *
 * Another build of emu goes on from it, or says why it cannot. Whatever is
 * wrong with a file (cut, altered, made up, too large) is one line in the
 * error, and no machine is left half filled. The format: docs/snapshots.md.
 *
 * Functions that can fail return 0, or a negative number after filling the
 * struct rvemu_error.
 */
#ifndef RVEMU_SNAPSHOT_H
#define RVEMU_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include <rvemu/error.h>
#include <rvemu/machine.h>

#define RVEMU_SNAPSHOT_VERSION 1

enum rvemu_snapshot_packing {
    RVEMU_SNAPSHOT_ZSTD, /* packed */
    RVEMU_SNAPSHOT_PLAIN /* as it is: large, and the quickest to go on from,
                          * since RAM is mapped from the file */
};

struct rvemu_snapshot_options {
    enum rvemu_snapshot_packing packing;
    const void *note; /* bytes of whoever writes, up to 1 MiB: they are kept */
    size_t note_size;
};

/* Writes a snapshot of a machine that was loaded. The file has its name when it
 * is whole: until then one that was there stays. Between runs. -1: it cannot be
 * written, an image of a disk cannot be read, or the machine is one that walks
 * ahead (rvemu/tlb.h), which cannot be kept. */
int rvemu_snapshot_write(rvemu *machine, const char *path,
                         const struct rvemu_snapshot_options *options,
                         struct rvemu_error *error);

struct rvemu_snapshot;

/* Opens a file and checks all of it. It may be removed or replaced while it is
 * open, and while a machine goes on from it; but who writes into it changes
 * what that machine's guest has in its memory. */
int rvemu_snapshot_open(const char *path, struct rvemu_snapshot **snapshot,
                        struct rvemu_error *error);
void rvemu_snapshot_close(struct rvemu_snapshot *snapshot);

/* What a snapshot says of itself. Texts and bytes are the snapshot's. */
struct rvemu_snapshot_about {
    uint64_t bytes; /* of the file */
    uint64_t ram;   /* bytes of RAM that are not zero, by whole pages */
    const void *note;
    size_t note_size;
    /* What a machine has to be made from to go on: host, test_move and the
     * disks of slots that have one are for the caller to fill in. */
    struct rvemu_config config;
};

const struct rvemu_snapshot_about *
rvemu_snapshot_about(const struct rvemu_snapshot *snapshot);

/* Whether a machine of this config could go on from it, its disks apart. -1:
 * no; the error names the option of emu that says otherwise. */
int rvemu_snapshot_check(const struct rvemu_snapshot *snapshot,
                         const struct rvemu_config *config,
                         struct rvemu_error *error);

/* Has a machine with nothing loaded, to which nobody subscribes yet, go on from
 * the snapshot, which may be closed then: it replaces rvemu_load(). -1: the
 * machine was made otherwise, its disks are others, or the snapshot holds what
 * no machine can; it is then good for nothing but rvemu_destroy(). */
int rvemu_snapshot_load(rvemu *machine, const struct rvemu_snapshot *snapshot,
                        struct rvemu_error *error);

#endif
