/*
 * Entries that are not valid (privileged spec, "Supervisor Memory-Management
 * Fence Instruction"): once one has become valid, the right fence makes that
 * seen. A hart may keep what it has met until then; where CACHED is defined it
 * does, and loses it to no other fence. Where not, nobody has to wait (Svvptc).
 */
#include "bare.h"

#define VA 0x10000
#define OTHER 0x12000
#define BIG 0x400000 /* has its own second-level entry */
#define TOP (1ull << 30)
#define ASID 5
#define OTHER_ASID 6
#define ASID_SHIFT 44

#ifdef CACHED
#define UNFENCED(cause) cause
#else
#define UNFENCED(cause) NONE
#endif

#define RIGHTS (PTE_RW | PTE_X | PTE_AD)
#define MEMORY (0x80000000ull >> 2 | RIGHTS)
#define RET 0x8067

static u32 frame[PAGE / 4] __attribute__((aligned(4096)));

#define load(mode, va) run(mode, "ld t0, 0(t5)", va).cause
#define store(mode, va) run(mode, "sd zero, 8(t5)", va).cause
#define fetch(mode, va) run(mode, "jalr t5", va).cause
#define fence(...) __asm__ volatile("sfence.vma " __VA_ARGS__ : "memory")

/* A page that faults, and is mapped then; without a fence behind that. */
static void meet(u64 va, u64 flags)
{
    *table_entry(va) = 0;
    fence_all();
    run(S, "ld t0, 0(t5)", va);
    *table_entry(va) = leaf(frame, RIGHTS | flags);
}

static void check_accesses(void)
{
    meet(VA, 0);
    check("load", load(S, VA), UNFENCED(LOAD_PAGE));
    check("store", store(S, VA), UNFENCED(STORE_PAGE));
    check("fetch", fetch(S, VA), UNFENCED(FETCH_PAGE));
    check("tval", run(S, "ld t0, 8(t5)", VA).tval,
          UNFENCED(LOAD_PAGE) == NONE ? 0 : VA + 8);
    fence_all();
    check("load-fenced", load(S, VA), NONE);
    check("store-fenced", store(S, VA), NONE);
    check("fetch-fenced", fetch(S, VA), NONE);
    meet(VA, PTE_U);
    check("user-load", load(U, VA), UNFENCED(LOAD_PAGE));
    check("user-store", store(U, VA), UNFENCED(STORE_PAGE));
    check("user-fetch", fetch(U, VA), UNFENCED(FETCH_PAGE));
    fence_all();
    check("user-load-fenced", load(U, VA), NONE);
    check("user-store-fenced", store(U, VA), NONE);
    check("user-fetch-fenced", fetch(U, VA), NONE);
    *table_entry(VA) = 0;
    fence_all();
    run(S, "jalr t5", VA);
    *table_entry(VA) = leaf(frame, RIGHTS);
    check("met-by-fetch", load(S, VA), UNFENCED(LOAD_PAGE));
}

static void check_fences(void)
{
    meet(VA, 0);
    fence("%0, x0" ::"r"(OTHER));
    check("fence-other-page", load(S, VA), UNFENCED(LOAD_PAGE));
    fence("%0, %1" ::"r"(VA), "r"(OTHER_ASID));
    check("fence-page-other-asid", load(S, VA), UNFENCED(LOAD_PAGE));
    fence("x0, %0" ::"r"(OTHER_ASID));
    check("fence-other-asid", load(S, VA), UNFENCED(LOAD_PAGE));
    fence("%0, %1" ::"r"(VA + 8), "r"(ASID));
    check("fence-page-asid", load(S, VA), NONE);
    meet(VA, 0);
    fence("%0, x0" ::"r"(VA + 0xff8));
    check("fence-page", load(S, VA), NONE);
    meet(VA, 0);
    fence("x0, %0" ::"r"(ASID));
    check("fence-asid", load(S, VA), NONE);
    meet(VA, 0);
    fence("x0, x0" ::);
    check("fence-all", load(S, VA), NONE);
    meet(VA, 0);
    run(S, "sfence.vma t5, x0", VA);
    check("fence-in-s", load(S, VA), NONE);
    meet(VA, PTE_G);
    fence("x0, %0" ::"r"(ASID));
    check("never-global", load(S, VA), NONE);
}

/* What one space has met is nothing to another, nor to satp. */
static void check_spaces(void)
{
    u64 own = csr_read(satp);

    meet(VA, 0);
    csr_write(satp, own ^ (u64)(ASID ^ OTHER_ASID) << ASID_SHIFT);
    check("other-space", load(S, VA), NONE);
    csr_write(satp, own);
    check("own-space", load(S, VA), UNFENCED(LOAD_PAGE));
    csr_write(satp, 0);
    csr_write(satp, own);
    check("after-bare", load(S, VA), UNFENCED(LOAD_PAGE));
    fence_all();
    check("own-space-fenced", load(S, VA), NONE);
}

/* All that an upper entry would map is remembered with it. */
static void check_levels(void)
{
    map(VA, frame, RIGHTS);
    map(OTHER, frame, RIGHTS);
    *table_middle(BIG) = 0;
    fence_all();
    check("big", load(S, BIG + VA), LOAD_PAGE);
    *table_middle(BIG) = leaf(table_entry(0), PTE_V);
    check("big-pointer", load(S, BIG + VA), UNFENCED(LOAD_PAGE));
    check("big-pointer-elsewhere", load(S, BIG + OTHER), UNFENCED(LOAD_PAGE));
    check("big-beside", load(S, OTHER), NONE);
    fence("x0, x0" ::);
    check("big-pointer-fenced", load(S, BIG + VA), NONE);
    *table_middle(BIG) = 0;
    fence_all();
    check("big-again", load(S, BIG + VA), LOAD_PAGE);
    *table_middle(BIG) = MEMORY;
    check("big-leaf", load(S, BIG + OTHER), UNFENCED(LOAD_PAGE));
    fence("%0, x0" ::"r"(BIG + OTHER));
    check("big-leaf-fenced", load(S, BIG + VA), NONE);
    *table_middle(BIG) = 0;
    *table_top(1) = 0;
    fence_all();
    check("top", load(S, TOP + VA), LOAD_PAGE);
    *table_top(1) = MEMORY;
    check("top-leaf", load(S, TOP + BIG), UNFENCED(LOAD_PAGE));
    fence("%0, %1" ::"r"(TOP + BIG + OTHER), "r"(ASID));
    check("top-leaf-fenced", load(S, TOP + BIG), NONE);
    *table_top(1) = 0;
    fence_all();
}

void test_main(void)
{
    frame[0] = RET;
    table_on(ASID);
    check_accesses();
    check_fences();
    check_spaces();
    check_levels();
    table_off();
}
