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

#include "hart/mmu/arrays.h"
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

/* Filling and evicting a large page takes out its own fragments, no others'. */
static void large_pages_do_not_disturb_each_other(void **state)
{
    struct bench *b = *state;
    u64 base = sext(BENCH_VA, 39) & -tlb_page_size(2), size = tlb_page_size(1);
    unsigned sets = tlb_default.of[TLB_2M].sets;
    unsigned ways = tlb_default.of[TLB_2M].ways;

    bench_build_tables(b, 3, 1);
    for (unsigned n = 0; n < 512; n++)
        bench_store(b, BENCH_TABLE(1) + 8 * n, bench_pte(BENCH_RAM, RIGHTS));
    bench_set_mode(b, PRIV_S, 0);
    for (unsigned n = 0; n < ways; n++)
        touch(b, base + size * sets * n + 0x1000 * n);
    touch(b, base + size + 0x8000);
    for (unsigned n = 0; n < ways; n++) {
        for (unsigned k = n; k < ways; k++)
            assert_true(
                held(b, ARRAY_READ, base + size * sets * k + 0x1000 * k));
        bench_store(b, bench_pte_pa(2) + 8, bench_pte(BENCH_TABLE(1), PTE_V));
        touch(b, base + tlb_page_size(2) + size * sets * n + 0x10000 * (n + 1));
        assert_false(held(b, ARRAY_READ, base + size * sets * n + 0x1000 * n));
        assert_false(held(b, ARRAY_WRITE, base + size * sets * n + 0x1000 * n));
    }
    assert_true(held(b, ARRAY_READ, base + size + 0x8000));
    assert_true(held(b, ARRAY_WRITE, base + size + 0x8000));
}

/* FS is none of a load's business, SUM and MXR none of a fetch's. */
static void a_context_depends_on_what_it_must(void **state)
{
    struct bench *b = *state;
    const struct context *data, *fetch;

    map_pages(b, RIGHTS);
    bench_set_mode(b, PRIV_S, MSTATUS_FS);
    data = b->hart.c.data;
    fetch = b->hart.c.fetch;
    bench_set_mode(b, PRIV_S, 0);
    assert_ptr_equal(b->hart.c.data, data);
    assert_ptr_not_equal(b->hart.c.fetch, fetch);
    bench_set_mode(b, PRIV_S, MSTATUS_FS | MSTATUS_SUM);
    assert_ptr_not_equal(b->hart.c.data, data);
    assert_ptr_equal(b->hart.c.fetch, fetch);
    bench_set_mode(b, PRIV_S, MSTATUS_FS | MSTATUS_MXR);
    assert_ptr_not_equal(b->hart.c.data, data);
    assert_ptr_equal(b->hart.c.fetch, fetch);
    bench_set_mode(b, PRIV_U, MSTATUS_FS);
    data = b->hart.c.data;
    assert_ptr_not_equal(b->hart.c.fetch, fetch);
    bench_set_mode(b, PRIV_U, MSTATUS_FS | MSTATUS_SUM);
    assert_ptr_equal(b->hart.c.data, data);
    bench_set_mode(b, PRIV_M, MSTATUS_FS | MSTATUS_MPRV);
    assert_ptr_equal(b->hart.c.data, data);
}

/*
 * Whatever takes whose place in the TLB: each slot mirrors the entry that the
 * TLB finds for its page.
 */

static u64 next_random(u64 *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 8;
}

/* One of eight pages, or of eight more that want the same slots. */
static unsigned random_index(u64 random)
{
    return (random & 7) ^ (random & 8 ? 257 : 0);
}

/* Another leaf or table without a fence: 4 KiB, 64 KiB, 2 MiB or 1 GiB, for all
 * or one. */
static void map_otherwise(struct bench *b, u64 random)
{
    u64 pte =
        (random & 1 ? RIGHTS : RIGHTS & ~PTE_D) | (random & 2 ? PTE_G : 0);
    u64 pte_pa = BENCH_TABLE(0) + 8 * random_index(random >> 8);

    switch (random >> 4 & 15) {
    case 0: bench_store(b, bench_pte_pa(2), bench_pte(BENCH_RAM, pte)); break;
    case 1:
    case 2:
        bench_store(b, bench_pte_pa(1), bench_pte(BENCH_RAM + (4 << 20), pte));
        break;
    case 3:
    case 4:
        bench_store(b, pte_pa, bench_pte(BENCH_FRAME(0x108), pte | PTE_N));
        break;
    case 5:
    case 6:
        bench_store(b, pte_pa, bench_pte(BENCH_FRAME(random & 3), pte));
        break;
    case 7:
    case 8:
        bench_store(b, bench_pte_pa(2), bench_pte(BENCH_TABLE(1), PTE_V));
        break;
    default: bench_store(b, bench_pte_pa(1), bench_pte(BENCH_TABLE(0), PTE_V));
    }
}

