/*
 * Unit tests of loads, stores, atomics and fetches (emu/hart/mmu/mem.c) where
 * they are not plain: over a page's end, misaligned, to devices, with MPRV,
 * to code, and in pages that end in the middle of an instruction.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart/mmu/mem.h"
#include "hart_bench.h"
#include "isa/csr.h"

#define RIGHTS (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define DEVICE 0x10000000ull

/* Pages round BENCH_VA: page(n) maps FRAME(9 − n), so that neighbours in va
 * are not neighbours in pa. */
static u64 page(unsigned n)
{
    return (sext(BENCH_VA, 39) & ~0xfffull) + 0x1000ull * n;
}

static void map(struct bench *b, unsigned n, u64 flags)
{
    bench_store(b, bench_pte_pa(0) + 8 * n,
                flags ? bench_pte(BENCH_FRAME(9 - n), flags) : 0);
}

static void build(struct bench *b)
{
    bench_build_tables(b, 3, 0);
    for (unsigned n = 0; n < 4; n++)
        map(b, n, RIGHTS);
    bench_set_mode(b, PRIV_S, 0);
}

static void expect_fault(struct bench *b, bool done, u64 cause, u64 tval)
{
    assert_false(done);
    assert_true(b->hart.c.raised);
    assert_int_equal(b->hart.c.raise_cause, cause);
    assert_int_equal(b->hart.c.raise_tval, tval);
}

/* Every size at every offset over the end of a page. */
static void accesses_go_over_a_page_end(void **state)
{
    struct bench *b = *state;
    u8 bytes[16];
    u64 value, want;

    build(b);
    for (unsigned size = 2; size <= 8; size *= 2)
        for (unsigned before = 1; before < size; before++) {
            u64 va = page(1) - before;

            for (unsigned i = 0; i < 16; i++)
                bytes[i] = (u8)(0x10 * size + i);
            memcpy(ram_host(&b->bus.ram, BENCH_FRAME(9) + 4088), bytes, 8);
            memcpy(ram_host(&b->bus.ram, BENCH_FRAME(8)), bytes + 8, 8);
            want = 0;
            memcpy(&want, bytes + 8 - before, size);
            assert_true(bench_access_load(b, va, size, &value));
            assert_int_equal(value, want);
            want = 0xf1e2d3c4b5a69788;
            assert_true(bench_access_store(b, va, size, want));
            memcpy(bytes + 8 - before, &want, size);
            assert_memory_equal(ram_host(&b->bus.ram, BENCH_FRAME(9) + 4088),
                                bytes, 8);
            assert_memory_equal(ram_host(&b->bus.ram, BENCH_FRAME(8)),
                                bytes + 8, 8);
        }
}

/* The faulting part's address; nothing of the other part is written. */
static void either_part_may_fault(void **state)
{
    struct bench *b = *state;
    u64 value;

    build(b);
    map(b, 1, 0);
    bench_store(b, BENCH_FRAME(9) + 4088, 0x1111111111111111);
    expect_fault(b, bench_access_store(b, page(1) - 3, 8, 0), CAUSE_STORE_PAGE,
                 page(1));
    expect_fault(b, bench_access_load(b, page(1) - 3, 8, &value),
                 CAUSE_LOAD_PAGE, page(1));
    assert_int_equal(bench_load(b, BENCH_FRAME(9) + 4088), 0x1111111111111111);
    bench_store(b, BENCH_FRAME(7), 0x2222222222222222);
    expect_fault(b, bench_access_store(b, page(2) - 3, 8, 0), CAUSE_STORE_PAGE,
                 page(2) - 3);
    expect_fault(b, bench_access_load(b, page(2) - 3, 8, &value),
                 CAUSE_LOAD_PAGE, page(2) - 3);
    assert_int_equal(bench_load(b, BENCH_FRAME(7)), 0x2222222222222222);
    map(b, 1, PTE_V | PTE_R | PTE_A); /* read-only */
    expect_fault(b, bench_access_store(b, page(1) - 3, 8, 0), CAUSE_STORE_PAGE,
                 page(1));
    assert_true(bench_access_load(b, page(1) - 3, 8, &value));
    assert_int_equal(bench_load(b, BENCH_FRAME(9) + 4088), 0x1111111111111111);
}

/* D says what was stored: a store whose second part faults, for whatever
 * reason, leaves its first page clean, and one that succeeds marks both. */
