/*
 * Svpbmt (privileged spec, "Svpbmt"): menvcfg.PBMTE decides whether two bits
 * of a leaf name a memory type or are reserved; one of their values, and all
 * but 0 in a pointer, always are.
 */
#include "bare.h"

#define VA 0x10000
#define BIG 0x400000 /* has its own second-level entry */
#define MENVCFG 0x30a
#define PBMTE (1ull << 62)
#define PBMT_SHIFT 61

static u64 frame[PAGE / 8] __attribute__((aligned(4096)));

/* Which of the four values let a load, a store and a fetch through, a bit
 * each. */
static u64 legal(const char *code_of, u64 flags)
{
    u64 mask = 0;

    for (u64 type = 0; type < 4; type++) {
        u64 cause;

        map(VA, frame, flags | type << PBMT_SHIFT);
        cause = code_of[0] == 'l'   ? run(S, "ld t0, 0(t5)", VA).cause
                : code_of[0] == 's' ? run(S, "sd zero, 0(t5)", VA).cause
                                    : run(S, "jalr t5", VA).cause;
        mask |= (u64)(cause == NONE) << type;
    }
    return mask;
}

static u64 legal_pointer(void)
{
    u64 mask = 0;

    for (u64 type = 0; type < 4; type++) {
        *table_middle(BIG) = *table_middle(VA) | type << PBMT_SHIFT;
        fence_all();
        mask |= (u64)(run(S, "ld t0, 0(t5)", BIG + VA).cause == NONE) << type;
    }
    *table_middle(BIG) = 0;
    fence_all();
    return mask;
}

/* A fence makes a change hold where a translation was in use. */
static void check_changes(void)
{
    map(VA, frame, PTE_RW | PTE_AD | 1ull << PBMT_SHIFT);
    check("change-on", run(S, "ld t0, 0(t5); sd t0, 0(t5)", VA).cause, NONE);
    csr_clear(MENVCFG, PBMTE);
    fence_all();
    check("change-off-load", run(S, "ld t0, 0(t5)", VA).cause, LOAD_PAGE);
    check("change-off-store", run(S, "sd t0, 0(t5)", VA).cause, STORE_PAGE);
    csr_set(MENVCFG, PBMTE);
    fence_all();
    check("change-on-again", run(S, "ld t0, 0(t5)", VA).cause, NONE);
}

void test_main(void)
{
    u64 load, store, fetch;

    table_on(0);
    csr_clear(MENVCFG, PBMTE);
    check("off-load", legal("load", PTE_RW | PTE_AD), 1);
    check("off-store", legal("store", PTE_RW | PTE_AD), 1);
    map(VA, frame, PTE_RW | PTE_AD);
    check("off-pointer", legal_pointer(), 1);
    csr_set(MENVCFG, PBMTE);
    check("writable", csr_read(MENVCFG) & PBMTE, PBMTE);
    load = legal("load", PTE_RW | PTE_AD);
    store = legal("store", PTE_RW | PTE_AD);
    frame[0] = 0x8082; /* ret */
    fetch = legal("fetch", PTE_V | PTE_R | PTE_X | PTE_AD);
    check("load", load & 7, 7);
    check("store", store & 7, 7);
    check("fetch", fetch & 7, 7);
    check("reserved-load", load >> 3, 0);
    check("reserved-store", store >> 3, 0);
    check("reserved-fetch", fetch >> 3, 0);
    map(VA, frame, PTE_RW | PTE_AD);
    check("pointer", legal_pointer(), 1);
    check_changes();
    csr_clear(MENVCFG, PBMTE);
    check("off-again", legal("load", PTE_RW | PTE_AD), 1);
    table_off();
}
