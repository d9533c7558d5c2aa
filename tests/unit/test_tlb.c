/*
 * Unit tests of the TLB (emu/hart/lookup/tlb.c): who finds which entry,
 * replacement that hits do not change, each kind of fence, that its state is
 * all there is to it, and that nothing leaves it in silence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart_bench.h"

#define RIGHTS (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define PAGE(n) (0x40000000ull + 0x1000ull * (n))
#define SETS 128 /* of 4 KiB, in tlb_default */
#define WAYS 4

/* Puts in an entry; *evicted may be NULL. */
static struct tlb_entry *put_shift(struct bench *b, u64 va, unsigned level,
                                   unsigned shift, u16 asid, bool global,
                                   struct tlb_entry *evicted)
{
    struct tlb_entry dropped;
    struct tlb_entry entry = {
        .va = va,
        .pte = bench_pte(BENCH_FRAME(0), RIGHTS),
        .asid = asid,
        .level = (u8)level,
        .shift = (u8)shift,
        .global = global,
    };

    return tlb_fill(&b->hart.tlb, &b->hart.c.contexts, &entry, NULL,
                    evicted ? evicted : &dropped);
}

static struct tlb_entry *put(struct bench *b, u64 va, unsigned level, u16 asid,
                             bool global, struct tlb_entry *evicted)
{
    return put_shift(b, va, level, 12 + 9 * level, asid, global, evicted);
}

static struct tlb_entry *find(struct bench *b, u64 va, u16 asid)
{
    return tlb_find(&b->hart.tlb, va, asid);
}

static void an_entry_covers_its_page(void **state)
{
    struct bench *b = *state;

    for (unsigned level = 0; level < 5; level++) {
        u64 size = tlb_page_size(level);
        u64 va = size * 3;
        struct tlb_entry *entry = put(b, va, level, 1, false, NULL);

        assert_ptr_equal(find(b, va, 1), entry);
        assert_ptr_equal(find(b, va + size - 1, 1), entry);
        assert_null(find(b, va - 1, 1));
        assert_null(find(b, va + size, 1));
        tlb_flush(&b->hart.tlb, &b->hart.c.contexts, NULL, NULL);
        assert_null(find(b, va, 1));
    }
    assert_int_equal(tlb_page_size(0), 4096);
    assert_int_equal(tlb_page_size(2), 1 << 30);
}

static void spaces_are_apart_and_global_is_in_all(void **state)
{
    struct bench *b = *state;
    struct tlb_entry *one = put(b, PAGE(1), 0, 1, false, NULL);
    struct tlb_entry *two = put(b, PAGE(1), 0, 2, false, NULL);
    struct tlb_entry *all = put(b, PAGE(2), 0, 3, true, NULL);
    struct tlb_entry *own;

    assert_ptr_equal(find(b, PAGE(1), 1), one);
    assert_ptr_equal(find(b, PAGE(1), 2), two);
    assert_null(find(b, PAGE(1), 3));
    assert_ptr_equal(find(b, PAGE(2), 1), all);
    assert_ptr_equal(find(b, PAGE(2), 0xffff), all);
    /* an own translation of the same page goes before, 4 KiB or larger */
    own = put(b, PAGE(2), 0, 1, false, NULL);
    assert_ptr_equal(find(b, PAGE(2), 1), own);
    assert_ptr_equal(find(b, PAGE(2), 2), all);
    own = put(b, PAGE(0), 1, 5, false, NULL);
    assert_ptr_equal(find(b, PAGE(2), 5), own);
}

/* Looking the oldest up again and again does not save it. */
static void replacement_is_first_in_first_out(void **state)
{
    struct bench *b = *state;
    struct tlb_entry evicted;

    for (unsigned i = 0; i < 3 * WAYS; i++) {
        put(b, PAGE(7 + i * SETS), 0, 1, false, &evicted);
        assert_int_equal(evicted.valid, i >= WAYS);
        if (evicted.valid)
            assert_int_equal(evicted.va, PAGE(7 + (i - WAYS) * SETS));
        for (unsigned k = 0; i < WAYS && k < 10; k++)
            assert_non_null(find(b, PAGE(7), 1));
    }
    for (unsigned i = 0; i < 3 * WAYS; i++)
        assert_int_equal(find(b, PAGE(7 + i * SETS), 1) != NULL, i >= 2 * WAYS);
}

/* Each size has sets of its own, as many as the geometry says: they fill up
 * without driving anything out, and then only their own. */