static void a_store_that_faults_sets_no_d(void **state)
{
    struct bench *b = *state;
    u64 first = bench_pte_pa(0), clean = RIGHTS & ~(u64)PTE_D;
    u64 second[] = {0, RIGHTS & ~(u64)PTE_W, RIGHTS | PTE_U};

    build(b);
    b->hart.s.csr.menvcfg |= MENVCFG_ADUE;
    map(b, 0, clean);
    for (unsigned i = 0; i < sizeof(second) / sizeof(*second); i++) {
        map(b, 1, second[i]);
        mmu_fence(&b->hart, NULL, NULL);
        expect_fault(b, bench_access_store(b, page(1) - 3, 8, 0),
                     CAUSE_STORE_PAGE, page(1));
        assert_false(bench_load(b, first) & PTE_D);
    }
    bench_store(b, bench_pte_pa(0) + 8, bench_pte(BENCH_RAM / 2, RIGHTS));
    mmu_fence(&b->hart, NULL, NULL);
    expect_fault(b, bench_access_store(b, page(1) - 3, 8, 0),
                 CAUSE_STORE_ACCESS, page(1));
    assert_false(bench_load(b, first) & PTE_D);
    map(b, 1, clean);
    mmu_fence(&b->hart, NULL, NULL);
    assert_true(bench_access_store(b, page(1) - 3, 8, 0));
    assert_true(bench_load(b, first) & PTE_D);
    assert_true(bench_load(b, first + 8) & PTE_D);
}

static void the_end_of_ram_is_an_end(void **state)
{
    struct bench *b = *state;
    u64 end = BENCH_RAM + BENCH_RAM_SIZE, value;

    bench_set_mode(b, PRIV_M, 0);
    assert_true(bench_access_load(b, end - 8, 8, &value));
    expect_fault(b, bench_access_load(b, end - 4, 8, &value), CAUSE_LOAD_ACCESS,
                 end);
    expect_fault(b, bench_access_store(b, end - 4, 8, 0), CAUSE_STORE_ACCESS,
                 end);
    expect_fault(b, bench_access_load(b, end, 1, &value), CAUSE_LOAD_ACCESS,
                 end);
    expect_fault(b, bench_access_load(b, BENCH_RAM - 1, 1, &value),
                 CAUSE_LOAD_ACCESS, BENCH_RAM - 1);
    expect_fault(b, bench_access_load(b, -8ull, 8, &value), CAUSE_LOAD_ACCESS,
                 -8ull);
    expect_fault(b, bench_access_load(b, -4ull, 8, &value), CAUSE_LOAD_ACCESS,
                 -4ull);
}

/* A reservation is an address in memory, even the page at va 0; it serves
 * one SC, whatever that one does. */
static void reservations_are_physical_and_serve_once(void **state)
{
    struct bench *b = *state;

    build(b);
    bench_store(b, bench_pte_pa(0) + 8 * 3,
                bench_pte(BENCH_FRAME(9), RIGHTS)); /* page 3 = page 0 */
    bench_store(b, BENCH_FRAME(9) + 8, 0xffffffff80000001);
    assert_true(bench_access_lr(b, page(0) + 8, 4));
    assert_int_equal(b->hart.s.x[5], 0xffffffff80000001);
    assert_true(bench_access_sc(b, page(3) + 8, 4, 5));
    assert_int_equal(b->hart.s.x[5], 0);
    assert_int_equal(bench_load(b, BENCH_FRAME(9) + 8), 0xffffffff00000005);
    assert_true(bench_access_sc(b, page(0) + 8, 4, 6)); /* used up */
    assert_int_equal(b->hart.s.x[5], 1);
    assert_true(bench_access_lr(b, page(0) + 8, 8));
    assert_true(bench_access_sc(b, page(1) + 8, 8, 7)); /* elsewhere */
    assert_int_equal(b->hart.s.x[5], 1);
    assert_true(bench_access_sc(b, page(0) + 8, 8, 7)); /* gone, too */
    assert_int_equal(b->hart.s.x[5], 1);
    assert_int_equal(bench_load(b, BENCH_FRAME(9) + 8), 0xffffffff00000005);
    assert_int_equal(bench_load(b, BENCH_FRAME(8) + 8), 0);
    /* va 0 */
    bench_store(b, BENCH_TABLE(0), bench_pte(BENCH_FRAME(9), RIGHTS));
    bench_store(b, BENCH_TABLE(1), bench_pte(BENCH_TABLE(0), PTE_V));
    bench_store(b, BENCH_TABLE(2), bench_pte(BENCH_TABLE(1), PTE_V));
    assert_true(bench_access_lr(b, 0, 8));
    assert_true(bench_access_sc(b, 0, 8, 9));
    assert_int_equal(b->hart.s.x[5], 0);
    assert_int_equal(bench_load(b, BENCH_FRAME(9)), 9);
}

