/* What harts ask of each other through the machine software interrupt. */
#ifndef IPI_H
#define IPI_H

#include "base/types.h"

#define IPI_SOFT 1  /* raise the supervisor's software interrupt */
#define IPI_FENCE 2 /* take part in the fence under way (fence.c) */
#define IPI_START 4 /* leave boot_wait */

/* The harts a call names: bit i of mask is hart base + i. */
struct hart_mask {
    u64 mask, base;
};

#define HART_MASK_ALL (~0ull) /* as base: every hart there is */

/* Turns a mask into bits by hart id. False if it names a hart that is not
 * there. */
bool ipi_resolve(struct hart_mask named, u64 *ids);

/* Asks a hart, be it the caller's own, for one of IPI_*. */
void ipi_send(u64 id, u32 what);

/* Raises the supervisor's software interrupt on the running harts among ids
 * (bits by hart id). */
void ipi_send_soft(u64 ids);

/* Takes what has been asked of this hart: IPI_* bits, now its caller's to
 * serve. */
u32 ipi_take(void);

#endif
