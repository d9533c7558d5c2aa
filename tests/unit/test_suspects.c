/*
 * Unit tests of suspect TLB entries (emu/hart/mmu/suspects.c, and the judging
 * in mmu.c): which uses are reported as stale and how, which are not, and that
 * suspects are in no small array.
 *
 * Pages 0 to 7 are mapped by the lowest table to frames 0 to 7; page 7 is that
 * table itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart/mmu/mem.h"
#include "hart/mmu/stores.h"
#include "hart_bench.h"

#define RW (PTE_V | PTE_R | PTE_W)
#define AD (PTE_A | PTE_D)
#define ALL (RW | PTE_X | AD)
#define PAGES 8
#define STORES 32 /* in vain, until a frame is let go */
#define RSW_1 (1ull << 8)

static u64 page(unsigned n)
{
    return (sext(BENCH_VA, 39) & -tlb_page_size(1)) + 0x1000ull * n;
}

static u64 pte_pa(unsigned n)
{
    return BENCH_TABLE(0) + 8 * n;
}

static u64 pte(unsigned n, u64 flags)
{
    return bench_pte(BENCH_FRAME(n), flags);
}

/* Watches and maps the pages; nothing is in the TLB. */
static void begin(struct bench *b, rvemu_event_set kinds)
{
    suspects_watch(b->suspects, false);
    bench_build_tables(b, 3, 0);
    for (unsigned n = 0; n < PAGES; n++)
        bench_store(b, pte_pa(n), pte(n, ALL));
    bench_store(b, pte_pa(7), bench_pte(BENCH_TABLE(0), RW | AD));
    memset(ram_host(&b->bus.ram, BENCH_TABLE(4)), 0, PAGE_SIZE);
    b->hart.s.csr.menvcfg |= MENVCFG_ADUE | MENVCFG_PBMTE;
    bench_set_mode(b, PRIV_S, 0);
    mmu_fence(&b->hart, NULL, NULL);
    bench_watch(b, kinds | RVEMU_EVENT_BIT(stale_use));
    suspects_watch(b->suspects, true);
}

/* A store at a time of its own. */
static void change_at(struct bench *b, u64 time, u64 pa, u64 value)
{
    b->clock.s.now = time;
    store_to_ram(&b->siblings, &b->hart, pa, &value, 8, RVEMU_ORIGIN_HART);
}

static void change(struct bench *b, u64 pa, u64 value)
{
    change_at(b, b->clock.s.now + 1, pa, value);
}

static void load(struct bench *b, u64 va)
{
    u64 value;

    assert_true(bench_access_load(b, va, 8, &value));
}

static void store(struct bench *b, u64 va)
{
    assert_true(bench_access_store(b, va, 8, 1));
}

static unsigned uses(struct bench *b)
{
    unsigned count = 0;

    bench_collect(b);
    for (unsigned i = 0; i < b->events; i++)
        count += b->event[i].kind == RVEMU_EVENT_stale_use;
    return count;
}

/* The only event since the last call. */
static void expect(struct bench *b, struct rvemu_ev_stale_use wanted)
{
    wanted.satp = b->hart.s.csr.satp;
    bench_collect(b);
    assert_int_equal(b->events, 1);
    assert_int_equal(b->event[0].kind, RVEMU_EVENT_stale_use);
    assert_memory_equal(&b->event[0].stale_use, &wanted, sizeof(wanted));
    bench_forget(b);
}

static bool is_fast(struct bench *b, u64 va)
{
    return context_hit(b->hart.c.data, ARRAY_READ, va, 8) != NULL;
}

static void a_right_that_was_taken(void **state)
{
    struct bench *b = *state;

    begin(b, 0);
    store(b, page(3));
    assert_true(is_fast(b, page(3)));
    change_at(b, 100, pte_pa(3), pte(3, ALL & ~PTE_W));
    assert_false(is_fast(b, page(3)));
    load(b, page(3));
    assert_false(is_fast(b, page(3)));
    assert_int_equal(uses(b), 0); /* nothing was taken from a load */
    store(b, page(3) + 8);
    expect(b, (struct rvemu_ev_stale_use){.va = page(3) + 8,
                                          .access = RVEMU_ACCESS_STORE,
                                          .pte_pa = pte_pa(3),
                                          .cached = pte(3, ALL),
                                          .now = pte(3, ALL & ~PTE_W),
                                          .since = 100});
    store(b, page(3) + 16);
    assert_int_equal(uses(b), 0); /* once */
}

