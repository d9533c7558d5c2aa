/*
 * Page-table entries that lead to a next table (privileged spec, "Supervisor
 * Memory-Management Fence Instruction"): a hart may keep them as it may keep
 * leaves. sfence.vma with rs1=x0 orders them, of an ASID those that are not
 * global; with an address it orders leaf entries only. Where CACHED is defined
 * the hart keeps four, and loses them to nothing else; where not, all changes
 * are seen at once.
 *
 * Each check looks at pages that the TLB has no leaf for: what is old then has
 * come by an old pointer.
 */
#include "bare.h"

#define MIDDLE 0x400000 /* has its own second-level entry */
#define TOP (1ull << 30)
#define BIG (1ull << 21) /* what a second-level entry maps */
#define ASID 5
#define OTHER_ASID 6
#define ASID_SHIFT 44

#define RIGHTS (PTE_RW | PTE_AD)

#ifdef CACHED
#define KEEPS true
#else
#define KEEPS false
#endif

enum { OLD = 100, NEW = 101, PAGES = 64 };

#define OLD_OR(now) (KEEPS ? OLD : (u64)(now))

static u64 frame[2][PAGE / 8] __attribute__((aligned(4096)));
static u64 leaves[2][512] __attribute__((aligned(4096)));
static u64 middles[2][512] __attribute__((aligned(4096)));
static u64 root[512] __attribute__((aligned(4096)));
static unsigned next_page;

/* Inlined, so that each place has its own. */
#define fence(...) __asm__ volatile("sfence.vma " __VA_ARGS__ : "memory")

static void set(u64 *entry, const void *table, u64 flags)
{
    *(volatile u64 *)entry = table ? leaf(table, PTE_V | flags) : 0;
}

/* The value at a page that nothing has looked at. */
static u64 fresh_value(u64 base)
{
    return run(S, "ld t0, (t5)", base + next_page++ * PAGE).value;
}

static u64 fresh_cause(u64 base)
{
    return run(S, "ld t0, (t5)", base + next_page++ * PAGE).cause;
}

/* The hart meets the old table; then the new one is linked. */
static void change(u64 flags)
{
    next_page = 0;
    set(table_middle(MIDDLE), leaves[0], flags);
    fence_all();
    check("met", fresh_value(MIDDLE), OLD);
    set(table_middle(MIDDLE), leaves[1], flags);
}

static void check_fences(void)
{
    change(0);
    check("unfenced", fresh_value(MIDDLE), OLD_OR(NEW));
    fence("%0, x0" ::"r"(MIDDLE + next_page * PAGE));
    check("fence-page", fresh_value(MIDDLE), OLD_OR(NEW));
    fence("%0, %1" ::"r"(MIDDLE + next_page * PAGE), "r"(ASID));
    check("fence-page-asid", fresh_value(MIDDLE), OLD_OR(NEW));
    fence("x0, %0" ::"r"(OTHER_ASID));
    check("fence-other-asid", fresh_value(MIDDLE), OLD_OR(NEW));
    fence("x0, %0" ::"r"(ASID));
    check("fence-asid", fresh_value(MIDDLE), NEW);
    change(0);
    check("unfenced-again", fresh_value(MIDDLE), OLD_OR(NEW));
    fence("x0, x0" ::);
    check("fence-all", fresh_value(MIDDLE), NEW);
    change(0);
    run(S, "sfence.vma x0, x0", 0);
    check("fence-in-s", fresh_value(MIDDLE), NEW);
}

/* Below a pointer with G all is global. */
static void check_global(void)
{
    change(PTE_G);
    check("global", fresh_value(MIDDLE), OLD_OR(NEW));
    fence("x0, %0" ::"r"(ASID));
    check("global-fence-asid", fresh_value(MIDDLE), OLD_OR(NEW));
    csr_write(satp, csr_read(satp) ^ (u64)(ASID ^ OTHER_ASID) << ASID_SHIFT);
    check("global-other-asid", fresh_value(MIDDLE), OLD_OR(NEW));
    csr_write(satp, csr_read(satp) ^ (u64)(ASID ^ OTHER_ASID) << ASID_SHIFT);
    fence("x0, x0" ::);
    check("global-fence-all", fresh_value(MIDDLE), NEW);
}