static void each_size_has_sets_of_its_own(void **state)
{
    static const struct {
        enum tlb_size size;
        unsigned level, shift;
    } sizes[] = {{TLB_4K, 0, 12}, {TLB_64K, 0, 16},  {TLB_2M, 1, 21},
                 {TLB_1G, 2, 30}, {TLB_512G, 3, 39}, {TLB_256T, 4, 48}};
    struct bench *b = *state;
    struct tlb_entry evicted;

    assert_int_equal(tlb_default.of[TLB_4K].sets, SETS);
    assert_int_equal(tlb_default.of[TLB_4K].ways, WAYS);
    for (unsigned i = 0; i < TLB_SIZES; i++) {
        unsigned count = tlb_default.of[sizes[i].size].sets *
                         tlb_default.of[sizes[i].size].ways;

        for (unsigned n = 0; n < count; n++) {
            put_shift(b, (u64)n << sizes[i].shift, sizes[i].level,
                      sizes[i].shift, 1, false, &evicted);
            assert_false(evicted.valid);
        }
    }
    for (unsigned i = 0; i < TLB_SIZES; i++) {
        unsigned count = tlb_default.of[sizes[i].size].sets *
                         tlb_default.of[sizes[i].size].ways;

        put_shift(b, (u64)count << sizes[i].shift, sizes[i].level,
                  sizes[i].shift, 1, false, &evicted);
        assert_true(evicted.valid);
        assert_int_equal(evicted.va, 0);
        assert_int_equal(evicted.shift, sizes[i].shift);
    }
}

static void sets_do_not_disturb_each_other(void **state)
{
    struct bench *b = *state;
    struct tlb_entry evicted;
    unsigned n = SETS * WAYS;

    for (unsigned i = 0; i < n; i++) {
        put(b, PAGE(i), 0, 1, false, &evicted);
        assert_false(evicted.valid);
    }
    for (unsigned i = 0; i < n; i++)
        assert_non_null(find(b, PAGE(i), 1));
}

/* Geometries of a test's own: TLBs without a hart. */

static void make_tlb(struct tlb *tlb, unsigned ways, enum tlb_replacement how)
{
    struct tlb_geometry geometry = tlb_default;

    geometry.of[TLB_4K].sets = 2;
    geometry.of[TLB_4K].ways = (u16)ways;
    geometry.replacement = how;
    geometry.exact = how == TLB_LRU || how == TLB_NONE;
    assert_true(tlb_geometry_is_valid(&geometry));
    assert_int_equal(tlb_init(tlb, &geometry), 0);
}

static struct tlb_entry fill_page(struct bench *b, struct tlb *tlb, u64 va)
{
    struct tlb_entry evicted;
    struct tlb_entry entry = {.va = va, .shift = 12, .asid = 1};

    tlb_fill(tlb, &b->hart.c.contexts, &entry, NULL, &evicted);
    return evicted;
}

/* Fills page n of the even set; returns the page that had to go, or -1. */
static int fill_even(struct bench *b, struct tlb *tlb, unsigned n)
{
    struct tlb_entry evicted = fill_page(b, tlb, PAGE(2 * n));

    return evicted.valid ? (int)(evicted.va - PAGE(0)) / 8192 : -1;
}

static void replacement_is_as_the_geometry_says(void **state)
{
    struct bench *b = *state;
    struct tlb tlb;
    unsigned went = 0;

    make_tlb(&tlb, 3, TLB_FIFO);
    for (int n = 0; n < 9; n++)
        assert_int_equal(fill_even(b, &tlb, (unsigned)n), n < 3 ? -1 : n - 3);
    tlb_fini(&tlb);

    make_tlb(&tlb, 3, TLB_LRU);
    for (unsigned n = 0; n < 3; n++)
        assert_int_equal(fill_even(b, &tlb, n), -1);
    tlb_touch(&tlb, tlb_find(&tlb, PAGE(0), 1));
    assert_int_equal(fill_even(b, &tlb, 3), 1);
    assert_non_null(tlb_find(&tlb, PAGE(4), 1)); /* a hit is no use */
    assert_int_equal(fill_even(b, &tlb, 4), 2);
    assert_int_equal(fill_even(b, &tlb, 5), 0);
    tlb_fini(&tlb);

    make_tlb(&tlb, 4, TLB_RANDOM);
    for (unsigned n = 0; n < 100; n++) {
        fill_even(b, &tlb, n);
        went |= 1u << (tlb_find(&tlb, PAGE(2 * n), 1) - tlb.entry);
    }
    assert_int_equal(went, 15);
    tlb_fini(&tlb);
}

