/*
 * Sections: what a snapshot is made of, wherever it is kept.
 *
 * Each is a piece of bytes with a kind and an index. Whoever takes a snapshot
 * hands them out one after the other (shot.h), and whoever keeps them, in a
 * file of their own (shot_file.c) or in a trace, packs and checks them as it
 * likes. docs/snapshots.md says what is in each kind.
 */
#ifndef MACHINE_SECTIONS_H
#define MACHINE_SECTIONS_H

#include "base/types.h"

/* Numbers are never used again. */
enum section_kind {
    SECTION_CONFIG = 1, /* what the machine is made from */
    SECTION_SCHEMA,     /* its parts, by name and size */
    SECTION_PARTS,      /* one behind the other */
    SECTION_LOADED,     /* what the machine knows of its guest's file */
    SECTION_TREE,       /* the device tree */
    SECTION_RUNS,       /* which pages of RAM are not zero */
    SECTION_RAM,        /* their bytes, SECTION_PIECE in each but the last */
    SECTION_DISK,       /* of a virtio slot: what its disk is like … */
    SECTION_CLUSTERS,   /* … and what was written over it */
    SECTION_NOTE,       /* of whoever had the snapshot taken */
    SECTION_START,      /* recording.c: of each boot */
    SECTION_LOG,
    SECTION_MARKS
};

#define SECTION_PIECE (4u << 20) /* bytes; whole pages */
#define SECTION_MAX (64u << 20)  /* bytes of any one */

struct section {
    u32 kind, index;
    u64 size;
    const u8 *bytes; /* NULL: they are packed, by zstd: */
    const u8 *packed;
    u64 packed_size;
    int fd;    /* of a file that has the bytes as they are, or -1 */
    u64 place; /* in that file */
};

/* In rising order of kinds and, of one kind, of indexes. */
struct sections { /* all zero: none */
    size_t count, room;
    struct section *at;
};

/* Adds one behind all others. False: it is not behind them, or memory is
 * lacking. */
bool sections_add(struct sections *sections, const struct section *section);
void sections_free(struct sections *sections);

/* NULL: there is none. */
const struct section *sections_find(const struct sections *sections, u32 kind,
                                    u32 index);

/* The bytes of a section; if they are packed, in `room`, which has space for
 * them. NULL: they cannot be unpacked. */
const u8 *section_open(const struct section *section, u8 *room);

/* Takes a section; bytes are there during the call. False: it could not. */
typedef bool section_fn(void *self, u32 kind, u32 index, const void *bytes,
                        u64 size);

#endif
