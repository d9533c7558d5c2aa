/* Fences on other harts. */
#ifndef FENCE_H
#define FENCE_H

#include "base/types.h"

enum fence_kind { FENCE_I, FENCE_VMA, FENCE_VMA_ASID };

struct fence {
    enum fence_kind kind;
    u64 start, size; /* bytes of virtual addresses, for FENCE_VMA* */
    u64 asid;
};

/* Executes it on the running harts among ids (bits by hart id) and returns
 * when all have done so. */
void fence_remote(u64 ids, const struct fence *fence);

/* This hart's part in the fence under way. */
void fence_serve(void);

#endif
