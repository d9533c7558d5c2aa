/*
 * SFENCE.VMA and ASIDs (privileged spec, "Supervisor Memory-Management Fence
 * Instruction"): after the right fence the new translation holds, whatever
 * its operands were; and an ASID sees its own pages and the global ones.
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

static u64 frame[3][PAGE / 8] __attribute__((aligned(4096)));

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
    check_asids();
    table_off();
}