static void another_frame(void **state)
{
    struct bench *b = *state;
    struct rvemu_ev_stale_use wanted = {.va = page(3),
                                        .access = RVEMU_ACCESS_LOAD,
                                        .pte_pa = pte_pa(3),
                                        .cached = pte(3, ALL),
                                        .now = pte(4, ALL),
                                        .since = 200};

    begin(b, 0);
    load(b, page(3));
    change_at(b, 200, pte_pa(3), pte(4, ALL));
    load(b, page(3));
    expect(b, wanted);
    store(b, page(3)); /* another access */
    wanted.access = RVEMU_ACCESS_STORE;
    expect(b, wanted);
    change_at(b, 300, pte_pa(3), pte(5, ALL)); /* another change */
    load(b, page(3));
    wanted.access = RVEMU_ACCESS_LOAD;
    wanted.now = pte(5, ALL);
    wanted.since = 300;
    expect(b, wanted);
    mmu_fence(&b->hart, &(u64){page(3)}, NULL);
    load(b, page(3));
    assert_int_equal(uses(b), 0);
    assert_true(is_fast(b, page(3)));
}

static void nothing_mapped(void **state)
{
    struct bench *b = *state;

    begin(b, 0);
    load(b, page(3));
    change_at(b, 7, pte_pa(3), 0);
    load(b, page(3));
    expect(b, (struct rvemu_ev_stale_use){.va = page(3),
                                          .access = RVEMU_ACCESS_LOAD,
                                          .pte_pa = pte_pa(3),
                                          .cached = pte(3, ALL),
                                          .since = 7});
}

/* What stays below a pointer that has gone is a table no more: stores there say
 * nothing, until the pointer is back. */
static void a_pointer(void **state)
{
    struct bench *b = *state;
    u64 pointer = bench_load(b, bench_pte_pa(1));
    struct rvemu_ev_stale_use wanted = {.va = page(3),
                                        .access = RVEMU_ACCESS_LOAD,
                                        .pte_pa = bench_pte_pa(1),
                                        .cached = pte(3, ALL),
                                        .now = pte(6, ALL),
                                        .since = 10};

    begin(b, 0);
    pointer = bench_load(b, bench_pte_pa(1));
    bench_store(b, BENCH_TABLE(4) + 8 * 3, pte(6, ALL));
    load(b, page(3));
    change_at(b, 10, bench_pte_pa(1), bench_pte(BENCH_TABLE(4), PTE_V));
    change_at(b, 11, pte_pa(3), 0);
    load(b, page(3));
    expect(b, wanted);
    change_at(b, 12, pte_pa(3), pte(2, ALL));
    load(b, page(3));
    assert_int_equal(uses(b), 0);
    change_at(b, 13, bench_pte_pa(1), pointer);
    load(b, page(3));
    wanted.pte_pa = pte_pa(3);
    wanted.now = pte(2, ALL);
    wanted.since = 13;
    expect(b, wanted);
    change(b, pte_pa(3), pte(3, ALL));
    load(b, page(3));
    assert_int_equal(uses(b), 0);
    assert_true(is_fast(b, page(3)));
}

/* A use by which a walk confirms the entry makes that walk its own. */
static void another_way_to_the_same(void **state)
{
    struct bench *b = *state;

    begin(b, 0);
    bench_store(b, BENCH_TABLE(4) + 8 * 3, pte(3, ALL));
    load(b, page(3));
    change(b, bench_pte_pa(1), bench_pte(BENCH_TABLE(4), PTE_V));
    load(b, page(3));
    assert_true(is_fast(b, page(3)));
    change(b, pte_pa(3), 0);
    load(b, page(3));
    assert_int_equal(uses(b), 0);
    change_at(b, 99, BENCH_TABLE(4) + 8 * 3, 0);
    load(b, page(3));
    expect(b, (struct rvemu_ev_stale_use){.va = page(3),
                                          .access = RVEMU_ACCESS_LOAD,
                                          .pte_pa = BENCH_TABLE(4) + 8 * 3,
                                          .cached = pte(3, ALL),
                                          .since = 99});
}

