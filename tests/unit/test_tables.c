/*
 * Unit tests of the watch over page tables (emu/hart/mmu/tables.c): which
 * stores are reported and how, what is found in a table when it is linked, how
 * long tables and roots are known, when a copied frame is noticed, and that the
 * watch keeps tables out of the small write arrays and nothing else.
 *
 * The hart is in M-mode and stores to physical addresses, as a kernel with a
 * direct map would. ROOT, MID and LOW are BENCH_TABLE(2), (1) and (0).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart_bench.h"
#include "isa/csr.h"

#define ROOT BENCH_TABLE(2)
#define MID BENCH_TABLE(1)
#define LOW BENCH_TABLE(0)
#define OTHER BENCH_TABLE(3) /* a second root */
#define SPARE BENCH_TABLE(4)
#define LEAF (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D)
#define USER (LEAF | PTE_U)

#define WATCH                                                     \
    (RVEMU_EVENT_BIT(pte_write) | RVEMU_EVENT_BIT(pte_found) |    \
     RVEMU_EVENT_BIT(root_lost) | RVEMU_EVENT_BIT(frame_copied) | \
     RVEMU_EVENT_BIT(ad_update))

static u64 entry(u64 table, unsigned index)
{
    return table + 8ull * index;
}

static u64 satp_of(u64 root)
{
    return 8ull << 60 | root >> 12;
}

static void store(struct bench *b, u64 pa, u64 value)
{
    bench_access_store(b, pa, 8, value);
    assert_false(b->hart.c.raised);
}

static void load_satp(struct bench *b, u64 satp)
{
    assert_true(bench_csr_write(b, CSR_satp, satp));
}

/* ROOT[256] → MID[1] → LOW[5] → FRAME(5), ROOT live, nothing pending. */
static void build(struct bench *b)
{
    bench_set_mode(b, PRIV_M, 0);
    memset(ram_host(&b->bus.ram, LOW), 0, 5 * PAGE_SIZE);
    bench_store(b, entry(ROOT, 256), bench_pte(MID, PTE_V));
    bench_store(b, entry(MID, 1), bench_pte(LOW, PTE_V));
    bench_store(b, entry(LOW, 5), bench_pte(BENCH_FRAME(5), LEAF));
    bench_watch(b, WATCH);
    tables_watch(b->tables, true);
    load_satp(b, satp_of(ROOT));
    bench_collect(b);
}

/* Index 256 of a root is the upper half: sign-extended. */
#define VA_MID 0xffffffc000000000ull
#define VA_LOW (VA_MID + (1ull << 21))
#define VA_5 (VA_LOW + 0x5000)

static void expect_found(const struct rvemu_event *e, u64 va, unsigned level,
                         u64 pte_pa, u64 pte)
{
    assert_int_equal(e->kind, RVEMU_EVENT_pte_found);
    assert_int_equal(e->pte_found.root, ROOT >> 12);
    assert_int_equal(e->pte_found.va, va);
    assert_int_equal(e->pte_found.level, level);
    assert_int_equal(e->pte_found.pte_pa, pte_pa);
    assert_int_equal(e->pte_found.pte, pte);
}

static void expect_write(const struct rvemu_event *e, u64 va, unsigned level,
                         u64 pte_pa, u64 old, u64 new)
{
    assert_int_equal(e->kind, RVEMU_EVENT_pte_write);
    assert_int_equal(e->pte_write.root, ROOT >> 12);
    assert_int_equal(e->pte_write.va, va);
    assert_int_equal(e->pte_write.level, level);
    assert_int_equal(e->pte_write.pte_pa, pte_pa);
    assert_int_equal(e->pte_write.old, old);
    assert_int_equal(e->pte_write.new, new);
    assert_int_equal(e->pte_write.origin, RVEMU_ORIGIN_HART);
}

/* The number of events of a kind since bench_forget(). */
static unsigned count(struct bench *b, unsigned kind)
{
    unsigned n = 0;

    bench_collect(b);
    for (unsigned i = 0; i < b->events; i++)
        n += b->event[i].kind == kind;
    return n;
}

