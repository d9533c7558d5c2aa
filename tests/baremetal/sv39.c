/*
 * Sv39, and as SV says Sv48 and Sv57 (privileged spec, "Virtual Address
 * Translation Process"): who may do what with a page, when A and D are set,
 * which entries are not valid, and accesses that end on another page than they
 * began.
 */
#include "bare.h"

#define VA 0x10000
#define NEXT (VA + PAGE)
#define BIG 0x400000 /* has its own second-level entry */

static u8 frame[2][PAGE] __attribute__((aligned(4096)));

#define load(mode, va) run(mode, "ld t0, 0(t5)", va).cause
#define store(mode, va) run(mode, "sd zero, 0(t5)", va).cause
#define fetch(mode, va) run(mode, "jalr t5", va).cause

static void check_rights(void)
{
    map(VA, frame[0], PTE_V | PTE_R | PTE_AD);
    check("r-load", load(S, VA), NONE);
    check("r-store", store(S, VA), STORE_PAGE);
    check("r-fetch", fetch(S, VA), FETCH_PAGE);
    check("r-user", load(U, VA), LOAD_PAGE);
    map(VA, frame[0], PTE_RW | PTE_U | PTE_AD);
    check("u-user", store(U, VA), NONE);
    check("u-supervisor", load(S, VA), LOAD_PAGE);
    csr_set(mstatus, SUM_BIT);
    check("sum-load", load(S, VA), NONE);
    check("sum-store", store(S, VA), NONE);
    map(VA, frame[0], PTE_V | PTE_R | PTE_X | PTE_U | PTE_AD);
    check("sum-fetch", fetch(S, VA), FETCH_PAGE);
    csr_clear(mstatus, SUM_BIT);
    check("sum-cleared", load(S, VA), LOAD_PAGE);
    map(VA, frame[0], PTE_V | PTE_X | PTE_AD);
    check("x-load", load(S, VA), LOAD_PAGE);
    csr_set(mstatus, MXR_BIT);
    check("mxr-load", load(S, VA), NONE);
    check("mxr-store", store(S, VA), STORE_PAGE);
    csr_clear(mstatus, MXR_BIT);
}

/* Hardware updates, or faults where SVADE is defined. */
static void check_accessed_dirty(void)
{
    u64 *entry = table_entry(VA);

#ifdef SVADE
    map(VA, frame[0], PTE_RW);
    check("a-load", load(S, VA), LOAD_PAGE);
    check("a-kept", *entry & PTE_AD, 0);
    map(VA, frame[0], PTE_RW | PTE_A);
    check("d-load", load(S, VA), NONE);
    check("d-store", store(S, VA), STORE_PAGE);
    check("d-kept", *entry & PTE_AD, PTE_A);
    map(VA, frame[0], PTE_V | PTE_X);
    check("a-fetch", fetch(S, VA), FETCH_PAGE);
#else
    map(VA, frame[0], PTE_RW);
    check("a-load", load(S, VA), NONE);
    check("a-set", *entry & PTE_AD, PTE_A);
    check("d-store", store(S, VA), NONE);
    check("d-set", *entry & PTE_AD, PTE_AD);
    map(VA, frame[0], PTE_V | PTE_R);
    check("d-refused", store(S, VA), STORE_PAGE);
    check("d-not-set", *entry & PTE_D, 0);
    map(VA, frame[0], PTE_RW);
    check("a-store", store(S, VA), NONE);
    check("a-and-d-set", *entry & PTE_AD, PTE_AD);
#endif
}

static void check_mprv(void)
{
    const u64 as_user = MPRV_BIT, as_s = MPRV_BIT | S << MPP_SHIFT;
    u64 kept;

    map(VA, frame[0], PTE_RW | PTE_U | PTE_AD);
    *(u64 *)frame[0] = 0x5eed;
#define WITH_MPRV "csrs mstatus, t5; li a0, 0x10000; ld t0, 0(a0)"
    csr_clear(mstatus, MPRV_BIT);
    check("mprv-user",
          run(M, "li a1, 3 << 11; csrc mstatus, a1;" WITH_MPRV, as_user).value,
          0x5eed);
    csr_clear(mstatus, MPRV_BIT);
    check("mprv-s",
          run(M, "li a1, 3 << 11; csrc mstatus, a1;" WITH_MPRV, as_s).cause,
          LOAD_PAGE);
    kept = csr_read(mstatus) & MPRV_BIT;
    check("mprv-kept-by-trap", kept, MPRV_BIT);
    run(M, "nop", 0);
    check("mprv-kept-by-mret-to-m", csr_read(mstatus) & MPRV_BIT, MPRV_BIT);
    run(S, "nop", 0);
    kept = csr_read(mstatus) & MPRV_BIT;
    csr_clear(mstatus, MPRV_BIT);
    check("mprv-cleared-by-mret", kept, 0);
}

static void check_entry(const char *name, u64 entry)
{
    *table_entry(VA) = entry;
    fence_all();
    check(name, load(S, VA), LOAD_PAGE);
}

