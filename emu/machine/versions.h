/*
 * Versions: what pages held at the times of snapshots.
 *
 * A page is anything of PAGE_SIZE bytes that has a number: a frame of RAM, a
 * cluster of a disk. Snapshots have an order. A version of a page belongs to a
 * snapshot and holds what the page held then. The rule:
 *
 *   What a page held at a snapshot is its earliest version of that snapshot or
 *   a later one. If there is none, it is what the page holds now.
 *
 * So a page that changes between two snapshots has a version of the former, and
 * one that does not needs none. A version too many does no harm. Taking a
 * snapshot costs nothing here; what costs is each first change behind it.
 */
#ifndef MACHINE_VERSIONS_H
#define MACHINE_VERSIONS_H

#include "base/map.h"
#include "base/types.h"

struct version {
    struct version
        *older;           /* of the page: of the snapshot before that has one */
    struct version *next; /* of the snapshot */
    struct version_owner *of;
    u64 page;
    bool is_zero;
    u8 bytes[]; /* PAGE_SIZE, unless it is zero */
};

/* A snapshot, as far as versions know it. */
struct version_owner {
    u64 order; /* of two, the later has the greater one */
    struct version *first;
};

struct versions {      /* all zero is a valid start */
    struct map newest; /* of each page that has any */
    u64 weight;        /* bytes of memory */
};

/* The newest version of a page, or NULL. */
static inline struct version *versions_newest(const struct versions *all,
                                              u64 page)
{
    return map_get(&all->newest, page);
}

/* The earliest version of a page that is of this order or a later one; NULL. */
struct version *versions_from(const struct versions *all, u64 page, u64 order);

/* Whether the page has a version of exactly that snapshot. */
bool versions_has(const struct versions *all, u64 page,
                  const struct version_owner *of);

/* Adds one, which is not there yet. False: memory is lacking. */
bool versions_add(struct versions *all, u64 page, struct version_owner *of,
                  const u8 *bytes);

/* Copies it to PAGE_SIZE bytes. */
void versions_load(const struct version *version, u8 *bytes);

/* Gives a version to another snapshot that is as late for this page. The list
 * of the one that had it is the caller's to mend. */
void versions_move(struct version *version, struct version_owner *to);

/* A snapshot goes, and what it has passes on to the one before it; NULL: there
 * is none, and it is dropped. */
void versions_merge(struct versions *all, struct version_owner *from,
                    struct version_owner *into);

/* Frees what is left, when there are no more versions. */
void versions_free(struct versions *all);

#endif
