/* A number for many bytes, made quickly: to tell states apart, not to keep. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/types.h"

/* Mixes bytes into the number. */
u64 digest(u64 so_far, const void *bytes, size_t size);

#endif