static void check_invalid(void)
{
    u64 good = leaf(frame[0], PTE_RW | PTE_AD);

    check_entry("not-valid", good & ~(u64)PTE_V);
    check_entry("w-without-r", leaf(frame[0], PTE_V | PTE_W | PTE_AD));
    check_entry("wx-without-r", leaf(frame[0], PTE_V | PTE_W | PTE_X | PTE_AD));
    check_entry("last-level-pointer", leaf(frame[0], PTE_V));
    check_entry("reserved-54", good | 1ull << 54);
    check_entry("reserved-60", good | 1ull << 60);
    map(VA, frame[0], PTE_RW | PTE_AD);
    check("valid", load(S, VA), NONE);
    check("not-canonical", load(S, VA | 1ull << SV), LOAD_PAGE);
    check("not-canonical-tval", run(S, "ld t0, 0(t5)", VA | 1ull << 63).tval,
          VA | 1ull << 63);
    check("not-canonical-fetch", fetch(S, VA | 1ull << (SV + 1)), FETCH_PAGE);
}

static void check_superpage(void)
{
    u64 *entry = table_middle(BIG);

    *entry = 0x80000000ull >> 2 | PTE_RW | PTE_AD;
    fence_all();
    *(u64 *)&frame[1][8] = 0xb16;
    check("megapage",
          run(S, "ld t0, 8(t5)", BIG + ((u64)frame[1] & 0x1fffff)).value,
          0xb16);
    *entry = 0x80001000ull >> 2 | PTE_RW | PTE_AD;
    fence_all();
    check("megapage-misaligned", load(S, BIG), LOAD_PAGE);
    *entry = leaf(table_entry(0), PTE_V | PTE_U);
    fence_all();
    check("pointer-with-u", load(S, BIG), LOAD_PAGE);
    *entry = leaf(table_entry(0), PTE_V | PTE_A);
    fence_all();
    check("pointer-with-a", load(S, BIG), LOAD_PAGE);
    *entry = leaf(table_entry(0), PTE_V | PTE_D);
    fence_all();
    check("pointer-with-d", load(S, BIG), LOAD_PAGE);
    *entry = 0;
    fence_all();
}

/* A leaf in the root: as large as pages get. */
static void check_largest_page(void)
{
    const u64 size = 1ull << (SV - 9), base = 0x80000000 & -size;
    u64 at = size + (u64)frame[1] - base;

    *(u64 *)frame[1] = 0xb1663;
    *table_top(1) = base >> 2 | PTE_RW | PTE_AD;
    fence_all();
    check("largest", run(S, "ld t0, 0(t5)", at).value, 0xb1663);
    *table_top(1) = (base | 0x200000) >> 2 | PTE_RW | PTE_AD;
    fence_all();
    check("largest-misaligned", load(S, at), LOAD_PAGE);
    *table_top(1) = 0;
    fence_all();
    check("largest-gone", load(S, at), LOAD_PAGE);
}

static void check_across(void)
{
    u64 *end = (u64 *)&frame[0][PAGE - 8];
    struct ending e;

    map(VA, frame[0], PTE_RW | PTE_AD);
    map(NEXT, frame[1], PTE_RW | PTE_AD);
    *(u64 *)frame[1] = 0;
    e = run(S,
            "li t0, 0x11223344; slli t1, t0, 32; or t0, t0, t1;"
            "sd t0, -4(t5); ld t0, -4(t5)",
            NEXT);
    check("across", e.value, 0x1122334411223344);
    check("across-second", *(u64 *)frame[1], 0x11223344);
    map(NEXT, frame[1], 0);
    *end = 0x0123456789abcdef;
    e = run(S, "sd zero, -3(t5)", NEXT);
    check("across-store", e.cause, STORE_PAGE);
    check("across-store-tval", e.tval, NEXT);
    check("across-store-nothing", *end, 0x0123456789abcdef);
    e = run(S, "lw t0, -1(t5)", NEXT);
    check("across-load", e.cause, LOAD_PAGE);
    check("across-load-tval", e.tval, NEXT);
    map(NEXT, frame[1], PTE_V | PTE_R | PTE_AD);
    e = run(S, "sh zero, -1(t5)", NEXT);
    check("across-read-only", e.cause, STORE_PAGE);
    check("across-read-only-tval", e.tval, NEXT);
    check("across-read-only-nothing", *end, 0x0123456789abcdef);
    map(VA, frame[0], 0);
    e = run(S, "ld t0, -5(t5)", NEXT);
    check("across-first-tval", e.tval, NEXT - 5);
}

static void check_satp(void)
{
    u64 before = csr_read(satp);

    csr_write(satp, 1ull << 60 | 0x1234);
    check("satp-reserved-mode", csr_read(satp), before);
}

void test_main(void)
{
    table_on(0);
    check_rights();
    check_accessed_dirty();
    check_mprv();
    check_invalid();
    check_superpage();
    check_largest_page();
    check_across();
    check_satp();
    table_off();
}
