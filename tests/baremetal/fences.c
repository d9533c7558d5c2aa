/*
 * SFENCE.VMA and ASIDs, in Sv39, and as SV says in Sv48 and Sv57 (privileged
 * spec, "Supervisor Memory-Management Fence Instruction"): after the right
 * fence the new translation holds, whatever its operands were; and an ASID sees
 * its own pages and the global ones.
 *
 * That the wrong fence leaves the old one is allowed, not promised: nothing
 * here asks for it.
 */
#include "bare.h"

#define VA 0x10000
#define OTHER 0x12000
#define BIG 0x400000
#define ASID_SHIFT 44
#define ASID_MASK 0xffffull

#define LEVELS ((SV - 12) / 9)
#define SHIFT(level) (12 + 9 * (level))

static u64 frame[3][PAGE / 8] __attribute__((aligned(4096)));

/* Those below the root that lead to what check_levels() maps. */
static u64 table[LEVELS - 1][512] __attribute__((aligned(4096)));

static u64 value_at(u64 va)
{
    return run(S, "ld t0, 0(t5)", va).value;
}

static void set(u64 va, unsigned number, u64 flags)
{
    *table_entry(va) = leaf(frame[number], PTE_RW | PTE_AD | flags);
}

/* Each scope: page and ASID, page, ASID, everything. */
static void check_scopes(u64 asid)
{
    set(VA, 0, 0);
    fence_all();
    check("before", value_at(VA), 100);
    set(VA, 1, 0);
    __asm__ volatile("sfence.vma %0, %1" ::"r"(VA), "r"(asid) : "memory");
    check("page-and-asid", value_at(VA), 101);
    set(VA, 2, 0);
    __asm__ volatile("sfence.vma %0, x0" ::"r"(VA + 0x7f8) : "memory");
    check("page", value_at(VA), 102);
    set(VA, 0, 0);
    __asm__ volatile("sfence.vma x0, %0" ::"r"(asid) : "memory");
    check("asid", value_at(VA), 100);
    set(VA, 1, 0);
    fence_all();
    check("everything", value_at(VA), 101);
}

static void check_global(void)
{
    set(VA, 0, PTE_G);
    fence_all();
    check("global-before", value_at(VA), 100);
    set(VA, 1, PTE_G);
    __asm__ volatile("sfence.vma %0, x0" ::"r"(VA) : "memory");
    check("global-page", value_at(VA), 101);
    set(VA, 2, PTE_G);
    fence_all();
    check("global-everything", value_at(VA), 102);
}

/* A permission that is taken away, and one that is given. */
static void check_rights(void)
{
    set(VA, 0, 0);
    fence_all();
    check("writable", run(S, "sd zero, 8(t5)", VA).cause, NONE);
    *table_entry(VA) = leaf(frame[0], PTE_V | PTE_R | PTE_AD);
    __asm__ volatile("sfence.vma %0, x0" ::"r"(VA) : "memory");
    check("write-taken", run(S, "sd zero, 8(t5)", VA).cause, STORE_PAGE);
    check("read-left", value_at(VA), 100);
    *table_entry(VA) = 0;
    __asm__ volatile("sfence.vma %0, x0" ::"r"(VA) : "memory");
    check("unmapped", run(S, "ld t0, 0(t5)", VA).cause, LOAD_PAGE);
    set(VA, 2, 0);
    __asm__ volatile("sfence.vma %0, x0" ::"r"(VA) : "memory");
    check("mapped-again", value_at(VA), 102);
}

/* One fence for any address in a superpage ends all of it. */
static void check_superpage(void)
{
    u64 *entry = table_middle(BIG);
    u64 offset = (u64)frame[0] & 0x1fffff;

    *entry = ((u64)frame[0] & ~0x1fffffull) >> 2 | PTE_RW | PTE_AD;
    fence_all();
    check("superpage", value_at(BIG + offset), 100);
    check("superpage-next", value_at(BIG + offset + PAGE), 101);
    *entry = 0;
    __asm__ volatile("sfence.vma %0, x0" ::"r"(BIG + 0x1ff000) : "memory");
    check("superpage-gone", run(S, "ld t0, 0(t5)", BIG + offset).cause,
          LOAD_PAGE);
    check("superpage-next-gone",
          run(S, "ld t0, 0(t5)", BIG + offset + PAGE).cause, LOAD_PAGE);
    check("superpage-store-gone", run(S, "sd zero, 16(t5)", BIG + offset).cause,
          STORE_PAGE);
}