static void a_root_shows_what_it_holds(void **state)
{
    struct bench *b = *state;

    build(b);
    assert_int_equal(b->events, 3);
    expect_found(&b->event[0], VA_MID, 2, entry(ROOT, 256),
                 bench_pte(MID, PTE_V));
    expect_found(&b->event[1], VA_LOW, 1, entry(MID, 1), bench_pte(LOW, PTE_V));
    expect_found(&b->event[2], VA_5, 0, entry(LOW, 5),
                 bench_pte(BENCH_FRAME(5), LEAF));
    bench_forget(b);
    load_satp(b, satp_of(ROOT) | 9ull << 44); /* again: known already */
    bench_collect(b);
    assert_int_equal(b->events, 0);
}

/* Watching from the middle of a run finds what satp reaches now. */
static void a_late_watcher_finds_the_same(void **state)
{
    struct bench *b = *state;
    struct rvemu_event first[3];

    build(b);
    memcpy(first, b->event, sizeof(first));
    tables_watch(b->tables, false);
    bench_forget(b);
    tables_watch(b->tables, true);
    bench_collect(b);
    assert_int_equal(b->events, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_memory_equal(first[i].word, b->event[i].word,
                            sizeof(first[i].word));
}

static void stores_to_entries_are_reported(void **state)
{
    struct bench *b = *state;
    u64 old = bench_pte(BENCH_FRAME(5), LEAF);

    build(b);
    bench_forget(b);
    store(b, entry(LOW, 5), old & ~PTE_W);
    store(b, entry(LOW, 5), old & ~PTE_W); /* changes nothing */
    store(b, entry(MID, 511), bench_pte(BENCH_RAM, LEAF));
    store(b, entry(SPARE, 5), old); /* no table */
    bench_collect(b);
    assert_int_equal(b->events, 2);
    expect_write(&b->event[0], VA_5, 0, entry(LOW, 5), old, old & ~PTE_W);
    expect_write(&b->event[1], VA_MID + (511ull << 21), 1, entry(MID, 511), 0,
                 bench_pte(BENCH_RAM, LEAF));
}

/* Part of an entry, and a misaligned store over two of them. */
static void odd_stores_are_reported_whole(void **state)
{
    struct bench *b = *state;
    u64 old = bench_pte(BENCH_FRAME(5), LEAF);

    build(b);
    bench_forget(b);
    bench_access_store(b, entry(LOW, 5), 1, PTE_V | PTE_R);
    bench_access_store(b, entry(LOW, 5) + 4, 8, 0xffffffff00000000);
    bench_collect(b);
    assert_int_equal(b->events, 2);
    expect_write(&b->event[0], VA_5, 0, entry(LOW, 5), old,
                 (old & ~0xffull) | PTE_V | PTE_R);
    expect_write(&b->event[1], VA_5 + 0x1000, 0, entry(LOW, 6), 0, 0xffffffff);
}

/* A table filled before it is linked: one write, then what it holds. */
static void linking_finds_and_unlinking_forgets(void **state)
{
    struct bench *b = *state;
    u64 link = bench_pte(SPARE, PTE_V);
    u64 leaf = bench_pte(BENCH_FRAME(1), LEAF);

    build(b);
    bench_forget(b);
    store(b, entry(SPARE, 9), leaf);
    assert_int_equal(count(b, RVEMU_EVENT_pte_write), 0);
    store(b, entry(MID, 2), link);
    bench_collect(b);
    assert_int_equal(b->events, 2);
    expect_write(&b->event[0], VA_MID + (2ull << 21), 1, entry(MID, 2), 0,
                 link);
    expect_found(&b->event[1], VA_MID + (2ull << 21) + 0x9000, 0,
                 entry(SPARE, 9), leaf);
    store(b, entry(SPARE, 9), 0);
    store(b, entry(MID, 2), 0);
    assert_int_equal(count(b, RVEMU_EVENT_pte_write), 3);
    store(b, entry(SPARE, 9), leaf);
    assert_int_equal(count(b, RVEMU_EVENT_pte_write), 3);
    assert_int_equal(*ram_frame_flags(&b->bus.ram, SPARE) & FRAME_TABLE, 0);
}

/* Cutting off the middle forgets what hung below it. */
static void unlinking_goes_all_the_way_down(void **state)
{
    struct bench *b = *state;

    build(b);
    store(b, entry(ROOT, 256), 0);
    bench_forget(b);
    store(b, entry(MID, 1), 0);
    store(b, entry(LOW, 5), 0);
    bench_collect(b);
    assert_int_equal(b->events, 0);
    assert_int_equal(*ram_frame_flags(&b->bus.ram, MID) & FRAME_TABLE, 0);
    assert_int_equal(*ram_frame_flags(&b->bus.ram, LOW) & FRAME_TABLE, 0);
    store(b, entry(ROOT, 0), bench_pte(BENCH_RAM, 0) | 1); /* still live */
    assert_int_equal(count(b, RVEMU_EVENT_pte_write), 1);
}

/* A table that two roots share is known until neither links it. */
static void shared_tables_are_counted(void **state)
{
    struct bench *b = *state;
    u64 old = bench_pte(BENCH_FRAME(5), LEAF);

    build(b);
    bench_store(b, entry(OTHER, 256), bench_pte(MID, PTE_V));
    bench_forget(b);
    load_satp(b, satp_of(OTHER));
    assert_int_equal(count(b, RVEMU_EVENT_pte_found), 1); /* MID is known */
    assert_int_equal(b->event[0].pte_found.root, OTHER >> 12);
    store(b, entry(OTHER, 256), 0);
    bench_forget(b);
    store(b, entry(LOW, 5), 0);
    bench_collect(b);
    assert_int_equal(b->events, 1);
    expect_write(&b->event[0], VA_5, 0, entry(LOW, 5), old, 0);
    store(b, entry(OTHER, 256), bench_pte(MID, PTE_V));
    store(b, entry(ROOT, 256), 0); /* a root no more: it is empty */
    bench_forget(b);
    store(b, entry(LOW, 5), old);
    bench_collect(b);
    assert_int_equal(b->events, 1);
    assert_int_equal(b->event[0].pte_write.root, OTHER >> 12);
    assert_int_equal(b->event[0].pte_write.va, VA_5);
}

/* A pointer rewritten with other software bits links the same table. */
static void rewriting_a_link_keeps_it(void **state)
{
    struct bench *b = *state;

    build(b);
    store(b, entry(MID, 1), bench_pte(LOW, PTE_V) | 1 << 8);
    bench_forget(b);
    store(b, entry(LOW, 5), 0);
    assert_int_equal(count(b, RVEMU_EVENT_pte_write), 1);
    store(b, entry(MID, 1), 0);
    bench_forget(b);
    store(b, entry(LOW, 5), 1);
    assert_int_equal(count(b, RVEMU_EVENT_pte_write), 0);
}

/* What ends a root that is in no satp; in satp, nothing does. */
static void roots_end_when_they_are_none(void **state)
{
    struct bench *b = *state;

    for (unsigned way = 0; way < 4; way++) {
        tables_watch(b->tables, false);
        load_satp(b, 0);
        build(b);
        bench_store(b, entry(OTHER, 0), bench_pte(SPARE, PTE_V));
        memset(ram_host(&b->bus.ram, SPARE), 0, PAGE_SIZE);
        store(b, entry(ROOT, 7), PTE_W); /* no entry, but ROOT is in use */
        store(b, entry(ROOT, 7), 0);
        load_satp(b, satp_of(OTHER));
        bench_forget(b);
        store(b, entry(LOW, 6), 0x1234 << 10 | LEAF); /* still known */
        assert_int_equal(count(b, RVEMU_EVENT_pte_write), 1);
        assert_int_equal(count(b, RVEMU_EVENT_root_lost), 0);
        switch (way) {
        case 0: store(b, entry(ROOT, 256), 0); break;
        case 1: store(b, entry(ROOT, 3), 0x6162636465666768); break;
        case 2: store(b, entry(SPARE, 1), bench_pte(ROOT, PTE_V)); break;
        case 3:
            store(b, entry(SPARE, 1), bench_pte(BENCH_FRAME(8), PTE_V));
            store(b, BENCH_FRAME(8), bench_pte(ROOT, USER));
            break;
        }
        assert_int_equal(count(b, RVEMU_EVENT_root_lost), 1);
        bench_forget(b);
        store(b, entry(LOW, 6), 0);
        if (way != 2) /* there ROOT is a table of level 0 now */
            assert_int_equal(count(b, RVEMU_EVENT_pte_write), 0);
    }
}

/* The new frame is compared when the new entry is stored. */
static void equal_frames_are_copies(void **state)
{
    struct bench *b = *state;
    u64 old = bench_pte(BENCH_FRAME(5), LEAF);

    build(b);
    memset(ram_host(&b->bus.ram, BENCH_FRAME(5)), 0x5a, PAGE_SIZE);
    memset(ram_host(&b->bus.ram, BENCH_FRAME(6)), 0x5a, PAGE_SIZE);
    memset(ram_host(&b->bus.ram, BENCH_FRAME(7)), 0x5a, PAGE_SIZE);
    bench_store(b, BENCH_FRAME(7) + 4088, 1);
    bench_forget(b);
    store(b, entry(LOW, 5), old & ~PTE_W); /* the same frame */
    store(b, entry(LOW, 5), bench_pte(BENCH_FRAME(7), LEAF)); /* differs */
    store(b, entry(LOW, 5), old);                             /* differs */
    assert_int_equal(count(b, RVEMU_EVENT_frame_copied), 0);
    store(b, entry(LOW, 5), bench_pte(BENCH_FRAME(6), LEAF));
    assert_int_equal(count(b, RVEMU_EVENT_frame_copied), 1);
    assert_int_equal(b->event[3].kind, RVEMU_EVENT_frame_copied);
    assert_int_equal(b->event[3].frame_copied.root, ROOT >> 12);
    assert_int_equal(b->event[3].frame_copied.va, VA_5);
    assert_int_equal(b->event[3].frame_copied.pte_pa, entry(LOW, 5));
    assert_int_equal(b->event[3].frame_copied.old, BENCH_FRAME(5) >> 12);
    assert_int_equal(b->event[3].frame_copied.new, BENCH_FRAME(6) >> 12);
    /* cleared first, then mapped anew: remembered, once */
    bench_forget(b);
    store(b, entry(LOW, 5), 0);
    store(b, entry(LOW, 5), old);
    assert_int_equal(count(b, RVEMU_EVENT_frame_copied), 1);
    store(b, entry(LOW, 9), old); /* nothing was there */
    assert_int_equal(count(b, RVEMU_EVENT_frame_copied), 1);
}

/* What an entry held when its table served another space is of no interest
 * when it is cleared again. */
static void a_table_used_again_remembers_the_latest(void **state)
{
    struct bench *b = *state;
    u64 link = bench_pte(LOW, PTE_V);

    build(b);
    memset(ram_host(&b->bus.ram, BENCH_FRAME(5)), 0x11, PAGE_SIZE);
    memset(ram_host(&b->bus.ram, BENCH_FRAME(6)), 0x22, PAGE_SIZE);
    memset(ram_host(&b->bus.ram, BENCH_FRAME(7)), 0x22, PAGE_SIZE);
    store(b, entry(LOW, 5), 0);
    store(b, entry(MID, 1), 0);
    store(b, entry(LOW, 5), bench_pte(BENCH_FRAME(6), LEAF));
    store(b, entry(MID, 1), link);
    bench_forget(b);
    store(b, entry(LOW, 5), 0);
    store(b, entry(LOW, 5), bench_pte(BENCH_FRAME(7), LEAF));
    assert_int_equal(count(b, RVEMU_EVENT_frame_copied), 1);
    assert_int_equal(b->event[1].frame_copied.old, BENCH_FRAME(6) >> 12);
}

/* The walker's own update is a store like any other. */
static void hardware_updates_are_the_walkers(void **state)
{
    struct bench *b = *state;
    u64 pte = bench_pte(BENCH_FRAME(5), PTE_V | PTE_R | PTE_W);
    u64 value;

    build(b);
    store(b, entry(LOW, 5), pte);
    bench_set_mode(b, PRIV_S, 0);
    bench_forget(b);
    assert_true(bench_access_load(b, VA_5, 8, &value));
    bench_collect(b);
    assert_int_equal(b->events, 2);
    assert_int_equal(b->event[0].kind, RVEMU_EVENT_ad_update);
    assert_int_equal(b->event[1].kind, RVEMU_EVENT_pte_write);
    assert_int_equal(b->event[1].pte_write.origin, RVEMU_ORIGIN_WALKER);
    assert_int_equal(b->event[1].pte_write.old, pte);
    assert_int_equal(b->event[1].pte_write.new, pte | PTE_A);
}

/* Never in a small array of writes while watched; reads are not concerned,
 * and what was there when the table became known is taken out. */
static void tables_are_not_written_fast(void **state)
{
    struct bench *b = *state;
    u64 value;

    bench_set_mode(b, PRIV_M, 0);
    store(b, entry(LOW, 0), 0);
    assert_non_null(context_hit(b->hart.c.data, ARRAY_WRITE, LOW, 8));
    build(b);
    assert_null(context_hit(b->hart.c.data, ARRAY_WRITE, LOW, 8));
    for (u64 pte = 2; pte < 8; pte += 2) {
        bench_forget(b);
        store(b, entry(LOW, 0), pte);
        bench_collect(b);
        assert_int_equal(b->events, 1);
        assert_int_equal(b->event[0].pte_write.new, pte);
        assert_null(context_hit(b->hart.c.data, ARRAY_WRITE, LOW, 8));
        assert_non_null(context_hit(b->hart.c.data, ARRAY_NOTED, LOW, 8));
    }
    bench_access_load(b, LOW, 8, &value);
    assert_non_null(context_hit(b->hart.c.data, ARRAY_READ, LOW, 8));
    tables_watch(b->tables, false);
    store(b, entry(LOW, 0), 0);
    assert_non_null(context_hit(b->hart.c.data, ARRAY_WRITE, LOW, 8));
}

/* Entries may point anywhere: at themselves, upwards, out of RAM. */
static void strange_tables_end(void **state)
{
    struct bench *b = *state;

    build(b);
    store(b, entry(ROOT, 1), bench_pte(ROOT, PTE_V));
    store(b, entry(MID, 3), bench_pte(MID, PTE_V));
    store(b, entry(MID, 4), bench_pte(ROOT, PTE_V));
    store(b, entry(LOW, 1), bench_pte(LOW, PTE_V));
    store(b, entry(LOW, 2), bench_pte(MID, PTE_V));
    store(b, entry(MID, 6), bench_pte(0x10000000, PTE_V));
    store(b, entry(MID, 7), ~0ull);
    store(b, entry(MID, 7), PTE_V | 0x3ull << 54);
    load_satp(b, satp_of(MID)); /* a lower table becomes a root */
    load_satp(b, satp_of(LOW));
    load_satp(b, satp_of(ROOT));
    load_satp(b, satp_of(0x1000)); /* not in RAM */
    load_satp(b, satp_of(BENCH_RAM + BENCH_RAM_SIZE));
    for (unsigned i = 0; i < 512; i++) {
        store(b, entry(ROOT, i), bench_pte(MID, PTE_V));
        store(b, entry(MID, i), bench_pte(i & 1 ? LOW : ROOT, PTE_V));
        store(b, entry(LOW, i), bench_pte(MID, i & 2 ? USER : PTE_V));
    }
    for (unsigned i = 0; i < 512; i++) {
        store(b, entry(MID, i), 0);
        store(b, entry(LOW, i), 0);
        store(b, entry(ROOT, i), 0);
    }
    load_satp(b, satp_of(SPARE));
    tables_watch(b->tables, false);
    for (unsigned level = 0; level < 5; level++)
        assert_int_equal(
            *ram_frame_flags(&b->bus.ram, BENCH_TABLE(level)) & FRAME_TABLE, 0);
}

/* Any store into a few frames that point at each other, and any of them in
 * satp. What is in satp is always known; what is reported always adds up. */
static void random_tables_stay_consistent(void **state)
{
    struct bench *b = *state;
    u64 dice = 0x1234567, root = ROOT, pa, value;

    build(b);
    for (unsigned i = 0; i < 60000; i++) {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        if (i % 16 == 0) {
            root = BENCH_TABLE(dice % 5);
            load_satp(b, (dice >> 40 & 7 ? 8ull + (dice >> 36) % 3 : 0) << 60 |
                             root >> 12);
        }
        pa = entry(BENCH_TABLE(dice >> 8 & 7), (unsigned)(dice >> 12 & 7));
        value = bench_pte(BENCH_TABLE(dice >> 16 & 7), PTE_V);
        switch (dice >> 20 & 7) {
        case 0: value = 0; break;
        case 1: value |= USER; break;
        case 2: value |= LEAF; break;
        case 3: value |= PTE_W | 1ull << 60; break;
        }
        bench_forget(b);
        store(b, pa, value);
        bench_collect(b);
        if (satp_mode(b->hart.s.csr.satp))
            assert_true(*ram_frame_flags(&b->bus.ram, root) & FRAME_TABLE);
        for (unsigned k = 0; k < b->events; k++)
            if (b->event[k].kind == RVEMU_EVENT_pte_write)
                assert_int_equal(b->event[k].pte_write.new, value);
    }
    tables_watch(b->tables, false);
}

/* One store changes two entries; the first ends the root that both are in.
 * What the second one led to is forgotten with it. */
static void a_store_over_two_entries_may_end_a_root(void **state)
{
    struct bench *b = *state;

    build(b);
    load_satp(b, satp_of(OTHER));
    bench_forget(b);
    store(b, entry(ROOT, 255) + 4, 0x00ffffff);
    assert_int_equal(count(b, RVEMU_EVENT_root_lost), 1);
    assert_int_equal(bench_load(b, entry(ROOT, 256)), 0);
    bench_forget(b);
    store(b, entry(MID, 3), bench_pte(SPARE, PTE_V));
    store(b, entry(LOW, 3), bench_pte(BENCH_FRAME(3), LEAF));
    bench_collect(b);
    assert_int_equal(b->events, 0);
}

/* Every entry of a table points to the one below it, four levels deep: 512³
 * ways lead up from the last. Looking for what is above takes all tables, not
 * all ways. */
static void woven_tables_end(void **state)
{
    struct bench *b = *state;
    u64 sv57 = 10ull << 60, lone = BENCH_FRAME(0), empty = BENCH_FRAME(1);

    bench_set_mode(b, PRIV_M, 0);
    memset(ram_host(&b->bus.ram, LOW), 0, 5 * PAGE_SIZE);
    for (unsigned level = 4; level > 1; level--)
        for (unsigned i = 0; i < 512; i++)
            bench_store(b, entry(BENCH_TABLE(level), i),
                        bench_pte(BENCH_TABLE(level - 1), PTE_V));
    bench_watch(b, RVEMU_EVENT_BIT(root_lost));
    tables_watch(b->tables, true);
    for (unsigned round = 0; round < 200; round++) {
        load_satp(b, sv57 | BENCH_TABLE(4) >> 12);
        load_satp(b, sv57 | lone >> 12);
        load_satp(b, sv57 | empty >> 12);
        bench_forget(b);
        store(b, entry(MID, 7), bench_pte(lone, PTE_V));
        assert_int_equal(count(b, RVEMU_EVENT_root_lost), 1);
        store(b, entry(MID, 7), 0);
    }
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_root_shows_what_it_holds),
        TEST(a_late_watcher_finds_the_same),
        TEST(stores_to_entries_are_reported),
        TEST(odd_stores_are_reported_whole),
        TEST(linking_finds_and_unlinking_forgets),
        TEST(unlinking_goes_all_the_way_down),
        TEST(shared_tables_are_counted),
        TEST(rewriting_a_link_keeps_it),
        TEST(roots_end_when_they_are_none),
        TEST(equal_frames_are_copies),
        TEST(a_table_used_again_remembers_the_latest),
        TEST(hardware_updates_are_the_walkers),
        TEST(tables_are_not_written_fast),
        TEST(strange_tables_end),
        TEST(a_store_over_two_entries_may_end_a_root),
        TEST(woven_tables_end),
        TEST(random_tables_stay_consistent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