static void a_geometry_has_to_make_sense(void **state)
{
    struct tlb_geometry geometry = tlb_default;

    (void)state;
    assert_true(tlb_geometry_is_valid(&geometry));
    geometry.of[TLB_2M].sets = 3;
    assert_false(tlb_geometry_is_valid(&geometry));
    geometry.of[TLB_2M].sets = 0;
    assert_false(tlb_geometry_is_valid(&geometry));
    geometry = tlb_default;
    geometry.of[TLB_4K].ways = 0;
    assert_false(tlb_geometry_is_valid(&geometry));
    geometry.of[TLB_4K].ways = 256;
    assert_false(tlb_geometry_is_valid(&geometry));
    geometry = tlb_default;
    geometry.pointers = 256;
    assert_false(tlb_geometry_is_valid(&geometry));
    geometry = tlb_default;
    geometry.replacement = TLB_LRU; /* by hits, which have to be seen */
    assert_false(tlb_geometry_is_valid(&geometry));
    geometry.exact = true;
    assert_true(tlb_geometry_is_valid(&geometry));
    geometry.replacement = TLB_REPLACEMENTS;
    assert_false(tlb_geometry_is_valid(&geometry));
}

/* An entry that is not valid says nothing any more. */
static void what_is_gone_leaves_no_trace(void **state)
{
    struct bench *b = *state;
    const u8 *bytes = (const u8 *)b->hart.tlb.entry;

    put(b, PAGE(3), 0, 1, false, NULL);
    put(b, PAGE(0), 1, 1, true, NULL);
    tlb_flush(&b->hart.tlb, &b->hart.c.contexts, NULL, NULL);
    for (size_t i = 0; i < b->hart.tlb.entries * sizeof(struct tlb_entry); i++)
        if (i % sizeof(struct tlb_entry) != offsetof(struct tlb_entry, age))
            assert_int_equal(bytes[i], 0);
}

/* A TLB that took over another's state goes on as that one does. */
static void state_is_all_that_counts(void **state)
{
    struct bench *b = *state;
    u64 va = PAGE(6);

    for (unsigned how = TLB_FIFO; how < TLB_REPLACEMENTS; how++) {
        struct tlb one, other;
        void *mine, *its;
        size_t size;

        make_tlb(&one, 4, (enum tlb_replacement)how);
        make_tlb(&other, 4, (enum tlb_replacement)how);
        for (unsigned n = 0; n < 7; n++)
            fill_even(b, &one, n);
        tlb_flush(&one, &b->hart.c.contexts, &va, NULL);
        fill_page(b, &other, PAGE(1));
        mine = tlb_state(&one, &size);
        memcpy(tlb_state(&other, &size), mine, size);
        tlb_restored(&other);
        for (unsigned n = 0; n < 20; n++)
            assert_int_equal(!tlb_find(&one, PAGE(n), 1),
                             !tlb_find(&other, PAGE(n), 1));
        for (unsigned n = 0; n < 20; n++)
            assert_int_equal(fill_even(b, &one, 30 + n),
                             fill_even(b, &other, 30 + n));
        assert_int_equal(tlb_flush(&one, &b->hart.c.contexts, NULL, NULL),
                         tlb_flush(&other, &b->hart.c.contexts, NULL, NULL));
        its = tlb_state(&other, &size);
        assert_memory_equal(mine, its, size);
        tlb_fini(&one);
        tlb_fini(&other);
    }
}

/*
 * Each kind of fence against each kind of entry. Page A is PAGE(9), page B
 * PAGE(10); the large pages cover both.
 */
enum { ALL, VA, ASID, BOTH, FENCES };

static const struct row {
    u64 va;
    unsigned level;
    u16 asid;
    bool global;
    bool dies[FENCES]; /* of: x0 x0, A x0, x0 1, A 1 */
} rows[] = {
    {PAGE(9), 0, 1, false, {true, true, true, true}},
    {PAGE(9), 0, 2, false, {true, true, false, false}},
    {PAGE(9), 0, 3, true, {true, true, false, false}},
    {PAGE(9), 0, 1, true, {true, true, false, false}},
    {PAGE(10), 0, 1, false, {true, false, true, false}},
    {PAGE(10), 0, 2, false, {true, false, false, false}},
    {PAGE(10), 0, 1, true, {true, false, false, false}},
    {PAGE(9 + SETS), 0, 1, false, {true, false, true, false}},
    {PAGE(0), 1, 1, false, {true, true, true, true}},
    {PAGE(0), 1, 2, false, {true, true, false, false}},
    {PAGE(0), 1, 1, true, {true, true, false, false}},
    {PAGE(512), 1, 1, false, {true, false, true, false}},
    {PAGE(0), 2, 1, false, {true, true, true, true}},
    {0, 4, 2, true, {true, true, false, false}},
};

