/*
 * Physical memory protection (privileged spec, "Physical Memory Protection"):
 * every address-matching mode, the lowest entry wins, an access that it
 * covers in part fails, walks count as the supervisor's, and locked entries
 * bind M-mode. The last entry (8) opens all that the others leave.
 */
#include "bare.h"

#define VA 0x10000
#define NEXT (VA + PAGE)

#define PR 1
#define PW 2
#define PX 4
#define TOR (1 << 3)
#define NA4 (2 << 3)
#define NAPOT (3 << 3)
#define LOCK 0x80
#define ALL_ONES (~0ull >> 10)

static u64 frame[2][PAGE / 8] __attribute__((aligned(8192)));

static u64 napot(const void *base, u64 size)
{
    return ((u64)base | (size / 2 - 1)) >> 2;
}

/* Entries 0 and 1, and the fence that PMP writes want. */
static void protect(u64 config, u64 address_0, u64 address_1)
{
    csr_write(pmpaddr0, address_0);
    csr_write(pmpaddr1, address_1);
    csr_write(pmpcfg0, config);
    fence_all();
}

#define load(va) run(S, "ld t0, 0(t5)", va).cause
#define store(va) run(S, "sd zero, 0(t5)", va).cause

static void check_matching(void)
{
    u64 base = (u64)frame;

    protect(NAPOT | PR, napot(frame[0], PAGE), 0);
    check("napot-read", load(base), NONE);
    check("napot-write", store(base), STORE_ACCESS);
    check("napot-fetch", run(S, "jalr t5", base).cause, FETCH_ACCESS);
    check("napot-last", store(base + PAGE - 8), STORE_ACCESS);
    check("napot-after", store(base + PAGE), NONE);
    check("m-unbound", run(M, "sd zero, 0(t5)", base).cause, NONE);
    protect(NA4, (base + 64) >> 2, 0);
    check("na4-inside", run(S, "lw t0, 0(t5)", base + 64).cause, LOAD_ACCESS);
    check("na4-before", run(S, "lw t0, 0(t5)", base + 60).cause, NONE);
    check("na4-after", run(S, "lw t0, 0(t5)", base + 68).cause, NONE);
    check("na4-in-part", load(base + 64), LOAD_ACCESS);
    protect(TOR << 8, (base + 128) >> 2, (base + 256) >> 2);
    check("tor-before", load(base + 120), NONE);
    check("tor-first", load(base + 128), LOAD_ACCESS);
    check("tor-last", load(base + 248), LOAD_ACCESS);
    check("tor-after", load(base + 256), NONE);
    protect(TOR << 8, (base + 256) >> 2, (base + 128) >> 2);
    check("tor-empty", load(base + 128), NONE);
    protect(NAPOT | PR | PW | (u64)NAPOT << 8, napot(frame[0], 64),
            napot(frame[0], PAGE));
    check("lowest-wins", store(base), NONE);
    check("next-holds", store(base + 64), STORE_ACCESS);
}

static void check_tval(void)
{
    struct ending e;

    protect(NAPOT, napot(frame[1], PAGE), 0);
    frame[0][PAGE / 8 - 1] = 0x5a5a;
    e = run(S, "sd zero, -4(t5)", frame[1]);
    check("across", e.cause, STORE_ACCESS);
    check("across-tval", e.tval, (u64)frame[1]);
    check("across-nothing", frame[0][PAGE / 8 - 1], 0x5a5a);
    e = run(S, "ld t0, -4(t5)", frame[1]);
    check("across-load-tval", e.tval, (u64)frame[1]);
}

/* Within a page the address is the access's own. */
static void check_inside(void)
{
    u64 edge = (u64)frame[0] + 64;
    struct ending e;

    protect(NAPOT, napot(&frame[0][8], 64), 0);
    frame[0][7] = 0x5a5a;
    e = run(S, "ld t0, -4(t5)", edge);
    check("inside-load", e.cause, LOAD_ACCESS);
    check("inside-load-tval", e.tval, edge - 4);
    e = run(S, "sd zero, -3(t5)", edge);
    check("inside-store", e.cause, STORE_ACCESS);
    check("inside-store-tval", e.tval, edge - 3);
    check("inside-store-nothing", frame[0][7], 0x5a5a);
    e = run(S, "lw t0, -1(t5)", edge + 64);
    check("inside-end", e.cause, LOAD_ACCESS);
    check("inside-end-tval", e.tval, edge + 63);
    check("inside-before", run(S, "ld t0, -8(t5)", edge).cause, NONE);
    check("inside-before-misaligned", run(S, "lw t0, -7(t5)", edge).cause,
          NONE);
}

