/*
 * A checksum of bytes that is about as fast as memory: of what is read as a
 * whole before any of it is used.
 *
 * A change within one aligned word always changes it, several changes all but
 * certainly. It is no defence against who makes a change fit. Its value is part
 * of file formats (docs/snapshots.md) and stays what it is.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/types.h"

u64 digest_of(const void *bytes, size_t size);

/* The same of more bytes, behind those that `before` is of. */
u64 digest(u64 before, const void *bytes, size_t size);

#endif
