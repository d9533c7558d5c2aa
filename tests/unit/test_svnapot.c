/*
 * Unit tests of NAPOT page-table entries (emu/hart/mmu/mmu.c, tlb.c): which are
 * valid, that one TLB entry stands for sixteen pages and dies by a fence in
 * any of them, whose A and D are set, and what events make of it. Privileged
 * spec, "Svnapot".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hart_bench.h"

#define N (1ull << 63)
#define RIGHTS (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define RANGE 0x10000ull
#define PAGES 16

/* A range of 64 KiB of memory, and the one of addresses round BENCH_VA. */
#define MEMORY (BENCH_RAM + 0x800000)

static u64 range_va(void)
{
    return sext(BENCH_VA, 39) & -RANGE;
}

static u64 page_va(unsigned i)
{
    return range_va() + PAGE_SIZE * i;
}

static u64 pte_pa(unsigned i)
{
    return (bench_pte_pa(0) & -(8ull * PAGES)) + 8 * i;
}

static u64 napot(u64 pa, u64 flags)
{
    return N | bench_pte(pa | RANGE / 2, flags);
}

/* All sixteen entries of the range with these flags, in S-mode. */
static void build(struct bench *b, u64 flags)
{
    bench_build_tables(b, 3, 0);
    for (unsigned i = 0; i < PAGES; i++)
        bench_store(b, pte_pa(i), napot(MEMORY, flags));
    mmu_fence(&b->hart, NULL, NULL);
    bench_set_mode(b, PRIV_S, 0);
    b->hart.s.csr.menvcfg |= MENVCFG_ADUE;
}

static u64 translate(struct bench *b, u64 va, unsigned access)
{
    struct translation at;

    b->hart.c.raised = false;
    return mmu_translate(&b->hart, va, access, PRIV_S, &at) ? at.pa : 0;
}

static void one_entry_translates_every_page(void **state)
{
    struct bench *b = *state;

    for (unsigned first = 0; first < PAGES; first++) {
        build(b, RIGHTS);
        bench_watch(b, RVEMU_EVENT_BIT(tlb_fill));
        for (unsigned i = 0; i < PAGES; i++) {
            unsigned n = (first + i) % PAGES;

            assert_int_equal(translate(b, page_va(n) + 0x123 + n, i % 3),
                             MEMORY + PAGE_SIZE * n + 0x123 + n);
        }
        bench_collect(b);
        assert_int_equal(b->events, 1);
        assert_int_equal(b->event[0].tlb_fill.va, range_va());
        assert_int_equal(b->event[0].tlb_fill.level, 0);
        assert_int_equal(b->event[0].tlb_fill.pte_pa, pte_pa(first));
        assert_int_equal(b->event[0].tlb_fill.pte, napot(MEMORY, RIGHTS));
        assert_int_equal(translate(b, range_va() - 1, 1), 0);
        assert_int_equal(translate(b, range_va() + RANGE, 1), 0);
    }
}

/* Of all low bits of the PPN and all levels, one: 1000 at the last. */
static void what_is_not_64_kib_is_reserved(void **state)
{
    struct bench *b = *state;

    for (unsigned level = 0; level < 3; level++)
        for (unsigned low = 0; low < PAGES; low++)
            for (unsigned leaf = 0; leaf < 2; leaf++) {
                bool valid = leaf && level == 0 && low == 8;
                u64 pte = bench_pte(MEMORY + PAGE_SIZE * low, PTE_V) | N;

                bench_build_tables(b, 3, level);
                bench_store(b, bench_pte_pa(level), leaf ? pte | RIGHTS : pte);
                mmu_fence(&b->hart, NULL, NULL);
                bench_set_mode(b, PRIV_S, 0);
                bench_watch(b, RVEMU_EVENT_BIT(page_fault));
                assert_int_equal(translate(b, sext(BENCH_VA, 39), 1) != 0,
                                 valid);
                bench_collect(b);
                assert_int_equal(b->events, !valid);
                if (!valid)
                    assert_int_equal(b->event[0].page_fault.reason,
                                     RVEMU_REASON_RESERVED);
            }
    build(b, RIGHTS);
    b->hart.w.isa &= ~EXT_SET(SVNAPOT);
    assert_int_equal(translate(b, page_va(3), 1), 0);
    assert_int_equal(b->hart.c.raise_cause, CAUSE_LOAD_PAGE);
}

/* With what the small arrays hold of it. */
static void a_fence_in_any_page_ends_it(void **state)
{
    struct bench *b = *state;
    u64 outside[] = {range_va() - 1, range_va() + RANGE}, value;

    for (unsigned fenced = 0; fenced < PAGES + 2; fenced++) {
        u64 va =
            fenced < PAGES ? page_va(fenced) + 0xffe : outside[fenced - PAGES];

        build(b, RIGHTS);
        for (unsigned i = 0; i < PAGES; i++) {
            assert_true(bench_access_store(b, page_va(i), 8, i));
            bench_store(b, pte_pa(i), 0);
        }
        bench_watch(b, RVEMU_EVENT_BIT(tlb_flush));
        mmu_fence(&b->hart, &va, NULL);
        bench_collect(b);
        assert_int_equal(b->event[0].tlb_flush.entries, fenced < PAGES);
        for (unsigned i = 0; i < PAGES; i++) {
            assert_int_equal(bench_access_load(b, page_va(i), 8, &value),
                             fenced >= PAGES);
            assert_int_equal(
                context_hit(b->hart.c.data, ARRAY_WRITE, page_va(i), 8) != NULL,
                fenced >= PAGES);
        }
    }
}