/* LR is a load, SC and AMO are stores, for every kind of fault. */
static void atomics_fault_as_what_they_are(void **state)
{
    struct bench *b = *state;
    u64 va = page(1);

    build(b);
    for (unsigned size = 4; size <= 8; size += 4)
        for (unsigned off = 1; off < size; off++) {
            expect_fault(b, bench_access_lr(b, va + off, size),
                         CAUSE_LOAD_MISALIGNED, va + off);
            expect_fault(b, bench_access_sc(b, va + off, size, 0),
                         CAUSE_STORE_MISALIGNED, va + off);
            expect_fault(b, bench_access_amo(b, va + off, size, 0),
                         CAUSE_STORE_MISALIGNED, va + off);
        }
    map(b, 1, 0);
    expect_fault(b, bench_access_lr(b, va, 8), CAUSE_LOAD_PAGE, va);
    expect_fault(b, bench_access_amo(b, va, 8, 0), CAUSE_STORE_PAGE, va);
    map(b, 1, PTE_V | PTE_R | PTE_A);
    assert_true(bench_access_lr(b, va, 8));
    expect_fault(b, bench_access_sc(b, va, 8, 0), CAUSE_STORE_PAGE, va);
    expect_fault(b, bench_access_amo(b, va, 8, 0), CAUSE_STORE_PAGE, va);
    assert_int_equal(b->hart.s.x[5], 0x5555); /* rd is not written */
    map(b, 2, RIGHTS);
    pmp_write_addr(&b->hart.pmp, 0, BENCH_FRAME(7) >> 2 | 0x1ff);
    pmp_write_cfg(&b->hart.pmp, 0, 0x18 | PMP_R);
    assert_true(bench_access_lr(b, page(2), 8));
    expect_fault(b, bench_access_sc(b, page(2), 8, 0), CAUSE_STORE_ACCESS,
                 page(2));
    expect_fault(b, bench_access_amo(b, page(2), 8, 0), CAUSE_STORE_ACCESS,
                 page(2));
    pmp_write_cfg(&b->hart.pmp, 0, 0x18);
    expect_fault(b, bench_access_lr(b, page(2), 8), CAUSE_LOAD_ACCESS, page(2));
}

static void words_of_amos_are_sign_extended(void **state)
{
    struct bench *b = *state;

    bench_set_mode(b, PRIV_M, 0);
    bench_store(b, BENCH_FRAME(0), 0x00000000ffffffff);
    assert_true(bench_access_amo(b, BENCH_FRAME(0), 4, 0x100000002));
    assert_int_equal(b->hart.s.x[5], ~0ull);
    assert_int_equal(bench_load(b, BENCH_FRAME(0)), 1);
    assert_true(bench_access_amo(b, BENCH_FRAME(0), 8, 0x100000002));
    assert_int_equal(b->hart.s.x[5], 1);
    assert_int_equal(bench_load(b, BENCH_FRAME(0)), 0x100000003);
}

/* A device of one register that counts what is done to it. */
struct device {
    u64 value;
    unsigned reads, writes, size;
};

static bool device_read(void *self, u64 offset, unsigned size, u64 *value)
{
    struct device *d = self;

    d->reads++;
    d->size = size;
    *value = d->value;
    return offset < 16;
}

static bool device_write(void *self, u64 offset, unsigned size, u64 value)
{
    struct device *d = self;

    d->writes++;
    d->size = size;
    if (offset < 16)
        d->value = value;
    return offset < 16;
}