static void fences_take_what_they_name(void **state)
{
    struct bench *b = *state;
    u64 a = PAGE(9) + 0x123;
    u16 asid = 1;

    for (unsigned fence = ALL; fence < FENCES; fence++)
        for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
            struct tlb_entry *entry;

            tlb_reset(&b->hart.tlb);
            entry = put(b, rows[i].va, rows[i].level, rows[i].asid,
                        rows[i].global, NULL);
            assert_int_equal(tlb_flush(&b->hart.tlb, &b->hart.c.contexts,
                                       fence == VA || fence == BOTH ? &a : NULL,
                                       fence >= ASID ? &asid : NULL),
                             rows[i].dies[fence]);
            assert_int_equal(entry->valid, !rows[i].dies[fence]);
        }
}

/* Upper bits of rs1 that are not a sign extension: no such page. */
static void a_fence_of_a_non_canonical_address_does_nothing(void **state)
{
    struct bench *b = *state;
    u64 va = PAGE(9) | 1ull << 60;

    put(b, PAGE(9), 0, 1, false, NULL);
    put(b, PAGE(0), 1, 1, false, NULL);
    assert_int_equal(tlb_flush(&b->hart.tlb, &b->hart.c.contexts, &va, NULL),
                     0);
}

/* What the fence instruction reports. */
static void a_fence_is_an_event(void **state)
{
    struct bench *b = *state;
    u64 va = PAGE(9);
    u16 asid = 1;
    const struct rvemu_ev_tlb_flush *flush = &b->event[0].tlb_flush;

    for (unsigned fence = ALL; fence < FENCES; fence++) {
        bool by_va = fence == VA || fence == BOTH, by_asid = fence >= ASID;

        put(b, PAGE(9), 0, 1, false, NULL);
        bench_watch(b, RVEMU_EVENT_BIT(tlb_flush));
        mmu_fence(&b->hart, by_va ? &va : NULL, by_asid ? &asid : NULL);
        bench_collect(b);
        assert_int_equal(b->events, 1);
        assert_int_equal(flush->entries, 1);
        assert_int_equal(flush->va, by_va ? va : 0);
        assert_int_equal(flush->asid, by_asid ? asid : 0);
        assert_int_equal(flush->scope, fence == ALL    ? RVEMU_SCOPE_ALL
                                       : fence == VA   ? RVEMU_SCOPE_VA
                                       : fence == ASID ? RVEMU_SCOPE_ASID
                                                       : RVEMU_SCOPE_VA_ASID);
    }
}

/* A page table that maps the indexes round BENCH_VA. */

static u64 near_page(unsigned n)
{
    return (sext(BENCH_VA, 39) & ~0xfffull) + 0x1000ull * n;
}

/*
 * The TLB as its events tell it: what a fill put in is there until an eviction
 * or a fence takes it out. Of one page there is one entry a space and size.
 */
struct told {
    unsigned count;
    struct {
        u64 va, pte;
        u64 level, asid;
    } entry[2048];
};

/* The place of an entry, or the first that is free. */
static unsigned place_told(const struct told *told, u64 va, u64 pte, u64 level,
                           u64 asid)
{
    unsigned i = 0;

    while (i < told->count &&
           (told->entry[i].va != va || told->entry[i].level != level ||
            pte_shift(told->entry[i].pte, (unsigned)level) !=
                pte_shift(pte, (unsigned)level) ||
            (told->entry[i].pte ^ pte) & PTE_G ||
            (!(pte & PTE_G) && told->entry[i].asid != asid)))
        i++;
    return i;
}

static void take_event(struct told *told, const struct rvemu_event *event)
{
    const struct rvemu_ev_tlb_fill *fill = &event->tlb_fill;
    const struct rvemu_ev_tlb_evict *evict = &event->tlb_evict;
    unsigned i;

    if (event->kind == RVEMU_EVENT_tlb_evict) {
        i = place_told(told, evict->va, evict->pte, evict->level, evict->asid);
        assert_true(i < told->count);
        assert_int_equal(told->entry[i].pte, evict->pte);
        told->entry[i] = told->entry[--told->count];
        return;
    }
    i = place_told(told, fill->va, fill->pte, fill->level,
                   satp_asid(fill->satp));
    told->count += i == told->count;
    told->entry[i].va = fill->va;
    told->entry[i].pte = fill->pte;
    told->entry[i].level = fill->level;
    told->entry[i].asid = satp_asid(fill->satp);
}