/* Changes of a leaf, and whether loads and stores by the old one are stale. */
static void what_counts(void **state)
{
    static const struct {
        u64 before, after;
        bool load, store;
    } row[] = {
        {ALL, ALL & ~PTE_A, false, false},
        {ALL, ALL & ~PTE_D, false, true},
        {ALL, ALL & ~AD, false, true},
        {ALL, ALL & ~PTE_X, false, false},
        {ALL, ALL | RSW_1, false, false},
        {ALL, ALL | PTE_G, false, false},
        {ALL, ALL & ~PTE_V, true, true},
        {ALL, ALL & ~(PTE_R | PTE_W), true, true},
        {ALL, ALL & ~PTE_R, true, true}, /* reserved */
        {ALL, ALL | PTE_U, true, true},
        {ALL, ALL | 1ull << 61, true, true}, /* PBMT */
        {ALL, ALL | 3ull << 61, true, true},
        {ALL, ALL | 1ull << 54, true, true},
        {ALL, PTE_V, true, true}, /* no leaf */
        {RW | AD, ALL, false, false},
        {RW | AD, RW | AD | RSW_1 | PTE_X, false, false},
    };
    struct bench *b = *state;

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        begin(b, 0);
        change(b, pte_pa(3), pte(3, row[i].before));
        store(b, page(3));
        change(b, pte_pa(3), pte(3, row[i].after));
        load(b, page(3));
        assert_int_equal(uses(b), row[i].load);
        bench_forget(b);
        store(b, page(3));
        assert_int_equal(uses(b), row[i].store);
        bench_forget(b);
        change(b, pte_pa(3), pte(3, row[i].before)); /* put back */
        load(b, page(3));
        store(b, page(3));
        assert_int_equal(uses(b), 0);
        assert_true(is_fast(b, page(3)));
    }
}

/* An entry that refuses is a page fault, and one without D is walked again. */
static void what_is_no_use(void **state)
{
    struct bench *b = *state;

    begin(b, 0);
    change(b, pte_pa(3), pte(3, ALL & ~PTE_W));
    load(b, page(3));
    change(b, pte_pa(3), pte(4, ALL));
    assert_false(bench_access_store(b, page(3), 8, 1));
    assert_int_equal(uses(b), 0);

    begin(b, 0);
    change(b, pte_pa(3), pte(3, ALL & ~PTE_D));
    load(b, page(3));
    change(b, pte_pa(3), pte(4, ALL & ~PTE_D));
    store(b, page(3));
    load(b, page(3));
    assert_int_equal(uses(b), 0);
    assert_int_equal(bench_load(b, BENCH_FRAME(4)), 1);
}

/* Whoever stores, and however little. */
static void every_store_is_seen(void **state)
{
    static const unsigned origins[] = {RVEMU_ORIGIN_HART, RVEMU_ORIGIN_DEVICE,
                                       RVEMU_ORIGIN_WALKER, RVEMU_ORIGIN_HOST};
    const u8 zeros[64] = {0};
    struct bench *b = *state;

    for (unsigned i = 0; i < 4; i++) {
        begin(b, 0);
        load(b, page(3));
        store_to_ram(&b->siblings, i < 3 ? &b->hart : NULL, pte_pa(3), zeros, 1,
                     origins[i]);
        load(b, page(3));
        assert_int_equal(uses(b), 1);
    }
    begin(b, 0);
    load(b, page(2));
    load(b, page(3));
    store_to_ram(&b->siblings, &b->hart, pte_pa(0), zeros, 64,
                 RVEMU_ORIGIN_HART);
    load(b, page(2));
    load(b, page(3));
    assert_int_equal(uses(b), 2);
}