static void devices_are_touched_once(void **state)
{
    static const struct mmio_ops ops = {device_read, device_write};
    struct bench *b = *state;
    struct device d = {.value = 0x42};
    struct bus_range range = {DEVICE, 0x1000, &ops, &d, "test", NULL, 0};
    u64 value;

    bus_add(&b->bus, &range);
    bench_set_mode(b, PRIV_M, 0);
    assert_true(bench_access_load(b, DEVICE, 1, &value));
    assert_int_equal(value, 0x42);
    assert_true(bench_access_load(b, DEVICE + 4, 4, &value));
    assert_int_equal(d.reads, 2); /* never held in a small array */
    assert_null(context_hit(b->hart.c.data, ARRAY_READ, DEVICE, 1));
    assert_true(bench_access_store(b, DEVICE + 8, 8, 7));
    assert_int_equal(d.writes, 1);
    assert_int_equal(d.size, 8);
    expect_fault(b, bench_access_load(b, DEVICE + 16, 4, &value),
                 CAUSE_LOAD_ACCESS, DEVICE + 16); /* it refuses */
    expect_fault(b, bench_access_store(b, DEVICE + 16, 4, 0),
                 CAUSE_STORE_ACCESS, DEVICE + 16);
    d.reads = d.writes = 0;
    assert_true(bench_access_amo(b, DEVICE, 8, 3));
    assert_int_equal(d.value, 10);
    assert_int_equal(b->hart.s.x[5], 7);
    assert_int_equal(d.reads + d.writes, 2);
    expect_fault(b, bench_access_lr(b, DEVICE, 8), CAUSE_LOAD_ACCESS, DEVICE);
    d.reads = d.writes = 0;
    expect_fault(b, bench_access_load(b, DEVICE + 1, 4, &value),
                 CAUSE_LOAD_ACCESS, DEVICE + 1);
    expect_fault(b, bench_access_store(b, DEVICE + 2, 4, 0), CAUSE_STORE_ACCESS,
                 DEVICE + 2);
    b->hart.w.config.strict_pma = true;
    expect_fault(b, bench_access_amo(b, DEVICE, 8, 3), CAUSE_STORE_ACCESS,
                 DEVICE);
    assert_int_equal(d.reads + d.writes, 0);
    assert_true(bench_access_store(b, DEVICE, 4, 1));
    assert_true(bench_access_amo(b, BENCH_RAM, 8, 3));
}

/* Nor does a fetch read anything there. */
static void devices_hold_no_instructions(void **state)
{
    static const struct mmio_ops ops = {device_read, device_write};
    struct bench *b = *state;
    struct device d = {0};
    struct bus_range range = {DEVICE, 0x1000, &ops, &d, "test", NULL, 0};
    u16 half;
    u64 pa;

    bus_add(&b->bus, &range);
    bench_set_mode(b, PRIV_M, 0);
    expect_fault(b, fetch_half(&b->hart, DEVICE - 2, &half, &pa),
                 CAUSE_FETCH_ACCESS, DEVICE - 2);
    expect_fault(b, fetch_half(&b->hart, DEVICE + 2, &half, &pa),
                 CAUSE_FETCH_ACCESS, DEVICE + 2);
    assert_int_equal(d.reads, 0);
}

/* A page and each that lies a power of two behind it. */
static void powers_of_two_do_not_fight(void **state)
{
    struct bench *b = *state;
    u64 value;

    bench_set_mode(b, PRIV_M, 0);
    for (u64 apart = 4096; apart < BENCH_RAM_SIZE; apart *= 2) {
        assert_true(bench_access_load(b, BENCH_RAM, 8, &value));
        assert_true(bench_access_load(b, BENCH_RAM + apart, 8, &value));
        assert_non_null(context_hit(b->hart.c.data, ARRAY_READ, BENCH_RAM, 8));
    }
}

static bool is_in(struct bench *b, enum context_array array, u64 va)
{
    return context_hit(b->hart.c.data, array, va, 1) != NULL;
}

/* A load makes room for stores where they are permitted and leave D as it is,
 * a store for loads. */
static void one_access_serves_both_kinds(void **state)
{
    struct bench *b = *state;
    u64 value;

    build(b);
    map(b, 1, RIGHTS & ~PTE_W);
    map(b, 2, RIGHTS & ~PTE_D);
    for (unsigned n = 0; n < 3; n++) {
        assert_true(bench_access_load(b, page(n), 8, &value));
        assert_true(is_in(b, ARRAY_READ, page(n)));
        assert_int_equal(is_in(b, ARRAY_WRITE, page(n)), n == 0);
    }
    assert_true(bench_access_store(b, page(3), 8, 1));
    assert_true(is_in(b, ARRAY_WRITE, page(3)));
    assert_true(is_in(b, ARRAY_READ, page(3)));
}