static void check_entry(const struct told *told, const struct tlb_entry *entry)
{
    assert_true(place_told(told, entry->va, entry->pte, entry->level,
                           entry->asid) < told->count);
}

static void check_told(struct bench *b, struct told *told)
{
    const struct tlb *tlb = &b->hart.tlb;
    unsigned count = 0;

    bench_collect(b);
    for (unsigned i = 0; i < b->events; i++)
        take_event(told, &b->event[i]);
    bench_forget(b);
    for (unsigned i = 0; i < tlb->entries; i++)
        if (tlb->entry[i].valid) {
            check_entry(told, &tlb->entry[i]);
            count++;
        }
    assert_int_equal(count, told->count);
}

static u64 next_random(u64 *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 8;
}

/* One of few pages in few sets. */
static unsigned random_page(u64 random)
{
    return (random & 3) + SETS * (random >> 2 & 3);
}

/* Another leaf or table without a fence: 4 KiB, 64 KiB or 2 MiB, for all or
 * one. */
static void map_otherwise(struct bench *b, u64 random)
{
    static const u64 flags[] = {RIGHTS, RIGHTS & ~PTE_D, RIGHTS & ~PTE_D,
                                RIGHTS & ~PTE_D & ~PTE_A};
    u64 pte = flags[random & 3] | (random & 4 ? PTE_G : 0);
    u64 pte_pa = bench_pte_pa(0) + 8 * random_page(random >> 8);

    switch (random >> 4 & 3) {
    case 0:
        bench_store(b, bench_pte_pa(1), bench_pte(BENCH_RAM + (4 << 20), pte));
        break;
    case 1:
        bench_store(b, pte_pa, bench_pte(BENCH_FRAME(0x108), pte | PTE_N));
        break;
    case 2: bench_store(b, pte_pa, bench_pte(BENCH_FRAME(9), pte)); break;
    default: bench_store(b, bench_pte_pa(1), bench_pte(BENCH_TABLE(0), PTE_V));
    }
}

/* Whatever takes whose place: nothing leaves in silence or twice, and what a
 * walk has found is what is found next. */
static void what_leaves_without_a_fence_is_reported(void **state)
{
    struct bench *b = *state;
    struct told told = {0};
    u64 random = 88172645463325252;

    bench_build_tables(b, 3, 0);
    for (unsigned n = 0; n < 16; n++)
        bench_store(b, bench_pte_pa(0) + 8 * random_page(n),
                    bench_pte(BENCH_FRAME(n), RIGHTS & ~PTE_D));
    b->hart.s.csr.menvcfg |= MENVCFG_ADUE;
    bench_watch(b, RVEMU_EVENT_BIT(tlb_fill) | RVEMU_EVENT_BIT(tlb_evict));
    for (unsigned i = 0; i < 20000; i++) {
        struct translation at;
        u64 asid = next_random(&random) % 3;
        u64 va = near_page(random_page(next_random(&random)));
        unsigned access =
            next_random(&random) & 1 ? RVEMU_ACCESS_STORE : RVEMU_ACCESS_LOAD;

        map_otherwise(b, next_random(&random));
        b->hart.s.csr.satp =
            (b->hart.s.csr.satp & ~(0xffffull << 44)) | asid << 44;
        bench_set_mode(b, PRIV_S, 0);
        assert_true(mmu_translate(&b->hart, va, access, PRIV_S, &at));
        assert_ptr_equal(find(b, va, (u16)asid), at.entry);
        check_told(b, &told);
        if (i % 20 == 0) {
            mmu_fence(&b->hart, NULL, NULL);
            told.count = 0;
        }
    }
    assert_true(b->hart.s.counters.total[COUNTED_EVICTIONS] > 500);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_entry_covers_its_page),
        TEST(spaces_are_apart_and_global_is_in_all),
        TEST(replacement_is_first_in_first_out),
        TEST(each_size_has_sets_of_its_own),
        TEST(sets_do_not_disturb_each_other),
        TEST(replacement_is_as_the_geometry_says),
        TEST(a_geometry_has_to_make_sense),
        TEST(what_is_gone_leaves_no_trace),
        TEST(state_is_all_that_counts),
        TEST(fences_take_what_they_name),
        TEST(a_fence_of_a_non_canonical_address_does_nothing),
        TEST(a_fence_is_an_event),
        TEST(what_leaves_without_a_fence_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
