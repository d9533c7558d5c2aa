/*
 * Unit tests of the cache-block operations (emu/hart/interp/exec_cbo.h): who
 * may run them, what rights they need, which faults they raise with which
 * address, and that zeroing a block is a store like any other.
 */
#include "hart/interp/exec_cbo.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "hart_bench.h"

#define INVAL 0x0003a00fu /* cbo.inval (x7) */
#define CLEAN 0x0013a00fu
#define FLUSH 0x0023a00fu
#define ZERO 0x0043a00fu

#define RIGHTS (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define ENABLED (ENVCFG_CBIE | ENVCFG_CBCFE | ENVCFG_CBZE)
#define DEVICE 0x10000000ull
#define PATTERN 0x1111111111111111ull

static const struct {
    u32 raw;
    bench_body *body;
    u64 field;
} ops[] = {
    {INVAL, exec_cbo_inval, ENVCFG_CBIE},
    {CLEAN, exec_cbo_clean, ENVCFG_CBCFE},
    {FLUSH, exec_cbo_flush, ENVCFG_CBCFE},
    {ZERO, exec_cbo_zero, ENVCFG_CBZE},
};

enum { OPS = sizeof(ops) / sizeof(*ops), MANAGEMENT = 3 };

static bool execute(struct bench *b, unsigned op, u64 va)
{
    b->hart.s.x[7] = va;
    return bench_execute(b, ops[op].body, ops[op].raw);
}

static void expect_fault(struct bench *b, bool done, u64 cause, u64 tval)
{
    assert_false(done);
    assert_int_equal(b->hart.c.raise_cause, cause);
    assert_int_equal(b->hart.c.raise_tval, tval);
}

/* A page at BENCH_VA with these flags, in S-mode, everything enabled. */
static u64 build(struct bench *b, u64 flags)
{
    bench_build_tables(b, 3, 0);
    bench_store(b, bench_pte_pa(0), bench_pte(BENCH_FRAME(0), flags));
    mmu_fence(&b->hart, NULL, NULL);
    b->hart.s.csr.menvcfg |= ENABLED;
    bench_set_mode(b, PRIV_S, 0);
    return sext(BENCH_VA, 39);
}

static void fill(struct bench *b, u64 pa)
{
    for (unsigned i = 0; i < PAGE_SIZE; i += 8)
        bench_store(b, pa + i, PATTERN);
}

/* The pattern is gone from one block and from nothing else. */
static void expect_zeroed(struct bench *b, u64 block)
{
    u64 page = align_down(block, PAGE_SIZE);

    for (u64 pa = page; pa < page + PAGE_SIZE; pa += 8)
        assert_int_equal(bench_load(b, pa),
                         align_down(pa, CBO_BLOCK) == block ? 0 : PATTERN);
}

/* Among the counts a cache operation is a store, too, and is nothing else. */
static void they_count_as_stores(void **state)
{
    struct bench *b = *state;
    u64 *total = b->hart.s.counters.total;
    u64 va;

    for (unsigned op = 0; op < OPS; op++) {
        va = build(b, RIGHTS);
        memset(total, 0, sizeof(b->hart.s.counters.total));
        assert_true(execute(b, op, va));
        assert_int_equal(total[COUNTED_STORE_MISSES], 1);
        assert_int_equal(total[COUNTED_WALKS], 1);
        va = build(b, 0);
        memset(total, 0, sizeof(b->hart.s.counters.total));
        expect_fault(b, execute(b, op, va), CAUSE_STORE_PAGE, va);
        assert_int_equal(total[COUNTED_STORE_FAULTS], 1);
        assert_int_equal(total[COUNTED_FLUSHES], 0);
    }
}

/* A field of menvcfg opens S and, with senvcfg's, U; each its own. */
static void fields_open_privileges(void **state)
{
    static const u64 values[] = {0, 1ull << 4, ENVCFG_CBIE, ENVCFG_CBCFE,
                                 ENVCFG_CBZE};
    struct bench *b = *state;

    for (unsigned op = 0; op < OPS; op++)
        for (unsigned m = 0; m < 5; m++)
            for (unsigned s = 0; s < 5; s++) {
                bool in_s = values[m] & ops[op].field;
                bool in_u = in_s && values[s] & ops[op].field;

                b->hart.s.csr.menvcfg = values[m];
                b->hart.s.csr.senvcfg = values[s];
                bench_set_mode(b, PRIV_M, 0);
                assert_true(execute(b, op, BENCH_FRAME(0)));
                bench_set_mode(b, PRIV_S, 0);
                assert_int_equal(execute(b, op, BENCH_FRAME(0)), in_s);
                if (!in_s)
                    expect_fault(b, false, CAUSE_ILLEGAL, ops[op].raw);
                bench_set_mode(b, PRIV_U, 0);
                assert_int_equal(execute(b, op, BENCH_FRAME(0)), in_u);
            }
}