/* Another ASID has its own; another root under the same one has not. */
static void check_spaces(void)
{
    u64 own = csr_read(satp);

    change(0);
    csr_write(satp, own ^ (u64)(ASID ^ OTHER_ASID) << ASID_SHIFT);
    check("other-asid", fresh_value(MIDDLE), NEW);
    csr_write(satp, own);
    check("own-asid", fresh_value(MIDDLE), OLD_OR(NEW));
    for (unsigned i = 0; i < 512; i++)
        root[i] = *table_top(i);
    set(&root[0], middles[1], 0);
    set(&middles[1][MIDDLE / BIG], leaves[1], 0);
    change(0);
    csr_write(satp, (own & ~((1ull << ASID_SHIFT) - 1)) | (u64)root / PAGE);
    check("other-root", fresh_value(MIDDLE), OLD_OR(NEW));
    fence("x0, %0" ::"r"(ASID));
    check("other-root-fenced", fresh_value(MIDDLE), NEW);
    csr_write(satp, own);
    fence_all();
}

/* A walk that is refused has read its pointers all the same; a table that was
 * taken away is gone on by; and what a walk sets there, it sets in it. */
static void check_walks(void)
{
    next_page = 0;
    set(table_middle(MIDDLE), leaves[0], 0);
    fence_all();
    leaves[0][next_page] = 0;
    check("refused", fresh_cause(MIDDLE), LOAD_PAGE);
    leaves[0][0] = leaf(frame[0], RIGHTS);
    set(table_middle(MIDDLE), NULL, 0);
    check("unlinked", fresh_cause(MIDDLE), KEEPS ? NONE : (u64)LOAD_PAGE);
    leaves[0][next_page] = leaf(frame[0], PTE_RW);
    csr_set(menvcfg, 1ull << 61); /* ADUE */
    fresh_value(MIDDLE);
    check("accessed", leaves[0][next_page - 1] & PTE_A, KEEPS ? PTE_A : 0);
    leaves[0][next_page - 1] = leaf(frame[0], RIGHTS);
    fence_all();
    check("unlinked-fenced", fresh_cause(MIDDLE), LOAD_PAGE);
}

/* A pointer of the root, and that it is the nearest one that counts. */
static void check_levels(void)
{
    for (unsigned i = 0; i < 2; i++)
        for (unsigned n = 0; n < 8; n++)
            set(&middles[i][n], leaves[i], 0);
    set(table_top(1), middles[0], 0);
    fence_all();
    next_page = 0;
    check("top", fresh_value(TOP), OLD);
    set(table_top(1), middles[1], 0);
    check("top-unfenced", fresh_value(TOP + BIG), OLD_OR(NEW));
    check("below-unfenced", fresh_value(TOP), OLD_OR(NEW));
    set(&middles[0][0], leaves[1], 0);
    check("nearest", fresh_value(TOP), OLD_OR(NEW));
    fence("%0, x0" ::"r"(TOP + BIG));
    check("top-fence-page", fresh_value(TOP + 2 * BIG), OLD_OR(NEW));
    fence("x0, %0" ::"r"(ASID));
    check("top-fence-asid", fresh_value(TOP + 2 * BIG), NEW);
    check("below-fence-asid", fresh_value(TOP), NEW);
}

/* Four pointers more drive it out: who came first goes first. */
static void check_room(void)
{
    change(0);
    check("room", fresh_value(MIDDLE), OLD_OR(NEW));
    for (unsigned n = 0; n < 3; n++)
        fresh_value(TOP + n * BIG); /* the root's, and three below it */
    check("no-room", fresh_value(MIDDLE), NEW);
    set(table_top(1), NULL, 0);
    set(table_middle(MIDDLE), NULL, 0);
    fence_all();
}

void test_main(void)
{
    for (unsigned i = 0; i < 2; i++) {
        frame[i][0] = OLD + i;
        for (unsigned n = 0; n < PAGES; n++)
            leaves[i][n] = leaf(frame[i], RIGHTS);
    }
    table_on(ASID);
    check_fences();
    check_global();
    check_spaces();
    check_walks();
    check_levels();
    check_room();
    table_off();
}
