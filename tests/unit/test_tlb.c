/*
 * Unit tests of the TLB and the small arrays (emu/hart/lookup/tlb.c,
 * context.c): who finds which entry, FIFO replacement that hits do not change,
 * each kind of fence, and that what leaves the TLB leaves every small array and
 * nothing else does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart_bench.h"

#define RIGHTS (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define PAGE(n) (0x40000000ull + 0x1000ull * (n))

/* Puts in an entry; *evicted may be NULL. */
static struct tlb_entry *put(struct bench *b, u64 va, unsigned level, u16 asid,
                             bool global, struct tlb_entry *evicted)
{
    struct tlb_entry dropped;
    struct tlb_entry entry = {
        .va = va,
        .pte = bench_pte(BENCH_FRAME(0), RIGHTS),
        .asid = asid,
        .level = (u8)level,
        .shift = (u8)(12 + 9 * level),
        .global = global,
    };

    return tlb_fill(&b->hart.tlb, &b->hart.c.contexts, &entry, NULL,
                    evicted ? evicted : &dropped);
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

    for (unsigned i = 0; i < 3 * TLB_WAYS; i++) {
        put(b, PAGE(7 + i * TLB_SETS), 0, 1, false, &evicted);
        assert_int_equal(evicted.valid, i >= TLB_WAYS);
        if (evicted.valid)
            assert_int_equal(evicted.va, PAGE(7 + (i - TLB_WAYS) * TLB_SETS));
        for (unsigned k = 0; i < TLB_WAYS && k < 10; k++)
            assert_non_null(find(b, PAGE(7), 1));
    }
    for (unsigned i = 0; i < 3 * TLB_WAYS; i++)
        assert_int_equal(find(b, PAGE(7 + i * TLB_SETS), 1) != NULL,
                         i >= 2 * TLB_WAYS);
    for (unsigned i = 0; i < TLB_LARGE + 3; i++) {
        put(b, tlb_page_size(1) * (100 + i), 1, 1, false, &evicted);
        assert_int_equal(evicted.valid, i >= TLB_LARGE);
        if (evicted.valid)
            assert_int_equal(evicted.va,
                             tlb_page_size(1) * (100 + i - TLB_LARGE));
        assert_int_equal(find(b, tlb_page_size(1) * 100, 1) != NULL,
                         i < TLB_LARGE);
    }
}

static void sets_do_not_disturb_each_other(void **state)
{
    struct bench *b = *state;
    struct tlb_entry evicted;
    unsigned n = TLB_SETS * TLB_WAYS;

    for (unsigned i = 0; i < n; i++) {
        put(b, PAGE(i), 0, 1, false, &evicted);
        assert_false(evicted.valid);
    }
    for (unsigned i = 0; i < n; i++)
        assert_non_null(find(b, PAGE(i), 1));
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
    {PAGE(9 + TLB_SETS), 0, 1, false, {true, false, true, false}},
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

            tlb_init(&b->hart.tlb);
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

/* The small arrays. A page table that maps the indexes round BENCH_VA. */

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

/* Eviction, like a fence, takes the page out of the small arrays. */
static void an_evicted_page_misses(void **state)
{
    struct bench *b = *state;
    u64 va = near_page(0);

    map_pages(b, RIGHTS);
    bench_set_mode(b, PRIV_S, 0);
    touch(b, va);
    for (unsigned i = 1; i < TLB_WAYS; i++) {
        put(b, va + 0x1000ull * TLB_SETS * i, 0, BENCH_ASID, false, NULL);
        assert_true(held(b, ARRAY_READ, va));
    }
    put(b, va + 0x1000ull * TLB_SETS * TLB_WAYS, 0, BENCH_ASID, false, NULL);
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
    assert_int_equal(find(b, va, BENCH_ASID)->level, 1);
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

/*
 * The TLB as its events tell it: what a fill put in is there until an eviction
 * or a fence takes it out. Of one page there is one entry a space and size.
 */
struct told {
    unsigned count;
    struct {
        u64 va, pte;
        u64 level, asid;
    } entry[TLB_SETS * TLB_WAYS + TLB_LARGE];
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
    for (unsigned set = 0; set < TLB_SETS; set++)
        for (unsigned way = 0; way < TLB_WAYS; way++)
            if (tlb->set[set][way].valid) {
                check_entry(told, &tlb->set[set][way]);
                count++;
            }
    for (unsigned i = 0; i < TLB_LARGE; i++)
        if (tlb->large[i].valid) {
            check_entry(told, &tlb->large[i]);
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
    return (random & 3) + TLB_SETS * (random >> 2 & 3);
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
        TEST(sets_do_not_disturb_each_other),
        TEST(fences_take_what_they_name),
        TEST(a_fence_of_a_non_canonical_address_does_nothing),
        TEST(a_fence_is_an_event),
        TEST(a_fence_reaches_every_context),
        TEST(a_superpage_goes_with_all_its_fragments),
        TEST(an_evicted_page_misses),
        TEST(overlapping_entries_have_one_answer),
        TEST(switching_flushes_nothing),
        TEST(an_empty_slot_answers_nobody),
        TEST(contexts_are_recycled_empty),
        TEST(only_what_was_allowed_is_held),
        TEST(misaligned_accesses_miss),
        TEST(what_leaves_without_a_fence_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
