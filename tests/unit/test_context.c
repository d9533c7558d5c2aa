/*
 * Unit tests of the small arrays (emu/hart/lookup/context.c): that what leaves
 * the TLB leaves every one of them and nothing else does, that they answer as
 * the TLB does, and that switching between them flushes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart_bench.h"

#define RIGHTS (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define SETS 128 /* of 4 KiB, in tlb_default */
#define WAYS 4

/* A page table that maps the indexes round BENCH_VA. */

static u64 near_page(unsigned n)
{
    return (sext(BENCH_VA, 39) & ~0xfffull) + 0x1000ull * n;
}

static void map_pages(struct bench *b, u64 flags)
{
    bench_build_tables(b, 3, 0);
    for (unsigned n = 0; n < 8; n++)
        bench_store(b, bench_pte_pa(0) + 8 * n,
                    bench_pte(BENCH_FRAME(n), flags));
}

static bool held(struct bench *b, enum context_array array, u64 va)
{
    return context_hit(b->hart.c.data, array, va, 1) != NULL;
}

static void touch(struct bench *b, u64 va)
{
    u64 value;

    assert_true(bench_access_load(b, va, 8, &value));
    assert_true(bench_access_store(b, va, 8, value));
    assert_true(held(b, ARRAY_READ, va));
    assert_true(held(b, ARRAY_WRITE, va));
}

/* One TLB entry, mirrored under SUM and without, dies in both; its neighbour
 * stays in both. */
static void a_fence_reaches_every_context(void **state)
{
    static const u64 status[] = {0, MSTATUS_MXR, MSTATUS_SUM,
                                 MSTATUS_MXR | MSTATUS_SUM};
    struct bench *b = *state;
    u64 va = near_page(0);

    map_pages(b, RIGHTS);
    for (unsigned i = 0; i < 4; i++) {
        bench_set_mode(b, PRIV_S, status[i]);
        touch(b, near_page(0));
        touch(b, near_page(1));
    }
    mmu_fence(&b->hart, &va, NULL);
    for (unsigned i = 0; i < 4; i++) {
        bench_set_mode(b, PRIV_S, status[i]);
        assert_false(held(b, ARRAY_READ, near_page(0)));
        assert_false(held(b, ARRAY_WRITE, near_page(0)));
        assert_true(held(b, ARRAY_READ, near_page(1)));
        assert_true(held(b, ARRAY_WRITE, near_page(1)));
    }
}

/* Touching a superpage in many places leaves fragments; all go. */
static void a_superpage_goes_with_all_its_fragments(void **state)
{
    struct bench *b = *state;
    u64 base = sext(BENCH_VA, 39) & -tlb_page_size(1);
    u64 last = base + tlb_page_size(1) - 1;

    bench_build_tables(b, 3, 1);
    bench_store(b, bench_pte_pa(1), bench_pte(BENCH_RAM + (4 << 20), RIGHTS));
    bench_set_mode(b, PRIV_S, 0);
    for (unsigned n = 0; n < 512; n += 37)
        touch(b, base + 0x1000 * n);
    mmu_fence(&b->hart, &last, NULL);
    for (unsigned n = 0; n < 512; n++) {
        assert_false(held(b, ARRAY_READ, base + 0x1000 * n));
        assert_false(held(b, ARRAY_WRITE, base + 0x1000 * n));
    }
}

/* Puts the n-th next page of the same set into the TLB. */
static void crowd(struct bench *b, u64 va, unsigned n)
{
    struct tlb_entry evicted;
    struct tlb_entry entry = {.va = (va & -4096ull) + 4096ull * SETS * n,
                              .pte = bench_pte(BENCH_FRAME(0), RIGHTS),
                              .asid = BENCH_ASID,
                              .shift = 12};

    tlb_fill(&b->hart.tlb, &b->hart.c.contexts, &entry, NULL, &evicted);
}

/* Eviction, like a fence, takes the page out of the small arrays. */
static void an_evicted_page_misses(void **state)
{
    struct bench *b = *state;
    u64 va = near_page(0);

    map_pages(b, RIGHTS);
    bench_set_mode(b, PRIV_S, 0);
    touch(b, va);
    for (unsigned i = 1; i < WAYS; i++) {
        crowd(b, va, i);
        assert_true(held(b, ARRAY_READ, va));
    }
    crowd(b, va, WAYS);
    assert_false(held(b, ARRAY_READ, va));
    assert_false(held(b, ARRAY_WRITE, va));
}

/* The small arrays answer as the TLB does, also where a large entry comes to
 * cover pages that have entries of their own. */
static void overlapping_entries_have_one_answer(void **state)
{
    struct bench *b = *state;
    u64 va = near_page(1), value;

    map_pages(b, RIGHTS | PTE_G);
    bench_set_mode(b, PRIV_S, 0);
    bench_store(b, BENCH_FRAME(1), 0x11);
    bench_store(b, BENCH_FRAME(0) + (va & 0x1ff000), 0x22);
    touch(b, va);
    bench_store(b, bench_pte_pa(1), bench_pte(BENCH_FRAME(0), RIGHTS));
    assert_true(bench_access_load(b, near_page(9), 8, &value));
    assert_int_equal(tlb_find(&b->hart.tlb, va, BENCH_ASID)->level, 1);
    assert_false(held(b, ARRAY_READ, va));
    assert_true(bench_access_load(b, va, 8, &value));
    assert_int_equal(value, 0x22);
}

