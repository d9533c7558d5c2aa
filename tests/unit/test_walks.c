/*
 * Unit tests of the walks that a TLB keeps (emu/hart/lookup/walks.c): what is
 * known of each entry, who is found by the place of a page-table entry, and
 * that nothing is kept unless asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hart/lookup/walks.h"
#include "hart_bench.h"

#define RIGHTS (PTE_V | PTE_R | PTE_W | PTE_X)
#define AD (PTE_A | PTE_D)
#define PAGES 8

static u64 page(unsigned n)
{
    return (sext(BENCH_VA, 39) & -tlb_page_size(1)) + 0x1000ull * n;
}

static u64 pte_pa(unsigned n)
{
    return BENCH_TABLE(0) + 8 * n;
}

static struct tlb_entry *reach(struct bench *b, u64 va, unsigned access)
{
    struct translation at;

    assert_true(mmu_translate(&b->hart, va, access, PRIV_S, &at));
    return at.entry;
}

/* As the machine asks for it, and has the frames watched. */
static void keep(struct bench *b, bool on)
{
    suspects_watch(b->suspects, on);
    assert_int_equal(tlb_keeps_walks(&b->hart.tlb), on);
}

/* Eight pages of 4 KiB, and a level up the next 2 MiB as one. */
static void map_pages(struct bench *b)
{
    bench_build_tables(b, 3, 0);
    for (unsigned n = 0; n < PAGES; n++)
        bench_store(b, pte_pa(n), bench_pte(BENCH_FRAME(n), RIGHTS));
    bench_store(b, bench_pte_pa(1) + 8,
                bench_pte(BENCH_RAM + (4 << 20), RIGHTS | AD));
    b->hart.s.csr.menvcfg |= MENVCFG_ADUE;
    bench_set_mode(b, PRIV_S, 0);
}

/* How many entries came by a place; `with` is among them if it is one. */
static unsigned count_from(struct bench *b, u64 pa,
                           const struct tlb_entry *with)
{
    const struct tlb_entry *before = NULL;
    struct walk_cursor cursor;
    unsigned count = 0, seen = 0;

    for (struct tlb_entry *entry = tlb_first_from(&b->hart.tlb, pa, &cursor);
         entry; entry = tlb_next_from(&b->hart.tlb, &cursor)) {
        assert_true(entry->valid);
        assert_ptr_not_equal(entry, before);
        before = entry;
        seen += entry == with;
        count++;
    }
    assert_int_equal(seen, with != NULL);
    return count;
}

static void an_entry_knows_its_walk(void **state)
{
    struct bench *b = *state;
    const struct tlb_walk *walk;
    struct tlb_entry *entry;

    map_pages(b);
    keep(b, true);
    entry = reach(b, page(3), RVEMU_ACCESS_LOAD);
    walk = tlb_walk(&b->hart.tlb, entry);
    assert_non_null(walk);
    assert_int_equal(walk->count, 3);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(walk->pte_pa[i], bench_pte_pa(2 - i));
        assert_int_equal(walk->pte[i], bench_load(b, bench_pte_pa(2 - i)));
    }
    assert_int_equal(walk->pte_pa[2], pte_pa(3));
    assert_int_equal(walk->pte[2], bench_pte(BENCH_FRAME(3), RIGHTS | PTE_A));
    entry = reach(b, page(3), RVEMU_ACCESS_STORE); /* another walk, for D */
    walk = tlb_walk(&b->hart.tlb, entry);
    assert_int_equal(walk->pte[2], bench_pte(BENCH_FRAME(3), RIGHTS | AD));
    assert_int_equal(count_from(b, pte_pa(3), entry), 1);
    entry = reach(b, page(512 + 5), RVEMU_ACCESS_LOAD);
    walk = tlb_walk(&b->hart.tlb, entry);
    assert_int_equal(walk->count, 2);
    assert_int_equal(walk->pte_pa[1], bench_pte_pa(1) + 8);
}