/* Closed, it is illegal whatever the address. */
static void being_closed_comes_before_faults(void **state)
{
    struct bench *b = *state;
    u64 va = build(b, 0);

    b->hart.s.csr.menvcfg &= ~ENABLED;
    for (unsigned op = 0; op < OPS; op++)
        expect_fault(b, execute(b, op, va), CAUSE_ILLEGAL, ops[op].raw);
}

static void a_block_is_aligned_and_zeroed_whole(void **state)
{
    struct bench *b = *state;
    u64 va = build(b, RIGHTS) & -4096ull;

    for (unsigned offset = 0; offset < PAGE_SIZE; offset += 21) {
        fill(b, BENCH_FRAME(0));
        if (offset % 2) /* by the slow path, too */
            mmu_fence(&b->hart, NULL, NULL);
        assert_true(execute(b, 3, va + offset));
        expect_zeroed(b, align_down(BENCH_FRAME(0) + offset, CBO_BLOCK));
    }
}

static void managing_changes_nothing_in_memory(void **state)
{
    struct bench *b = *state;
    u64 va = build(b, RIGHTS);

    fill(b, BENCH_FRAME(0));
    for (unsigned op = 0; op < MANAGEMENT; op++)
        assert_true(execute(b, op, va));
    for (unsigned i = 0; i < PAGE_SIZE; i += 8)
        assert_int_equal(bench_load(b, BENCH_FRAME(0) + i), PATTERN);
}

/* Zeroing needs W; managing needs R or, by MXR, X. The cause is a store's and
 * tval is rs1 as it is. */
static void page_faults_are_stores_with_the_address_of_rs1(void **state)
{
    struct bench *b = *state;
    u64 odd = build(b, 0) | 0x33;

    for (unsigned op = 0; op < OPS; op++) {
        build(b, 0);
        expect_fault(b, execute(b, op, odd), CAUSE_STORE_PAGE, odd);
        build(b, PTE_V | PTE_R | PTE_A);
        if (op < MANAGEMENT)
            assert_true(execute(b, op, odd));
        else
            expect_fault(b, execute(b, op, odd), CAUSE_STORE_PAGE, odd);
        build(b, PTE_V | PTE_X | PTE_A);
        expect_fault(b, execute(b, op, odd), CAUSE_STORE_PAGE, odd);
        bench_set_mode(b, PRIV_S, MSTATUS_MXR);
        assert_int_equal(execute(b, op, odd), op < MANAGEMENT);
        build(b, RIGHTS | PTE_U);
        expect_fault(b, execute(b, op, odd), CAUSE_STORE_PAGE, odd);
        bench_set_mode(b, PRIV_S, MSTATUS_SUM);
        assert_true(execute(b, op, odd));
    }
}

/* Managing looks at A, zeroing at A and D (Svadu and Svade). */
static void accessed_and_dirty_are_what_they_should_be(void **state)
{
    struct bench *b = *state;
    u64 va, clear = RIGHTS & ~(PTE_A | PTE_D);

    for (unsigned op = 0; op < OPS; op++) {
        u64 set = op < MANAGEMENT ? PTE_A : PTE_A | PTE_D;

        va = build(b, clear);
        assert_true(execute(b, op, va));
        assert_int_equal(bench_load(b, bench_pte_pa(0)) & (PTE_A | PTE_D), set);
        b->hart.s.csr.menvcfg &= ~MENVCFG_ADUE;
        build(b, clear | set);
        assert_true(execute(b, op, va));
        build(b, (clear | set) & ~PTE_A);
        expect_fault(b, execute(b, op, va), CAUSE_STORE_PAGE, va);
        build(b, clear | PTE_A);
        assert_int_equal(execute(b, op, va), op < MANAGEMENT);
        b->hart.s.csr.menvcfg |= MENVCFG_ADUE;
    }
}

/* A block has all its bytes in one PMP entry that allows it. */
static void pmp_judges_the_whole_block(void **state)
{
    struct bench *b = *state;
    u64 pa = BENCH_FRAME(0);
    struct pmp *pmp = &b->hart.pmp;

    b->hart.s.csr.menvcfg |= ENABLED;
    bench_set_mode(b, PRIV_S, 0);
    for (unsigned cfg = 0; cfg < 8; cfg++) { /* NA4, then NAPOT of 64 */
        if ((cfg & 3) == PMP_W)
            continue;
        for (unsigned op = 0; op < OPS; op++) {
            bool may = cfg & (op < MANAGEMENT ? PMP_R : PMP_W);

            pmp_write_addr(pmp, 0, (pa + 16) >> 2);
            pmp_write_cfg(pmp, 0, 2u << 3 | 7);
            contexts_clear(&b->hart.c.contexts);
            expect_fault(b, execute(b, op, pa + 3), CAUSE_STORE_ACCESS, pa + 3);
            pmp_write_addr(pmp, 0, pa >> 2 | 7);
            pmp_write_cfg(pmp, 0, 3u << 3 | cfg);
            contexts_clear(&b->hart.c.contexts);
            assert_int_equal(execute(b, op, pa + 63), may);
            if (!may)
                expect_fault(b, false, CAUSE_STORE_ACCESS, pa + 63);
            assert_true(execute(b, op, pa + 64));
        }
    }
}

