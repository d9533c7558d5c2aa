/*
 * Bytes that are mostly zero, packed: lines of 64 bytes, of which those that
 * are all zero are left out.
 */
#ifndef BASE_SPARSE_H
#define BASE_SPARSE_H

#include "base/types.h"

struct sparse;

/* Packs size bytes; NULL when memory is lacking. Who gets it frees it with
 * free(). */
struct sparse *sparse_new(const void *bytes, size_t size);

/* Writes all of them back. */
void sparse_load(const struct sparse *sparse, void *bytes);

/* Bytes of memory that it takes. */
size_t sparse_weight(const struct sparse *sparse);

#endif