static void a_place_knows_who_came_by(void **state)
{
    struct bench *b = *state;
    struct tlb_entry *entry[PAGES], *large;
    u64 va = page(2);

    map_pages(b);
    keep(b, true);
    for (unsigned n = 0; n < PAGES; n++)
        entry[n] = reach(b, page(n), RVEMU_ACCESS_LOAD);
    large = reach(b, page(512), RVEMU_ACCESS_LOAD);
    assert_int_equal(count_from(b, bench_pte_pa(2), large), PAGES + 1);
    assert_int_equal(count_from(b, bench_pte_pa(1), entry[0]), PAGES);
    assert_int_equal(count_from(b, bench_pte_pa(1) + 8, large), 1);
    for (unsigned n = 0; n < PAGES; n++)
        assert_int_equal(count_from(b, pte_pa(n), entry[n]), 1);
    assert_int_equal(count_from(b, pte_pa(PAGES), NULL), 0);
    mmu_fence(&b->hart, &va, NULL);
    assert_int_equal(count_from(b, pte_pa(2), NULL), 0);
    assert_int_equal(count_from(b, bench_pte_pa(2), large), PAGES);
    tlb_restored(&b->hart.tlb);
    assert_int_equal(count_from(b, bench_pte_pa(2), NULL), 0);
    assert_null(tlb_walk(&b->hart.tlb, large));
    tlb_reset(&b->hart.tlb);
    contexts_clear(&b->hart.c.contexts);
    assert_int_equal(count_from(b, bench_pte_pa(1), NULL), 0);
}

/* Taking out each entry that came by, as one goes, whoever else shares the
 * bucket. */
static void entries_may_go_meanwhile(void **state)
{
    struct bench *b = *state;
    struct tlb *tlb = &b->hart.tlb;
    u64 other = 0x1000;

    keep(b, true);
    for (unsigned n = 0; n < 400; n++) {
        struct tlb_walk walk = {.count = 3};
        struct tlb_entry evicted;
        struct tlb_entry entry = {.va = 0x1000ull * n, .shift = 12, .asid = 1};

        walk.pte_pa[0] = n % 3 ? 0x8000 : 0x40; /* they share a bucket */
        walk.pte_pa[1] = n % 3 == n % 2 ? 0x8000 : other * n;
        walk.pte_pa[2] = walk.pte_pa[n % 2]; /* a table in itself */
        tlb_note_walk(
            tlb, tlb_fill(tlb, &b->hart.c.contexts, &entry, NULL, &evicted),
            &walk);
    }
    for (u64 place = 0x8000; place; place = place == 0x8000 ? 0x40 : 0) {
        struct walk_cursor cursor;
        struct tlb_entry *entry = tlb_first_from(tlb, place, &cursor);

        count_from(b, place, entry);
        for (; entry; entry = tlb_next_from(tlb, &cursor))
            tlb_drop(tlb, &b->hart.c.contexts, entry);
        assert_int_equal(count_from(b, place, NULL), 0);
    }
    assert_int_equal(tlb_flush(tlb, &b->hart.c.contexts, NULL, NULL), 0);
}

static void nothing_is_kept_unasked(void **state)
{
    struct bench *b = *state;
    struct tlb_entry *entry;

    map_pages(b);
    entry = reach(b, page(0), RVEMU_ACCESS_LOAD);
    assert_null(b->hart.tlb.walks);
    assert_null(tlb_walk(&b->hart.tlb, entry));
    assert_int_equal(count_from(b, pte_pa(0), NULL), 0);
    keep(b, true);
    assert_null(tlb_walk(&b->hart.tlb, entry)); /* it was there before */
    entry = reach(b, page(1), RVEMU_ACCESS_LOAD);
    keep(b, true);
    assert_non_null(tlb_walk(&b->hart.tlb, entry));
    keep(b, false);
    assert_null(tlb_walk(&b->hart.tlb, entry));
    assert_null(b->hart.tlb.walks);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_entry_knows_its_walk),
        TEST(a_place_knows_who_came_by),
        TEST(entries_may_go_meanwhile),
        TEST(nothing_is_kept_unasked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
