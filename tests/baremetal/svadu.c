/*
 * Svadu (privileged spec, "Svadu" and "menvcfg"): ADUE decides at run time
 * whether the hart sets A and D or raises a page fault.
 */
#include "bare.h"

#define VA 0x10000
#define MENVCFG 0x30a
#define ADUE (1ull << 61)

static u8 frame[PAGE] __attribute__((aligned(4096)));

#define load(mode, va) run(mode, "ld t0, 0(t5)", va).cause
#define store(mode, va) run(mode, "sd zero, 0(t5)", va).cause
#define fetch(mode, va) run(mode, "jalr t5", va).cause

static u64 kept(void)
{
    return *table_entry(VA) & PTE_AD;
}

static void check_off(void)
{
    map(VA, frame, PTE_RW);
    check("off-load", load(S, VA), LOAD_PAGE);
    check("off-store", store(S, VA), STORE_PAGE);
    check("off-a-kept", kept(), 0);
    map(VA, frame, PTE_RW | PTE_A);
    check("off-a-load", load(S, VA), NONE);
    check("off-a-store", store(S, VA), STORE_PAGE);
    check("off-d-kept", kept(), PTE_A);
    map(VA, frame, PTE_V | PTE_X);
    check("off-fetch", fetch(S, VA), FETCH_PAGE);
    map(VA, frame, PTE_RW | PTE_AD);
    check("off-a-d-store", store(S, VA), NONE);
}

static void check_on(void)
{
    map(VA, frame, PTE_RW);
    check("on-load", load(S, VA), NONE);
    check("on-a-set", kept(), PTE_A);
    check("on-store", store(S, VA), NONE);
    check("on-d-set", kept(), PTE_AD);
    map(VA, frame, PTE_RW);
    check("on-store-first", store(S, VA), NONE);
    check("on-both-set", kept(), PTE_AD);
    map(VA, frame, PTE_V | PTE_R);
    check("on-store-refused", store(S, VA), STORE_PAGE);
    check("on-refused-d-kept", kept() & PTE_D, 0);
    map(VA, frame, PTE_RW | PTE_U);
    check("on-not-users", load(S, VA), LOAD_PAGE);
    check("on-not-users-kept", kept(), 0);
}

void test_main(void)
{
    csr_set(MENVCFG, ADUE);
    check("writable-on", csr_read(MENVCFG) & ADUE, ADUE);
    csr_clear(MENVCFG, ADUE);
    check("writable-off", csr_read(MENVCFG) & ADUE, 0);
    check("m-alone", run(S, "csrr t0, 0x30a", 0).cause, ILLEGAL);
    table_on(0);
    check_off();
    csr_set(MENVCFG, ADUE);
    check_on();
    csr_clear(MENVCFG, ADUE);
    check_off();
    table_off();
}