/* satp, privilege and status change the context and flush nothing; coming
 * back finds everything. */
static void switching_flushes_nothing(void **state)
{
    struct bench *b = *state;
    u64 satp;

    map_pages(b, RIGHTS | PTE_U);
    bench_set_mode(b, PRIV_U, 0);
    touch(b, near_page(0));
    satp = b->hart.s.csr.satp;
    b->hart.s.csr.satp = satp ^ 1ull << 44; /* another ASID */
    bench_set_mode(b, PRIV_U, 0);
    assert_false(held(b, ARRAY_READ, near_page(0)));
    touch(b, near_page(0));
    b->hart.s.csr.satp = 0;
    bench_set_mode(b, PRIV_M, 0);
    assert_false(held(b, ARRAY_READ, near_page(0)));
    b->hart.s.csr.satp = satp;
    bench_set_mode(b, PRIV_S, 0); /* may not: no SUM */
    assert_false(held(b, ARRAY_READ, near_page(0)));
    bench_set_mode(b, PRIV_U, 0);
    assert_true(held(b, ARRAY_READ, near_page(0)));
    assert_true(held(b, ARRAY_WRITE, near_page(0)));
}

/* No access of any size and alignment hits a slot that holds nothing: near
 * address zero its tag is all low bits. */
static void an_empty_slot_answers_nobody(void **state)
{
    struct bench *b = *state;

    for (unsigned size = 1; size <= 8; size *= 2)
        for (u64 va = 0; va < PAGE_SIZE; va++)
            assert_null(context_hit(b->hart.c.data, ARRAY_READ, va, size));
}

/* More spaces than contexts: each space touches one page of its own, so that
 * any other page in its arrays was left there by somebody else. */
static void contexts_are_recycled_empty(void **state)
{
    struct bench *b = *state;
    u64 value;

    map_pages(b, RIGHTS);
    for (unsigned n = 0; n < 8; n++)
        bench_store(b, BENCH_FRAME(n), n);
    for (unsigned round = 0; round < 3 * CONTEXTS; round++) {
        u64 asid = round % (CONTEXTS + 3);
        unsigned own = asid % 8;

        b->hart.s.csr.satp =
            (b->hart.s.csr.satp & ~(0xffffull << 44)) | asid << 44;
        bench_set_mode(b, PRIV_S, 0);
        assert_true(bench_access_load(b, near_page(own), 8, &value));
        assert_int_equal(value, own);
        for (unsigned n = 0; n < 8; n++)
            assert_int_equal(held(b, ARRAY_READ, near_page(n)), n == own);
    }
}

/* A page that only was read must not be in the array of writes: its D is
 * clear. And a page of which U may nothing is in no array of U's. */
static void only_what_was_allowed_is_held(void **state)
{
    struct bench *b = *state;
    u64 value;

    map_pages(b, RIGHTS & ~PTE_D);
    bench_set_mode(b, PRIV_S, 0);
    assert_true(bench_access_load(b, near_page(2), 8, &value));
    assert_true(held(b, ARRAY_READ, near_page(2)));
    assert_false(held(b, ARRAY_WRITE, near_page(2)));
    assert_false(context_hit(b->hart.c.fetch, ARRAY_EXEC, near_page(2), 1));
    assert_true(bench_access_store(b, near_page(2), 8, value));
    assert_true(held(b, ARRAY_WRITE, near_page(2)));
    assert_true(bench_load(b, bench_pte_pa(0) + 16) & PTE_D);
    bench_set_mode(b, PRIV_U, 0);
    assert_false(bench_access_load(b, near_page(2), 8, &value));
    assert_int_equal(b->hart.c.raise_cause, CAUSE_LOAD_PAGE);
    assert_false(held(b, ARRAY_READ, near_page(2)));
}

/* One compare answers page and alignment. */
static void misaligned_accesses_miss(void **state)
{
    struct bench *b = *state;

    map_pages(b, RIGHTS);
    bench_set_mode(b, PRIV_S, 0);
    touch(b, near_page(0));
    for (unsigned size = 1; size <= 8; size *= 2)
        for (unsigned offset = 0; offset < 8; offset++)
            assert_int_equal(context_hit(b->hart.c.data, ARRAY_READ,
                                         near_page(0) + offset, size) != NULL,
                             offset % size == 0);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fence_reaches_every_context),
        TEST(a_superpage_goes_with_all_its_fragments),
        TEST(an_evicted_page_misses),
        TEST(overlapping_entries_have_one_answer),
        TEST(switching_flushes_nothing),
        TEST(an_empty_slot_answers_nobody),
        TEST(contexts_are_recycled_empty),
        TEST(only_what_was_allowed_is_held),
        TEST(misaligned_accesses_miss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
