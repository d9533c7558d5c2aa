/*
 * Archives in cpio's "newc" format (cpio(5)), as an initrd is one.
 *
 * An archive is a row of entries, each a header of 13 eight-digit hex fields
 * behind a magic number, the name with its NUL, and the data; header with
 * name, and data, are padded to four bytes each. An entry called TRAILER!!!
 * ends it.
 */
#ifndef CLI_CPIO_H
#define CLI_CPIO_H

#include <stdbool.h>
#include <stddef.h>

#include <rvemu/image.h>

#define CPIO_HEADER 110 /* bytes: magic and 13 fields */
#define CPIO_TRAILER "TRAILER!!!"

/* A file or folder; what it points to is the archive's. */
struct cpio_entry {
    const char *name;
    const void *data;
    size_t size; /* of data, in bytes */
};

/* Reads the entry at *at, 0 for the first, and moves *at behind it. False,
 * with *at as it was: the trailer is there, or nothing that is an entry. */
bool cpio_next(const struct rvemu_image *archive, size_t *at,
               struct cpio_entry *entry);

#endif