static void every_access_is_judged(void **state)
{
    const struct insn in = {.op = OP_ld, .len = 4};
    struct bench *b = *state;
    u64 value;

    begin(b, 0);
    store(b, page(3));
    store(b, page(4));
    change(b, pte_pa(3), pte(5, ALL));
    change(b, pte_pa(4), pte(5, ALL));
    assert_true(bench_access_lr(b, page(3), 8));
    assert_true(bench_access_amo(b, page(3), 8, 1));
    mem_manage_cache_block(&b->hart, &in, page(3));
    b->hart.c.in = NULL;
    bench_collect(b);
    assert_int_equal(b->events, 3);
    assert_int_equal(b->event[0].stale_use.access, RVEMU_ACCESS_LOAD);
    assert_int_equal(b->event[1].stale_use.access, RVEMU_ACCESS_STORE);
    assert_int_equal(b->event[2].stale_use.access, RVEMU_ACCESS_CACHE);
    bench_forget(b);

    begin(b, 0);
    load(b, page(3));
    load(b, page(4));
    change(b, pte_pa(3), pte(5, ALL));
    change(b, pte_pa(4), pte(5, ALL));
    assert_true(bench_access_load(b, page(4) - 4, 8, &value));
    bench_collect(b);
    assert_int_equal(b->events, 2); /* each part */
    assert_int_equal(b->event[0].stale_use.va, page(4) - 4);
    assert_int_equal(b->event[1].stale_use.va, page(4));
}

/* A superpage that is split: of one entry, some pages are stale. */
static void a_superpage(void **state)
{
    struct bench *b = *state;
    u64 large = bench_pte(BENCH_FRAME(0) & -tlb_page_size(1), ALL);

    begin(b, 0);
    for (unsigned n = 0; n < PAGES; n++)
        bench_store(b, BENCH_TABLE(4) + 8 * n, large + (n << 10));
    bench_store(b, BENCH_TABLE(4) + 8 * 5, 0);
    change(b, bench_pte_pa(1), large);
    load(b, page(3));
    change_at(b, 50, bench_pte_pa(1), bench_pte(BENCH_TABLE(4), PTE_V));
    load(b, page(3));
    assert_int_equal(uses(b), 0);
    load(b, page(5));
    expect(b, (struct rvemu_ev_stale_use){.va = page(5),
                                          .access = RVEMU_ACCESS_LOAD,
                                          .level = 1,
                                          .pte_pa = bench_pte_pa(1),
                                          .cached = large,
                                          .since = 50});
}

/* Of entries that were there before, nothing is known. */
static void who_comes_late(void **state)
{
    struct bench *b = *state;

    begin(b, 0);
    suspects_watch(b->suspects, false);
    load(b, page(3));
    suspects_watch(b->suspects, true);
    load(b, page(4));
    change(b, pte_pa(3), 0);
    change(b, pte_pa(4), 0);
    load(b, page(3));
    assert_int_equal(uses(b), 0);
    load(b, page(4));
    assert_int_equal(uses(b), 1);
    suspects_watch(b->suspects, false);
    load(b, page(4));
    assert_int_equal(*ram_frame_flags(&b->bus.ram, pte_pa(0)) & FRAME_WALKED,
                     0);
}

/* A table that has become data is slow for a while only. What is stored there
 * then is unknown, but its suspects stay suspect. */
static void a_frame_is_let_go(void **state)
{
    struct bench *b = *state;
    u8 *flags = ram_frame_flags(&b->bus.ram, pte_pa(0));

    begin(b, 0);
    load(b, page(3));
    for (unsigned i = 0; i < 2 * STORES; i++)
        change(b, pte_pa(100), i + 1);
    assert_true(*flags & FRAME_WALKED); /* a walk needs it */
    change_at(b, 1000, pte_pa(3), 0);
    for (unsigned i = 0; i < STORES; i++) {
        assert_true(*flags & FRAME_WALKED);
        change(b, pte_pa(100), i);
    }
    assert_false(*flags & FRAME_WALKED);
    change(b, pte_pa(3), 0x1234);
    load(b, page(3));
    expect(b, (struct rvemu_ev_stale_use){.va = page(3),
                                          .access = RVEMU_ACCESS_LOAD,
                                          .pte_pa = pte_pa(3),
                                          .cached = pte(3, ALL),
                                          .now = 0x1234,
                                          .since = 1000});
    bench_store(b, pte_pa(3), pte(3, ALL));
    load(b, page(3)); /* confirmed */
    assert_true(*flags & FRAME_WALKED);
    change(b, pte_pa(3), 0);
    load(b, page(3));
    assert_int_equal(uses(b), 1);
}