/* Nowhere is an access fault. A device can be managed, which does nothing,
 * and not be zeroed. */
static void only_memory_has_blocks_to_zero(void **state)
{
    static const struct mmio_ops none = {NULL, NULL};
    struct bench *b = *state;
    u64 nowhere = 0x40000010, end = BENCH_RAM + BENCH_RAM_SIZE;

    bus_add(&b->bus,
            &(struct bus_range){.base = DEVICE, .size = 0x100, .ops = &none});
    for (unsigned op = 0; op < OPS; op++) {
        expect_fault(b, execute(b, op, nowhere), CAUSE_STORE_ACCESS, nowhere);
        expect_fault(b, execute(b, op, end), CAUSE_STORE_ACCESS, end);
        assert_true(execute(b, op, end - 1));
        if (op < MANAGEMENT)
            assert_true(execute(b, op, DEVICE + 5));
        else
            expect_fault(b, execute(b, op, DEVICE + 5), CAUSE_STORE_ACCESS,
                         DEVICE + 5);
    }
}

/* MPRV lends M-mode another privilege's eyes, and its own enables stay. */
static void mprv_translates(void **state)
{
    struct bench *b = *state;
    u64 va = build(b, RIGHTS);

    b->hart.s.csr.menvcfg &= ~ENABLED;
    bench_set_mode(b, PRIV_M, MSTATUS_MPRV | (u64)PRIV_S << 11);
    fill(b, BENCH_FRAME(0));
    assert_true(execute(b, 3, va));
    expect_zeroed(b, align_down(BENCH_FRAME(0) + (va & 4095), CBO_BLOCK));
}

/* Zeroed code is gone at once, and the block that runs is over. */
static void zeroing_code_kills_its_blocks(void **state)
{
    struct bench *b = *state;
    const u32 code[] = {0x0043a00f, 0x00100293, 0x0000006f}; /* li x5, 1; j . */

    b->hart.s.x[7] = BENCH_RAM + 0x1000;
    b->hart.s.csr.mtvec = BENCH_RAM + 0x2000;
    bench_code(b, BENCH_RAM + 0x1000, code, 3);
    bench_run(b, 2);
    assert_int_equal(b->hart.s.x[5], 0);
    assert_int_equal(b->hart.s.csr.mcause, CAUSE_ILLEGAL);
    assert_int_equal(b->hart.s.csr.mepc, BENCH_RAM + 0x1004);
}

/* Each entry of a watched table that it changes is a change of its own. */
static void zeroing_a_table_is_seen_entry_by_entry(void **state)
{
    struct bench *b = *state;
    u64 va = build(b, RIGHTS), pte_pa = bench_pte_pa(0), first;

    first = align_down(pte_pa, CBO_BLOCK);
    for (unsigned i = 0; i < 8; i++)
        bench_store(b, first + 8 * i, i % 2 ? 0 : bench_pte(va, RIGHTS));
    bench_set_mode(b, PRIV_M, 0);
    assert_true(execute(b, 3, pte_pa)); /* a write entry that must go */
    for (unsigned i = 0; i < 8; i++)
        bench_store(b, first + 8 * i, i % 2 ? 0 : bench_pte(va, RIGHTS));
    bench_watch(b, RVEMU_EVENT_BIT(pte_write));
    tables_watch(b->tables, true);
    assert_true(execute(b, 3, pte_pa));
    bench_collect(b);
    assert_int_equal(b->events, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(b->event[i].pte_write.pte_pa, first + 16 * i);
        assert_int_equal(b->event[i].pte_write.new, 0);
    }
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_count_as_stores),
        TEST(fields_open_privileges),
        TEST(being_closed_comes_before_faults),
        TEST(a_block_is_aligned_and_zeroed_whole),
        TEST(managing_changes_nothing_in_memory),
        TEST(page_faults_are_stores_with_the_address_of_rs1),
        TEST(accessed_and_dirty_are_what_they_should_be),
        TEST(pmp_judges_the_whole_block),
        TEST(only_memory_has_blocks_to_zero),
        TEST(mprv_translates),
        TEST(zeroing_code_kills_its_blocks),
        TEST(zeroing_a_table_is_seen_entry_by_entry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