/* A and D of the entry that was walked to, and of no other; the TLB entry
 * then has them for all. */
static void a_and_d_are_the_walked_entry_s(void **state)
{
    struct bench *b = *state;
    u64 clear = RIGHTS & ~(PTE_A | PTE_D);

    build(b, clear);
    assert_int_not_equal(translate(b, page_va(3), RVEMU_ACCESS_LOAD), 0);
    assert_int_not_equal(translate(b, page_va(4), RVEMU_ACCESS_LOAD), 0);
    assert_int_not_equal(translate(b, page_va(9), RVEMU_ACCESS_STORE), 0);
    assert_int_not_equal(translate(b, page_va(5), RVEMU_ACCESS_STORE), 0);
    for (unsigned i = 0; i < PAGES; i++) {
        u64 set = i == 3 ? PTE_A : i == 9 ? PTE_A | PTE_D : 0;

        assert_int_equal(bench_load(b, pte_pa(i)), napot(MEMORY, clear | set));
    }
    b->hart.s.csr.menvcfg &= ~MENVCFG_ADUE;
    assert_int_not_equal(translate(b, page_va(0), RVEMU_ACCESS_STORE), 0);
    mmu_fence(&b->hart, NULL, NULL);
    assert_int_equal(translate(b, page_va(0), RVEMU_ACCESS_STORE), 0);
    assert_int_equal(b->hart.c.raise_cause, CAUSE_STORE_PAGE);
}

/* The walk for D finds something else: it takes the entry's place. */
static void another_size_takes_its_place(void **state)
{
    struct bench *b = *state;
    u64 clear = RIGHTS & ~PTE_D;

    build(b, clear);
    assert_int_not_equal(translate(b, page_va(2), RVEMU_ACCESS_LOAD), 0);
    bench_store(b, pte_pa(6), bench_pte(BENCH_FRAME(1), RIGHTS));
    assert_int_equal(translate(b, page_va(6), RVEMU_ACCESS_LOAD),
                     MEMORY + 6 * PAGE_SIZE);
    assert_int_equal(translate(b, page_va(6), RVEMU_ACCESS_STORE),
                     BENCH_FRAME(1));
    bench_store(b, pte_pa(2), 0);
    assert_int_equal(translate(b, page_va(2), RVEMU_ACCESS_LOAD), 0);
    mmu_fence(&b->hart, NULL, NULL);
    bench_store(b, pte_pa(6), bench_pte(BENCH_FRAME(1), clear));
    assert_int_equal(translate(b, page_va(6), RVEMU_ACCESS_LOAD),
                     BENCH_FRAME(1));
    bench_store(b, pte_pa(6), napot(MEMORY, RIGHTS));
    assert_int_equal(translate(b, page_va(6), RVEMU_ACCESS_STORE),
                     MEMORY + 6 * PAGE_SIZE);
    assert_int_equal(translate(b, page_va(7), RVEMU_ACCESS_STORE),
                     MEMORY + 7 * PAGE_SIZE);
}

/* A page of a range that is copied is compared with its own page. */
static void a_copied_page_is_its_own_page(void **state)
{
    struct bench *b = *state;
    u64 from = MEMORY + 5 * PAGE_SIZE;
    const struct rvemu_ev_frame_copied *copied = &b->event[0].frame_copied;

    build(b, RIGHTS);
    for (unsigned i = 0; i < PAGES; i++)
        bench_store(b, MEMORY + i * PAGE_SIZE, i + 1);
    bench_store(b, BENCH_FRAME(1), 6);
    tables_watch(b->tables, true);
    bench_watch(b, RVEMU_EVENT_BIT(frame_copied));
    bench_set_mode(b, PRIV_M, 0);
    assert_true(
        bench_access_store(b, pte_pa(5), 8, bench_pte(BENCH_FRAME(1), RIGHTS)));
    bench_collect(b);
    assert_int_equal(b->events, 1);
    assert_int_equal(copied->old, from >> 12);
    assert_int_equal(copied->new, BENCH_FRAME(1) >> 12);
    for (unsigned i = 0; i < PAGES; i++)
        bench_store(b, MEMORY + RANGE + i * PAGE_SIZE, i + 1);
    bench_forget(b);
    assert_true(
        bench_access_store(b, pte_pa(5), 8, napot(MEMORY + RANGE, RIGHTS)));
    bench_collect(b);
    assert_int_equal(b->events, 1);
    assert_int_equal(copied->old, BENCH_FRAME(1) >> 12);
    assert_int_equal(copied->new, (MEMORY + RANGE + 5 * PAGE_SIZE) >> 12);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_entry_translates_every_page),
        TEST(what_is_not_64_kib_is_reserved),
        TEST(a_fence_in_any_page_ends_it),
        TEST(a_and_d_are_the_walked_entry_s),
        TEST(another_size_takes_its_place),
        TEST(a_copied_page_is_its_own_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
