/*
 * Instruction fetch: from an address to decoded code.
 *
 * The page that instructions come from is looked up when pc enters it, and
 * stays the fetch page whatever becomes of its TLB entry: hart.h, fetch_known.
 * Instructions come from RAM and ROM only; what lies in ROM, and pages of which
 * PMP allows a part, are fetched by halves, and nothing of them is kept.
 */
#ifndef HART_MMU_FETCH_H
#define HART_MMU_FETCH_H

#include "hart/state/hart.h"

/* The code key of what the hart may execute now; see code/form.h. */
unsigned fetch_code_key(const struct hart *hart);

/* Makes the page of va the fetch page, by the small array, the TLB or a walk.
 * False with a fault raised, or with none where the fetch itself asked for
 * attention. Between blocks. */
bool fetch_page(struct hart *hart, u64 va);

/* Two bytes of an instruction at va, for those that cross a page and for ROM,
 * and where they lie. tval of a fault is va. */
bool fetch_half(struct hart *hart, u64 va, u16 *half, u64 *pa);

/* Drops every decoded block and small array of all harts, between blocks: what
 * they were made for has changed. No guest notices. */
void fetch_drop_code(const struct siblings *all);

/* Says in the state what is known of the fetch page; and makes that the fetch
 * page again, without a look at the TLB, which could change what is in it. */
void fetch_settle(struct hart *hart);
void fetch_restore(struct hart *hart);

#endif