/* Ranges that are nothing, and ranges that are everything. */
static void check_extremes(void)
{
    u64 base = (u64)frame;

    protect(TOR, 0, 0);
    check("tor-0", load(base), NONE);
    check("tor-0-m", run(M, "ld t0, 0(t5)", base).cause, NONE);
    protect(TOR << 8, (base + 128) >> 2, (base + 128) >> 2);
    check("tor-nothing", load(base + 128), NONE);
    check("tor-nothing-across", load(base + 124), NONE);
    protect(TOR << 8, (base + 132) >> 2, (base + 128) >> 2);
    check("tor-backward-across", load(base + 127), NONE);
    check("tor-backward-inside", run(S, "lw t0, 0(t5)", base + 128).cause,
          NONE);
    protect(TOR << 8, ALL_ONES, 0);
    check("tor-backward-from-top", load(base), NONE);
    protect((TOR | PR | PX) << 8, 0, ALL_ONES);
    check("tor-everything-load", load(base), NONE);
    check("tor-everything-store", store(base), STORE_ACCESS);
    protect((TOR | PR | PX) << 8, 0, 1ull << 38 | 2);
    check("tor-far-store", store(base), STORE_ACCESS);
    protect((TOR | PR | PX) << 8, (base + 64) >> 2, ALL_ONES);
    check("tor-to-top", store(base + 64), STORE_ACCESS);
    check("tor-to-top-before", store(base + 56), NONE);
    protect(NAPOT | PR | PX, ALL_ONES, 0);
    check("napot-everything-load", load(base), NONE);
    check("napot-everything-store", store(base), STORE_ACCESS);
    protect(NAPOT | PR | PX, ALL_ONES >> 1, 0);
    check("napot-half-store", store(base), STORE_ACCESS);
}

/* A table that the supervisor may not read faults as the access it was for. */
static void check_walk(void)
{
    u64 *table = table_entry(0);

    table_on(0);
    map(VA, frame[0], PTE_RW | PTE_AD);
    protect(NAPOT, napot(table, PAGE), 0);
    check("walk-load", load(VA), LOAD_ACCESS);
    check("walk-store", store(VA), STORE_ACCESS);
    check("walk-fetch", run(S, "jr t5", VA).cause, FETCH_ACCESS);
    check("walk-tval", run(S, "ld t0, 8(t5)", VA).tval, VA + 8);
    protect(NAPOT, napot(frame[0], PAGE), 0);
    check("leaf-load", load(VA), LOAD_ACCESS);
    *table_entry(VA) = leaf(frame[0], PTE_V | PTE_R | PTE_AD);
    fence_all();
    check("page-fault-first", store(VA), STORE_PAGE);
    table_off();
}

static void check_lock(void)
{
    u64 base = (u64)frame;

    protect(0, 0, 0);
    csr_write(pmpaddr2, napot(frame[0], PAGE));
    csr_set(pmpcfg0, (u64)(LOCK | NAPOT | PR) << 16);
    check("locked-load", run(M, "ld t0, 0(t5)", base).cause, NONE);
    check("locked-store", run(M, "sd zero, 0(t5)", base).cause, STORE_ACCESS);
    csr_write(pmpcfg0, 0);
    check("locked-config", csr_read(pmpcfg0) >> 16 & 0xff, LOCK | NAPOT | PR);
    csr_write(pmpaddr2, 0);
    check("locked-address", csr_read(pmpaddr2), napot(frame[0], PAGE));
    check("unlocked-else", run(M, "sd zero, 0(t5)", base + PAGE).cause, NONE);
}

void test_main(void)
{
    frame[0][0] = frame[1][0] = 0x8082; /* ret */
    csr_write(pmpaddr8, ~0ull);
    csr_write(pmpcfg2, NAPOT | PR | PW | PX);
    check_matching();
    check_tval();
    check_inside();
    check_extremes();
    check_walk();
    check_lock();
}
