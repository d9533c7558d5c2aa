/*
 * Unit tests of a TLB that keeps what is not valid (--tlb cache-invalid, in
 * emu/hart/mmu/mmu.c): which walks leave an entry, what it covers, that it
 * answers until the right fence or its eviction, and what is reported of it.
 * The privileged specification permits that: "Supervisor Memory-Management
 * Fence Instruction".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/bits.h"
#include "hart_bench.h"

#define LEAF (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define EVENTS                                                \
    (RVEMU_EVENT_BIT(tlb_fill) | RVEMU_EVENT_BIT(tlb_evict) | \
     RVEMU_EVENT_BIT(tlb_flush) | RVEMU_EVENT_BIT(page_fault))
#define LEVELS 5

static u64 va_of(unsigned levels)
{
    return sext(BENCH_VA, 12 + 9 * levels);
}

static bool reach(struct bench *b, u64 va, unsigned access)
{
    struct translation at;

    b->hart.c.raised = false;
    return mmu_translate(&b->hart, va, access, PRIV_S, &at);
}

/* Tables whose entry at a level is pte; nothing is cached. */
static void build(struct bench *b, unsigned levels, unsigned level, u64 pte)
{
    bench_build_tables(b, levels, level);
    bench_store(b, bench_pte_pa(level), pte);
    tlb_reset(&b->hart.tlb);
    contexts_clear(&b->hart.c.contexts);
    bench_set_mode(b, PRIV_S, 0);
    b->hart.w.config.cache_invalid = true;
    bench_watch(b, EVENTS);
    bench_forget(b);
}

static void set_asid(struct bench *b, u64 asid)
{
    b->hart.s.csr.satp = (b->hart.s.csr.satp & ~(0xffffull << 44)) | asid << 44;
    bench_set_mode(b, PRIV_S, 0);
}

/* What has become valid since is not looked at: no walk, and an event that
 * says so. All bits but V may be anything, and say nothing. */
static void it_answers_for_its_level(void **state)
{
    static const u64 ptes[] = {0, PTE_N | 0x2000, ~PTE_V};
    struct bench *b = *state;

    for (unsigned level = 0; level < LEVELS; level++)
        for (unsigned i = 0; i < 3; i++) {
            const struct rvemu_ev_page_fault *fault = &b->event[0].page_fault;
            const struct rvemu_ev_tlb_fill *fill = &b->event[1].tlb_fill;
            u64 size = tlb_page_size(level), va = va_of(LEVELS);
            u64 last = va | (size - 1), walks;

            build(b, LEVELS, level, ptes[i]);
            assert_false(reach(b, va, RVEMU_ACCESS_STORE));
            bench_collect(b);
            assert_int_equal(b->events, 2);
            assert_int_equal(b->event[1].kind, RVEMU_EVENT_tlb_fill);
            assert_int_equal(fill->va, va & -size);
            assert_int_equal(fill->level, level);
            assert_int_equal(fill->pte_pa, bench_pte_pa(level));
            assert_int_equal(fill->pte, ptes[i]);
            assert_int_equal(fault->reason, RVEMU_REASON_INVALID);
            assert_int_equal(fault->from_tlb, 0);
            bench_store(b, bench_pte_pa(level), bench_pte(0, LEAF));
            bench_forget(b);
            walks = b->hart.s.counters.total[COUNTED_WALKS];
            assert_false(reach(b, last, RVEMU_ACCESS_LOAD));
            assert_int_equal(b->hart.c.raise_cause, CAUSE_LOAD_PAGE);
            assert_int_equal(b->hart.c.raise_tval, last);
            assert_int_equal(b->hart.s.counters.total[COUNTED_WALKS], walks);
            bench_collect(b);
            assert_int_equal(b->events, 1);
            assert_int_equal(b->event[0].page_fault.reason,
                             RVEMU_REASON_INVALID);
            assert_int_equal(b->event[0].page_fault.from_tlb, 1);
            assert_int_equal(b->event[0].page_fault.level, level);
            assert_int_equal(b->event[0].page_fault.pte, ptes[i]);
            assert_null(tlb_find(&b->hart.tlb, last + 1, BENCH_ASID));
            assert_null(tlb_find(&b->hart.tlb, (va & -size) - 1, BENCH_ASID));
            mmu_fence(&b->hart, &last, NULL);
            assert_true(reach(b, va, RVEMU_ACCESS_LOAD));
        }
}

/* Of the kinds of fence those that name it, also below a pointer with G. */
static void a_fence_that_names_it_ends_it(void **state)
{
    static const struct {
        bool by_va, by_asid;
        u64 va;
        u16 asid;
        bool ends;
    } rows[] = {
        {false, false, 0, 0, true},
        {true, false, 0, 0, true},
        {true, false, 4096, 0, false},
        {false, true, 0, BENCH_ASID, true},
        {false, true, 0, BENCH_ASID + 1, false},
        {true, true, 0, BENCH_ASID, true},
        {true, true, 4096, BENCH_ASID, false},
        {true, true, 0, BENCH_ASID + 1, false},
    };
    struct bench *b = *state;
    u64 va = va_of(3);

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        u64 fenced = va + rows[i].va;

        build(b, 3, 0, 0);
        bench_store(b, bench_pte_pa(1), bench_load(b, bench_pte_pa(1)) | PTE_G);
        assert_false(reach(b, va, RVEMU_ACCESS_LOAD));
        bench_store(b, bench_pte_pa(0), bench_pte(BENCH_FRAME(0), LEAF));
        bench_forget(b);
        mmu_fence(&b->hart, rows[i].by_va ? &fenced : NULL,
                  rows[i].by_asid ? &rows[i].asid : NULL);
        bench_collect(b);
        assert_int_equal(b->event[0].tlb_flush.entries, rows[i].ends);
        assert_int_equal(reach(b, va, RVEMU_ACCESS_FETCH), rows[i].ends);
    }
}

