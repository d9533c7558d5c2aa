/*
 * Unit test of the one rule for stores to RAM (emu/hart/mmu/stores.c): whoever
 * stores, and however much, the same are told. What is known to be true is
 * found by looking at all of memory before and after.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hart/mmu/stores.h"
#include "hart_bench.h"

#define ROOT BENCH_FRAME(0)
#define LEAF(n) ((u64)(BENCH_FRAME(n) >> 2) | PTE_V | PTE_R | PTE_A)
#define AREA (3 * PAGE_SIZE) /* a table between two frames of no interest */
#define START (ROOT - PAGE_SIZE)

static const unsigned origins[] = {RVEMU_ORIGIN_HART, RVEMU_ORIGIN_DEVICE,
                                   RVEMU_ORIGIN_WALKER, RVEMU_ORIGIN_HOST};

static void watch_root(struct bench *b)
{
    bench_watch(b, RVEMU_EVENT_BIT(pte_write));
    b->hart.s.csr.satp = (u64)SATP_MODE_SV39 << 60 | ROOT >> PAGE_SHIFT;
    tables_watch(b->tables, true);
    bench_forget(b);
}

/* What has to have been reported: each doubleword of the root that differs. */
static void check_events(struct bench *b, const u64 *before, unsigned origin)
{
    unsigned seen = 0;

    bench_collect(b);
    for (unsigned i = 0; i < 512; i++) {
        u64 now = bench_load(b, ROOT + 8 * i);
        const struct rvemu_event *event = &b->event[seen];

        if (now == before[i])
            continue;
        assert_true(seen++ < b->events);
        assert_int_equal(event->pte_write.pte_pa, ROOT + 8 * i);
        assert_int_equal(event->pte_write.old, before[i]);
        assert_int_equal(event->pte_write.new, now);
        assert_int_equal(event->pte_write.origin, origin);
    }
    assert_int_equal(seen, b->events);
}

/* Random stores of random sizes, across pages too: what is in RAM is what was
 * stored, and every entry that changed was reported, once. */
static void each_changed_entry_is_reported(void **state)
{
    struct bench *b = *state;
    static u8 bytes[AREA], wanted[AREA];
    u64 before[512];

    srand(1);
    watch_root(b);
    for (unsigned round = 0; round < 400; round++) {
        unsigned size = 1 + (unsigned)rand() % (round % 4 ? 64 : AREA);
        unsigned at = (unsigned)rand() % (AREA - size + 1);
        unsigned origin = origins[round % 4];

        for (unsigned i = 0; i < size; i++)
            bytes[i] = rand() % 3 ? 0 : (u8)rand();
        memcpy(before, ram_host(&b->bus.ram, ROOT), sizeof(before));
        memcpy(wanted, ram_host(&b->bus.ram, START), AREA);
        memcpy(wanted + at, bytes, size);
        bench_forget(b);
        store_to_ram(&b->siblings, &b->hart, START + at, bytes, size, origin);
        assert_memory_equal(ram_host(&b->bus.ram, START), wanted, AREA);
        check_events(b, before, origin);
    }
}

/* Between slices there is no hart that did it. */
static void a_store_between_slices_is_no_harts(void **state)
{
    struct bench *b = *state;
    const u64 leaf = LEAF(3);

    watch_root(b);
    store_to_ram(&b->siblings, NULL, ROOT, &leaf, 8, RVEMU_ORIGIN_DEVICE);
    bench_collect(b);
    assert_int_equal(b->events, 1);
    assert_int_equal(b->event[0].hart, RVEMU_NO_HART);
    assert_int_equal(b->event[0].priv, RVEMU_NO_PRIV);
    assert_int_equal(b->event[0].pc, 0);
}

/* Whoever replaces code, wherever in a large store, ends its block. */
static void code_under_a_store_dies(void **state)
{
    struct bench *b = *state;
    struct code_page *page = blocks_page(b->blocks, ROOT, PRIV_M);
    static const u8 bytes[AREA];
    bool fresh;

    for (unsigned i = 0; i < 4; i++) {
        blocks_at(b->blocks, page, 0x7c0, &fresh);
        assert_true(fresh);
        b->hart.c.attention = false;
        store_to_ram(&b->siblings, i % 2 ? &b->hart : NULL, START, bytes, AREA,
                     origins[i]);
        assert_true(b->hart.c.attention);
        assert_int_equal(page->index.at[0x7c0 / 2], 0);
    }
}

/* A device's or the host's store to any byte of the reserved doubleword breaks
 * the reservation; the hart's own does not. */
static void others_break_reservations(void **state)
{
    struct bench *b = *state;
    static const u8 bytes[64];

    for (unsigned i = 0; i < 4; i++)
        for (unsigned at = 0; at < 128; at++)
            for (unsigned size = 1; size <= 64; size++) {
                bool outside = origins[i] == RVEMU_ORIGIN_DEVICE ||
                               origins[i] == RVEMU_ORIGIN_HOST;
                bool hit = at < 72 && at + size > 64;

                b->hart.s.reserved = true;
                b->hart.s.reserved_pa = ROOT + 68;
                store_to_ram(&b->siblings, &b->hart, ROOT + at, bytes, size,
                             origins[i]);
                assert_int_equal(b->hart.s.reserved, !(outside && hit));
            }
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_changed_entry_is_reported),
        TEST(a_store_between_slices_is_no_harts),
        TEST(code_under_a_store_dies),
        TEST(others_break_reservations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