/* One that no walk comes by any more is let go at once. */
static void a_frame_that_nobody_walks_is_let_go(void **state)
{
    struct bench *b = *state;
    u8 *flags = ram_frame_flags(&b->bus.ram, pte_pa(0));

    begin(b, 0);
    load(b, page(2));
    load(b, page(3));
    mmu_fence(&b->hart, &(u64){page(2)}, NULL);
    change(b, pte_pa(100), 1);
    assert_true(*flags & FRAME_WALKED);
    mmu_fence(&b->hart, &(u64){page(3)}, NULL);
    change(b, pte_pa(100), 2);
    assert_false(*flags & FRAME_WALKED);
    load(b, page(3));
    assert_true(*flags & FRAME_WALKED);
    change(b, pte_pa(3), 0);
    load(b, page(3));
    assert_int_equal(uses(b), 1);
}

/* Below a pointer that has gone a frame is anything's, and is let go; when the
 * pointer is back, so are stores to the table. */
static void a_frame_is_watched_again(void **state)
{
    struct bench *b = *state;
    u8 *flags = ram_frame_flags(&b->bus.ram, pte_pa(0));
    u64 pointer;

    begin(b, 0);
    pointer = bench_load(b, bench_pte_pa(1));
    load(b, page(3));
    change(b, bench_pte_pa(1), 0);
    for (unsigned i = 0; i < STORES; i++)
        change(b, pte_pa(3), i);
    assert_false(*flags & FRAME_WALKED);
    bench_store(b, pte_pa(3), pte(3, ALL));
    change(b, bench_pte_pa(1), pointer);
    assert_true(*flags & FRAME_WALKED);
    load(b, page(3));
    assert_int_equal(uses(b), 0);
    assert_true(is_fast(b, page(3)));
    change(b, pte_pa(3), 0);
    load(b, page(3));
    assert_int_equal(uses(b), 1);
}

/* Code in page 3 that stores x6 to 0(x7), and goes on in its page. */
static void run_code(struct bench *b, u64 value, unsigned entry, u64 steps)
{
    static const u32 code[] = {
        0x0063b023, /* sd x6, 0(x7) */
        0x00000013, /* nop */
        0x00000013, /* nop */
        0x00000013, /* nop */
        0x0000006f, /* j . */
    };

    bench_code(b, BENCH_FRAME(3), code, 5);
    b->hart.s.pc = page(3);
    b->hart.s.x[6] = value;
    b->hart.s.x[7] = page(7) + 8 * entry;
    bench_run(b, steps);
}

/* The page that code is fetched from changes below it: the next instruction
 * comes from the old one still, and that is a stale use. */
static void the_fetch_page(void **state)
{
    struct bench *b = *state;
    u64 start;

    begin(b, RVEMU_EVENT_BIT(tlb_fill));
    load(b, page(7));
    bench_forget(b);
    start = b->clock.s.now;
    run_code(b, pte(4, ALL), 3, 20);
    assert_int_equal(b->hart.s.pc, page(3) + 16);
    bench_collect(b);
    assert_int_equal(b->events, 2);
    assert_int_equal(b->event[0].kind, RVEMU_EVENT_tlb_fill);
    assert_int_equal(b->event[1].pc, page(3) + 4);
    assert_int_equal(b->event[1].time, start + 1);
    b->event[0] = b->event[1];
    b->events = 1;
    expect(b, (struct rvemu_ev_stale_use){.va = page(3) + 4,
                                          .access = RVEMU_ACCESS_FETCH,
                                          .pte_pa = pte_pa(3),
                                          .cached = pte(3, ALL),
                                          .now = pte(4, ALL),
                                          .since = start});
    hart_drop_fetch(&b->hart); /* as a trap and its return would */
    bench_run(b, 2);
    assert_int_equal(b->events, 0); /* told */

    begin(b, 0);
    load(b, page(7));
    run_code(b, pte(3, ALL & ~PTE_W), 3, 20);
    assert_int_equal(b->events, 0); /* nothing was taken from fetches */

    begin(b, 0);
    load(b, page(7));
    run_code(b, pte(4, ALL), 2, 20);
    assert_int_equal(b->events, 0); /* another page's */
}