static void check_slot(struct bench *b, enum context_array array,
                       const struct slot *slot, u16 asid)
{
    const struct tlb_entry *entry = tlb_find(&b->hart.tlb, slot->tag, asid);
    u64 size, pa;

    assert_non_null(entry);
    size = tlb_entry_size(entry);
    pa = (pte_target(entry->pte) & -size) | (slot->tag & (size - 1));
    assert_int_equal(slot->tag + slot->value,
                     (u64)(uintptr_t)ram_host(&b->bus.ram, pa));
    if (array != ARRAY_READ)
        assert_int_equal(entry->pte & (PTE_W | PTE_D), PTE_W | PTE_D);
    if (array == ARRAY_WRITE)
        assert_false(*ram_frame_flags(&b->bus.ram, pa) & FRAME_STORES);
}

/* Of the spaces in which the test makes accesses: bits 8 to 23 of a key are the
 * ASID. Returns how many slots are in use. */
static unsigned check_slots(struct bench *b)
{
    const struct context_pool *pool = &b->hart.c.contexts.pool[CONTEXT_DATA];
    unsigned used = 0;

    for (unsigned n = 0; n < pool->count; n++)
        for (unsigned array = ARRAY_READ; array <= ARRAY_NOTED; array++)
            for (unsigned i = 0; i < SLOTS; i++) {
                const struct slot *slot = &pool->context[n].slot[array][i];

                if (slot->tag == SLOT_EMPTY)
                    continue;
                check_slot(b, (enum context_array)array, slot,
                           (u16)(pool->key[n] >> 8));
                used++;
            }
    return used;
}

static void fence_somehow(struct bench *b, u64 random, u64 va, u16 asid)
{
    mmu_fence(&b->hart, random & 1 ? &va : NULL, random & 2 ? &asid : NULL);
}

/* Stores to the frame have to be noticed, or no more. */
static void notice_or_not(struct bench *b, u64 pa)
{
    u8 *flags = ram_frame_flags(&b->bus.ram, pa);

    *flags ^= FRAME_REGISTERS;
    if (*flags & FRAME_REGISTERS)
        arrays_protect(&b->siblings, pa);
}

static void each_slot_mirrors_what_the_tlb_finds(void **state)
{
    struct bench *b = *state;
    u64 base = sext(BENCH_VA, 39) & -tlb_page_size(1);
    u64 random = 88172645463325252, value;
    unsigned used = 0;

    map_pages(b, RIGHTS);
    b->hart.s.csr.menvcfg |= MENVCFG_ADUE;
    for (unsigned i = 0; i < 20000; i++) {
        u64 dice = next_random(&random);
        u16 asid = (u16)(dice & 7 ? dice >> 3 & 3 : dice >> 3 & 63);
        u64 va = base + 0x1000ull * random_index(next_random(&random));

        map_otherwise(b, next_random(&random));
        b->hart.s.csr.satp =
            (b->hart.s.csr.satp & ~(0xffffull << 44)) | (u64)asid << 44;
        bench_set_mode(b, PRIV_S, dice >> 20 & 1 ? MSTATUS_SUM : 0);
        if (dice >> 21 & 1)
            bench_access_load(b, va, 8, &value);
        else
            bench_access_store(b, va, 8, 0);
        if (i % 16 == 0)
            fence_somehow(b, dice >> 22, va, asid);
        if (i % 16 == 8)
            notice_or_not(b, BENCH_RAM + (dice >> 24) % BENCH_RAM_SIZE);
        used += check_slots(b);
    }
    assert_true(used > 100000);
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
        TEST(large_pages_do_not_disturb_each_other),
        TEST(a_context_depends_on_what_it_must),
        TEST(each_slot_mirrors_what_the_tlb_finds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