/* A table is taken away: rs1 = x0 orders the entries that are no leaves. */
static void check_pointer(void)
{
    u64 *entry = table_middle(0);
    u64 kept = *entry;

    set(OTHER, 1, 0);
    fence_all();
    check("pointer", value_at(OTHER), 101);
    *entry = 0;
    fence_all();
    check("pointer-gone", run(S, "ld t0, 0(t5)", OTHER).cause, LOAD_PAGE);
    *entry = kept;
    fence_all();
    check("pointer-back", value_at(OTHER), 101);
}

/* A level's entry for an address, with pointers made above it; the root's index
 * is 1 or 511. */
static u64 *entry_at(unsigned level, u64 va)
{
    u64 *entry = table_top(va >> SHIFT(LEVELS - 1) & 511);

    for (unsigned at = LEVELS - 1; at-- > level;) {
        *entry = leaf(table[at], PTE_V);
        entry = &table[at][va >> SHIFT(at) & 511];
    }
    return entry;
}

/* A leaf of that level, taken away and given back, each with a fence of the
 * last address in its page. Which of the steps failed, a bit each. */
static u64 failures_at(unsigned level, u64 va, u64 asid)
{
    const u64 size = 1ull << SHIFT(level), last = va + size - 1;
    u64 at = va + ((u64)frame[0] & (size - 1));
    u64 good = ((u64)frame[0] & -size) >> 2 | PTE_RW | PTE_AD;
    u64 *entry = entry_at(level, va), failed;

    *entry = good;
    fence_all();
    failed = value_at(at) != 100;
    *entry = 0;
    __asm__ volatile("sfence.vma %0, x0" ::"r"(last) : "memory");
    failed |= (run(S, "ld t0, 0(t5)", at).cause != LOAD_PAGE) << 1;
    *entry = good;
    run(S, "sfence.vma t5, x0", last);
    failed |= (value_at(at) != 100) << 2;
    *entry = 0;
    __asm__ volatile("sfence.vma %0, %1" ::"r"(last), "r"(asid) : "memory");
    failed |= (run(S, "sd zero, 8(t5)", at).cause != STORE_PAGE) << 3;
    return failed;
}

/* In either half of the addresses, with bits set that each level looks at. */
static void check_levels(u64 asid)
{
    char low[] = "low-level-0", high[] = "high-level-0";
    u64 top = SHIFT(LEVELS - 1), va = 0;

    for (unsigned level = LEVELS; level-- > 0;) {
        low[sizeof(low) - 2] = high[sizeof(high) - 2] = (char)('0' + level);
        va |= 1ull << SHIFT(level);
        check(low, failures_at(level, va, asid), 0);
        check(high, failures_at(level, va | -(1ull << top), asid), 0);
    }
    *table_top(1) = *table_top(511) = 0;
    fence_all();
}

/* There is nothing that such an address could fence, and no fault. */
static void check_not_canonical(void)
{
    const u64 wide = VA | 1ull << SV;

    check("wide-s", run(S, "sfence.vma t5, x0", wide).cause, NONE);
    check("wide-m", run(M, "sfence.vma t5, x0", wide).cause, NONE);
    check("wide-asid", run(S, "sfence.vma t5, t0", wide).cause, NONE);
    check("wide-top", run(S, "sfence.vma t5, x0", VA | 1ull << 63).cause, NONE);
    check("wide-u", run(U, "sfence.vma t5, x0", wide).cause, ILLEGAL);
}

/* satp alone changes: another ASID has not seen what this one has. */
static void check_asids(void)
{
    u64 satp = csr_read(satp);
    u64 first = satp & ~(ASID_MASK << ASID_SHIFT);
    u64 second = first | 1ull << ASID_SHIFT;

    csr_write(satp, first | ASID_MASK << ASID_SHIFT);
    if (!(csr_read(satp) >> ASID_SHIFT & ASID_MASK))
        return;
    csr_write(satp, first);
    set(VA, 0, 0);
    set(OTHER, 1, PTE_G);
    fence_all();
    check("asid-0", value_at(VA), 100);
    check("asid-0-global", value_at(OTHER), 101);
    set(VA, 2, 0);
    csr_write(satp, second);
    check("asid-1", value_at(VA), 102);
    check("asid-1-global", value_at(OTHER), 101);
    csr_write(satp, first);
    __asm__ volatile("sfence.vma x0, %0" ::"r"(0ull) : "memory");
    check("asid-0-fenced", value_at(VA), 102);
    csr_write(satp, satp);
}

void test_main(void)
{
    for (unsigned i = 0; i < 3; i++)
        frame[i][0] = 100 + i;
    table_on(0);
    check_scopes(0);
    table_on(5);
    check_scopes(5);
    check_global();
    check_rights();
    check_superpage();
    check_pointer();
    check_levels(5);
    check_not_canonical();
    check_asids();
    table_off();
}