static void it_is_of_one_space(void **state)
{
    struct bench *b = *state;
    u64 va = va_of(3);

    build(b, 3, 0, PTE_G);
    assert_false(reach(b, va, RVEMU_ACCESS_LOAD));
    bench_store(b, bench_pte_pa(0), bench_pte(BENCH_FRAME(0), LEAF));
    set_asid(b, BENCH_ASID + 1);
    assert_true(reach(b, va, RVEMU_ACCESS_LOAD));
    set_asid(b, BENCH_ASID);
    assert_false(reach(b, va, RVEMU_ACCESS_LOAD));
}

/* V=0 it has to be, found by an access, on a hart that keeps such entries. */
static void other_faults_leave_nothing(void **state)
{
    static const u64 ptes[] = {
        LEAF & ~PTE_R,       /* W without R */
        LEAF | PTE_RESERVED, /* a reserved bit */
        PTE_V,               /* no leaf */
        LEAF & ~PTE_W,       /* not writable */
        LEAF & ~PTE_D,       /* D to be set by software */
    };
    struct bench *b = *state;
    u64 va = va_of(3), pa;

    for (unsigned i = 0; i < sizeof(ptes) / sizeof(ptes[0]); i++) {
        build(b, 3, 0, ptes[i]);
        b->hart.s.csr.menvcfg &= ~MENVCFG_ADUE;
        assert_false(reach(b, va, RVEMU_ACCESS_STORE));
        assert_null(tlb_find(&b->hart.tlb, va, BENCH_ASID));
    }
    build(b, 3, 0, 0);
    assert_false(mmu_probe(&b->hart, va, RVEMU_ACCESS_LOAD, PRIV_S, &pa));
    assert_null(tlb_find(&b->hart.tlb, va, BENCH_ASID));
    b->hart.s.csr.satp += 1ull << 40; /* a root that is no RAM */
    assert_false(reach(b, va, RVEMU_ACCESS_LOAD));
    assert_int_equal(b->hart.c.raise_cause, CAUSE_LOAD_ACCESS);
    assert_null(tlb_find(&b->hart.tlb, va, BENCH_ASID));
    build(b, 3, 0, 0);
    b->hart.w.config.cache_invalid = false;
    assert_false(reach(b, va, RVEMU_ACCESS_LOAD));
    assert_null(tlb_find(&b->hart.tlb, va, BENCH_ASID));
}

/* Neighbours in its set push it out; the page is seen then. */
static void it_is_evicted_in_its_turn(void **state)
{
    struct bench *b = *state;
    u64 va = va_of(3), stride = 4096ull * tlb_default.of[TLB_4K].sets;

    build(b, 3, 0, 0);
    assert_false(reach(b, va, RVEMU_ACCESS_LOAD));
    bench_store(b, bench_pte_pa(0), bench_pte(BENCH_FRAME(0), LEAF));
    for (unsigned i = 1; i <= tlb_default.of[TLB_4K].ways; i++) {
        struct tlb_entry evicted;
        struct tlb_entry entry = {.va = (va & -4096ull) + stride * i,
                                  .pte = bench_pte(BENCH_FRAME(0), LEAF),
                                  .asid = BENCH_ASID,
                                  .shift = 12};

        assert_false(reach(b, va, RVEMU_ACCESS_LOAD));
        tlb_fill(&b->hart.tlb, &b->hart.c.contexts, &entry, NULL, &evicted);
        assert_int_equal(evicted.valid, i == tlb_default.of[TLB_4K].ways);
    }
    assert_true(reach(b, va, RVEMU_ACCESS_LOAD));
}

/* A walk for D that finds nothing any more: the page is gone for loads, too,
 * with what the small arrays had of it. */
static void it_takes_the_place_of_a_page(void **state)
{
    struct bench *b = *state;
    u64 va = va_of(3) & -8ull, value;

    for (unsigned level = 0; level < 2; level++) {
        build(b, 3, 0, bench_pte(BENCH_FRAME(0), LEAF & ~PTE_D));
        b->hart.s.csr.menvcfg |= MENVCFG_ADUE;
        assert_true(bench_access_load(b, va, 8, &value));
        bench_store(b, bench_pte_pa(level), 0);
        bench_forget(b);
        assert_false(bench_access_store(b, va, 8, 1));
        assert_int_equal(b->hart.c.raise_cause, CAUSE_STORE_PAGE);
        bench_collect(b);
        /* in place, or the 4 KiB page leaves for what is larger */
        assert_int_equal(b->event[1].kind,
                         level ? RVEMU_EVENT_tlb_evict : RVEMU_EVENT_tlb_fill);
        assert_int_equal(b->events, 2 + level);
        bench_store(b, bench_pte_pa(1), bench_pte(BENCH_TABLE(0), PTE_V));
        bench_store(b, bench_pte_pa(0), bench_pte(BENCH_FRAME(0), LEAF));
        assert_false(bench_access_load(b, va, 8, &value));
        mmu_fence(&b->hart, &va, NULL);
        assert_true(bench_access_load(b, va, 8, &value));
    }
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_answers_for_its_level),  TEST(a_fence_that_names_it_ends_it),
        TEST(it_is_of_one_space),        TEST(other_faults_leave_nothing),
        TEST(it_is_evicted_in_its_turn), TEST(it_takes_the_place_of_a_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
