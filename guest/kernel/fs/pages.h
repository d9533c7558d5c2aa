/*
 * The page cache of one file: page number -> frame.
 *
 * Two levels, because a file may be long and hardly there: an array that grows
 * with the highest page that is, of leaves of 64 pages each, where there are
 * any.
 */
#ifndef FS_PAGES_H
#define FS_PAGES_H

#include "lib/types.h"

struct pages {
    u64 **leaves; /* NULL: none of the leaf's pages is there */
    u64 count;    /* of leaves that the array has room for */
};

/* Physical address of a page, 0 if it is not there. */
u64 pages_get(const struct pages *p, u64 index);

/* The place of that address, made if it has to be; NULL: no memory. */
u64 *pages_make(struct pages *p, u64 index);

/* Drops the cache's references of all pages from `from` on. */
void pages_drop(struct pages *p, u64 from);

/* Of all pages, and what the cache itself takes. */
void pages_free(struct pages *p);

#endif
