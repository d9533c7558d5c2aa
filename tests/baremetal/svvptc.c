/*
 * Svvptc (privileged spec, "Svvptc"): an entry that becomes valid is seen
 * without a fence, if not at once.
 */
#include "bare.h"

#define VA 0x10000
#define BIG 0x400000 /* has its own second-level entry */
#define PATIENCE 1000

static u64 frame[PAGE / 8] __attribute__((aligned(4096)));

/* Whether a load gets through at last. */
static bool seen(u64 va)
{
    for (unsigned i = 0; i < PATIENCE; i++)
        if (run(S, "ld t0, 0(t5)", va).cause == NONE)
            return true;
    return false;
}

void test_main(void)
{
    table_on(0);
    map(VA, frame, 0);
    check("invalid", run(S, "ld t0, 0(t5)", VA).cause, LOAD_PAGE);
    *table_entry(VA) = leaf(frame, PTE_RW | PTE_AD);
    check("leaf", seen(VA), true);
    check("no-table", run(S, "ld t0, 0(t5)", BIG + VA).cause, LOAD_PAGE);
    *table_middle(BIG) = *table_middle(VA);
    check("pointer", seen(BIG + VA), true);
    table_off();
}