/* Where PMP permits loads alone, no store passes. */
static void pmp_keeps_the_kinds_apart(void **state)
{
    struct bench *b = *state;
    u64 value;

    build(b);
    pmp_write_addr(&b->hart.pmp, 0, ~0ull);
    pmp_write_cfg(&b->hart.pmp, 0, 0x18 | PMP_R);
    assert_true(bench_access_load(b, page(0), 8, &value));
    assert_true(is_in(b, ARRAY_READ, page(0)));
    assert_false(is_in(b, ARRAY_WRITE, page(0)));
}

/* What was not asked for drives nothing out, or two pages of one slot would
 * fight for it where one is loaded from and one stored to. */
static void what_was_not_asked_for_gives_way(void **state)
{
    struct bench *b = *state;
    u64 first = BENCH_RAM, second = first + PAGE_SIZE, value;

    while (slot_index(second) != slot_index(first))
        second += PAGE_SIZE;
    bench_set_mode(b, PRIV_M, 0);
    assert_true(bench_access_store(b, first, 8, 1));
    assert_true(bench_access_load(b, second, 8, &value));
    assert_true(is_in(b, ARRAY_WRITE, first));
    assert_true(is_in(b, ARRAY_READ, second));
    assert_true(bench_access_store(b, first + 8, 8, 1));
    assert_true(is_in(b, ARRAY_READ, second));
}

/* M-mode with MPRV loads and stores as MPP does, and fetches as itself. */
static void mprv_is_for_data_only(void **state)
{
    struct bench *b = *state;
    u64 value;
    const u32 load = 0x0005b503; /* ld a0, 0(a1) */

    build(b);
    map(b, 1, RIGHTS | PTE_U);
    bench_store(b, BENCH_FRAME(9), 77);
    bench_set_mode(b, PRIV_M, MSTATUS_MPRV | 1ull << 11);
    assert_true(bench_access_load(b, page(0), 8, &value));
    assert_int_equal(value, 77);
    expect_fault(b, bench_access_load(b, page(1), 8, &value), CAUSE_LOAD_PAGE,
                 page(1)); /* as S, a user's page */
    bench_set_mode(b, PRIV_M, MSTATUS_MPRV);
    assert_true(bench_access_load(b, page(1), 8, &value));
    expect_fault(b, bench_access_load(b, page(0), 8, &value), CAUSE_LOAD_PAGE,
                 page(0)); /* as U, a supervisor's */
    bench_set_mode(b, PRIV_M, MSTATUS_MPRV | 3ull << 11);
    assert_true(bench_access_load(b, page(0), 8, &value));
    assert_int_equal(value, 0); /* as M: not translated, but RAM as well */
    bench_set_mode(b, PRIV_M, MSTATUS_MPRV | 1ull << 11);
    bench_code(b, BENCH_RAM + 0x1000, &load, 1);
    b->hart.s.x[11] = page(0);
    hart_run(&b->hart, 1);
    assert_int_equal(b->hart.s.x[10], 77);
    assert_int_equal(b->hart.s.pc, BENCH_RAM + 0x1004);
}

/* A store into the block that is running: what comes next is new. */
static void code_may_rewrite_its_next_instruction(void **state)
{
    static const u32 code[] = {
        0x00b52023, /* sw a1, 0(a0): the next but one */
        0x00000013, /* nop */
        0x00100613, /* li a2, 1: becomes li a2, 2 */
        0x0000006f, /* loop */
    };
    struct bench *b = *state;
    struct hart *h = &b->hart;

    bench_set_mode(b, PRIV_M, 0);
    for (unsigned round = 0; round < 3; round++) {
        bench_code(b, BENCH_RAM + 0x1000, code, 4);
        if (round == 1)
            hart_run(h, 0);
        h->s.x[10] = BENCH_RAM + 0x1008;
        h->s.x[11] = 0x00200613;
        h->s.x[12] = 0;
        hart_run(h, 4);
        assert_int_equal(h->s.x[12], 2);
        assert_int_equal(h->s.pc, BENCH_RAM + 0x100c);
    }
}

/* An entry of the page table stands in the code: as it is, V R W X, it is a
 * FENCE; with A, which the load before it sets, it is none. */
