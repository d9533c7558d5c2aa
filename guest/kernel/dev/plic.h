/* The platform-level interrupt controller. */
#ifndef DEV_PLIC_H
#define DEV_PLIC_H

#include "lib/types.h"

/* Finds the PLIC and the supervisor context of `hart`. */
bool plic_init(u64 hart);

/* Lets source `irq` through to this hart. */
void plic_enable(u32 irq);

/* The highest pending source, now in service; 0 when there is none. */
u32 plic_claim(void);

void plic_complete(u32 irq);

#endif