/* A fetch page that is looked up anew, by a suspect entry. */
static void a_page_that_is_fetched_from_later(void **state)
{
    struct bench *b = *state;

    begin(b, 0);
    load(b, page(7));
    run_code(b, 0, 100, 20);
    bench_set_mode(b, PRIV_M, 0);
    change_at(b, b->clock.s.now, pte_pa(3), 0);
    bench_set_mode(b, PRIV_S, 0);
    b->hart.s.pc = page(3) + 16;
    assert_int_equal(b->events, 0);
    bench_run(b, 10);
    assert_int_equal(b->hart.s.pc, page(3) + 16);
    expect(b, (struct rvemu_ev_stale_use){.va = page(3) + 16,
                                          .access = RVEMU_ACCESS_FETCH,
                                          .pte_pa = pte_pa(3),
                                          .cached = pte(3, ALL),
                                          .since = b->clock.s.now - 10});
    assert_null(context_hit(b->hart.c.fetch, ARRAY_EXEC, page(3), 1));
}

/* Another hart changes what this one has in its TLB and fetches from. */
static void another_hart(void **state)
{
    struct bench *b = *state;
    struct hart_wiring wiring = bench_wiring(b, 1);
    struct hart *other = test_calloc(1, sizeof(*other));
    struct rvemu_error error;

    assert_int_equal(hart_init(other, &wiring, &error), 0);
    hart_reset(other, BENCH_RAM);
    begin(b, 0);
    load(b, page(2));
    run_code(b, 0, 100, 20);
    store_to_ram(&b->siblings, other, pte_pa(2), &(u64){0}, 8,
                 RVEMU_ORIGIN_HART);
    store_to_ram(&b->siblings, other, pte_pa(3), &(u64){0}, 8,
                 RVEMU_ORIGIN_HART);
    load(b, page(2));
    assert_int_equal(uses(b), 1);
    bench_forget(b);
    bench_run(b, 2);
    assert_int_equal(uses(b), 1);
    assert_int_equal(b->event[0].hart, 0);
    assert_int_equal(b->event[0].stale_use.access, RVEMU_ACCESS_FETCH);
    suspects_watch(b->suspects, false);
    hart_fini(other);
    b->siblings.count = 1;
    test_free(other);
}

/* What is known goes with the machine. */
static void what_is_taken_is_given_back(void **state)
{
    struct bench *b = *state;
    u8 *flags = ram_frame_flags(&b->bus.ram, pte_pa(0));

    begin(b, 0);
    load(b, page(3));
    load(b, page(4));
    change(b, pte_pa(3), 0);
    b->hart.c.doubts_fetch = true;
    suspects_take(b->suspects);
    assert_null(b->hart.tlb.walks);
    *flags = 0;
    b->hart.c.doubts_fetch = false;
    contexts_clear(&b->hart.c.contexts);
    suspects_give(b->suspects);
    assert_true(b->hart.c.doubts_fetch);
    assert_true(*flags & FRAME_WALKED);
    change(b, pte_pa(4), 0);
    load(b, page(3));
    load(b, page(4));
    assert_int_equal(uses(b), 2);
    suspects_take(b->suspects); /* and is not given back */
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_right_that_was_taken),
        TEST(another_frame),
        TEST(nothing_mapped),
        TEST(a_pointer),
        TEST(another_way_to_the_same),
        TEST(what_counts),
        TEST(what_is_no_use),
        TEST(every_store_is_seen),
        TEST(every_access_is_judged),
        TEST(a_superpage),
        TEST(who_comes_late),
        TEST(a_frame_is_let_go),
        TEST(a_frame_that_nobody_walks_is_let_go),
        TEST(a_frame_is_watched_again),
        TEST(the_fetch_page),
        TEST(a_page_that_is_fetched_from_later),
        TEST(another_hart),
        TEST(what_is_taken_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