static void the_walker_may_rewrite_code(void **state)
{
    const u64 pte = bench_pte(BENCH_RAM, PTE_V | PTE_R | PTE_W | PTE_X);
    const u32 code[] = {
        0x0005b603, /* ld a2, 0(a1) */
        (u32)pte,
    };
    struct bench *b = *state;
    struct hart *h = &b->hart;

    for (unsigned round = 0; round < 2; round++) {
        bench_build_tables(b, 3, 0);
        mmu_fence(h, NULL, NULL);
        bench_set_mode(b, PRIV_M, MSTATUS_MPRV | 1ull << 11);
        bench_code(b, bench_pte_pa(0) - 4, code, 2);
        h->s.csr.mtvec = BENCH_RAM + 0x2000;
        h->s.x[11] = page(0);
        if (round == 0) /* decoded, and not yet changed */
            h->s.x[11] = 1;
        hart_run(h, 2);
        if (round == 0)
            continue;
        assert_int_equal(h->s.csr.mcause, CAUSE_ILLEGAL);
        assert_int_equal(h->s.csr.mtval, code[1] | PTE_A);
        assert_int_equal(h->s.csr.mepc, bench_pte_pa(0));
    }
}

/* Code in every page of RAM, run in one slice: what is decoded is bounded all
 * the while, and the hart goes where it should. */
static void decoded_code_is_bounded(void **state)
{
    struct bench *b = *state;
    struct hart *h = &b->hart;
    const u32 next = 0x0000106f; /* j .+4096 */
    u64 pages = BENCH_RAM_SIZE / PAGE_SIZE;

    for (u64 n = 0; n < pages; n++)
        memcpy(ram_host(&b->bus.ram, BENCH_RAM + PAGE_SIZE * n), &next, 4);
    bench_set_mode(b, PRIV_M, 0);
    h->s.pc = BENCH_RAM;
    hart_run(h, pages - 1);
    assert_int_equal(h->s.pc, BENCH_RAM + BENCH_RAM_SIZE - PAGE_SIZE);
    assert_true(blocks_pages(b->blocks) <= BLOCKS_PAGES_MAX);
}

/* A 4-byte instruction over a page end, the second page being absent, comes
 * from the second half: tval is 2 behind epc; the first page: 0. */
static void a_fetch_over_a_page_end_blames_its_half(void **state)
{
    static const u32 nop = 0x00000013;
    struct bench *b = *state;
    struct hart *h = &b->hart;

    build(b);
    memcpy(ram_host(&b->bus.ram, BENCH_FRAME(9) + 4094), &nop, 2);
    memcpy(ram_host(&b->bus.ram, BENCH_FRAME(8)), (const u8 *)&nop + 2, 2);
    bench_set_mode(b, PRIV_S, 0);
    h->s.csr.mtvec = BENCH_RAM;
    h->s.pc = page(1) - 2;
    hart_run(h, 1);
    assert_int_equal(h->s.pc, page(1) + 2); /* both there: it is a nop */
    map(b, 1, 0);
    mmu_fence(h, NULL, NULL);
    h->s.pc = page(1) - 2;
    hart_drop_fetch(h);
    hart_run(h, 1);
    assert_int_equal(h->s.csr.mcause, CAUSE_FETCH_PAGE);
    assert_int_equal(h->s.csr.mepc, page(1) - 2);
    assert_int_equal(h->s.csr.mtval, page(1));
    map(b, 0, 0);
    mmu_fence(h, NULL, NULL);
    bench_set_mode(b, PRIV_S, 0);
    h->s.pc = page(1) - 2;
    hart_run(h, 1);
    assert_int_equal(h->s.csr.mepc, page(1) - 2);
    assert_int_equal(h->s.csr.mtval, page(1) - 2);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accesses_go_over_a_page_end),
        TEST(either_part_may_fault),
        TEST(a_store_that_faults_sets_no_d),
        TEST(the_end_of_ram_is_an_end),
        TEST(reservations_are_physical_and_serve_once),
        TEST(atomics_fault_as_what_they_are),
        TEST(words_of_amos_are_sign_extended),
        TEST(devices_are_touched_once),
        TEST(devices_hold_no_instructions),
        TEST(mprv_is_for_data_only),
        TEST(powers_of_two_do_not_fight),
        TEST(one_access_serves_both_kinds),
        TEST(pmp_keeps_the_kinds_apart),
        TEST(what_was_not_asked_for_gives_way),
        TEST(code_may_rewrite_its_next_instruction),
        TEST(the_walker_may_rewrite_code),
        TEST(decoded_code_is_bounded),
        TEST(a_fetch_over_a_page_end_blames_its_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
