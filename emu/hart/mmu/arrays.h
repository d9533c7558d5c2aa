/*
 * Which small arrays a hart looks its accesses up in: those of its present
 * translation and rights (lookup/context.h).
 */
#ifndef HART_MMU_ARRAYS_H
#define HART_MMU_ARRAYS_H

#include "hart/state/hart.h"

/* Privilege, satp or a status bit has changed: chooses the contexts anew, and
 * has the fetch page looked up again. */
void hart_update_context(struct hart *hart);

/* The same without touching the fetch page, which knows its address. */
void arrays_choose(struct hart *hart);

#endif
