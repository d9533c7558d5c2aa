/*
 * Unit tests of protected frames (emu/hart/mmu/leaves.c): when a store to a
 * page table protects a frame and when it ends that, and which stores to one
 * are reported as alias_store, and how.
 *
 * ROOT leads to MID and that to LOW and HIGH, which map frames for a user. The
 * hart stores as a kernel does: in M-mode, where addresses are physical, or
 * by a page of its own, OWN.
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
#define HIGH BENCH_TABLE(3)
#define LEAF (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D)
#define USER (LEAF | PTE_U)
#define SHARED (USER & ~PTE_W)
#define VA(index) (0x1000ull * (index)) /* by LOW */
#define OWN VA(100)
#define FRAMES 6

static u64 entry(u64 table, unsigned index)
{
    return table + 8ull * index;
}

static void store(struct bench *b, u64 va, unsigned size, u64 value)
{
    bench_access_store(b, va, size, value);
    assert_false(b->hart.c.raised);
}

static void set(struct bench *b, u64 table, unsigned index, u64 pte)
{
    store(b, entry(table, index), 8, pte);
}

static bool is_protected(struct bench *b, u64 pa)
{
    return *ram_frame_flags(&b->bus.ram, pa) & FRAME_PROTECTED;
}

static void expect_event(struct bench *b, u64 va, u64 pa, unsigned size)
{
    bench_collect(b);
    assert_int_equal(b->events, 1);
    assert_int_equal(b->event[0].kind, RVEMU_EVENT_alias_store);
    assert_int_equal(b->event[0].alias_store.va, va);
    assert_int_equal(b->event[0].alias_store.pa, pa);
    assert_int_equal(b->event[0].alias_store.size, size);
    bench_forget(b);
}

static void expect_nothing(struct bench *b)
{
    bench_collect(b);
    assert_int_equal(b->events, 0);
}

/* Two pages, and OWN for the first of their frames. */
static void build(struct bench *b)
{
    bench_set_mode(b, PRIV_M, 0);
    memset(ram_host(&b->bus.ram, LOW), 0, 4 * PAGE_SIZE);
    bench_store(b, entry(ROOT, 0), bench_pte(MID, PTE_V));
    bench_store(b, entry(MID, 0), bench_pte(LOW, PTE_V));
    bench_store(b, entry(LOW, 0), bench_pte(BENCH_FRAME(0), USER));
    bench_store(b, entry(LOW, 1), bench_pte(BENCH_FRAME(1), USER));
    bench_store(b, entry(LOW, 100), bench_pte(BENCH_FRAME(0), LEAF));
    bench_watch(b, RVEMU_EVENT_BIT(alias_store));
    tables_watch(b->tables, true);
    assert_true(bench_csr_write(b, CSR_satp, 8ull << 60 | ROOT >> 12));
    bench_forget(b);
}

static void losing_w_protects(void **state)
{
    struct bench *b = *state;

    build(b);
    store(b, BENCH_FRAME(0) + 16, 8, 1);
    expect_nothing(b);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), SHARED));
    store(b, BENCH_FRAME(0) + 16, 4, 1);
    expect_event(b, BENCH_FRAME(0) + 16, BENCH_FRAME(0) + 16, 4);
    store(b, BENCH_FRAME(1), 8, 1);
    expect_nothing(b);
    assert_int_equal(bench_load(b, BENCH_FRAME(0) + 16), 1);
}

/* Mapped without W from the start, or by the kernel alone: nothing was taken.
 */
static void lacking_w_does_not(void **state)
{
    struct bench *b = *state;

    build(b);
    set(b, LOW, 2, bench_pte(BENCH_FRAME(2), SHARED));
    set(b, LOW, 3, bench_pte(BENCH_FRAME(2), SHARED));
    set(b, LOW, 100, bench_pte(BENCH_FRAME(0), LEAF & ~PTE_W));
    set(b, LOW, 0, bench_pte(BENCH_FRAME(3), SHARED)); /* another frame */
    for (unsigned i = 0; i < FRAMES; i++)
        assert_false(is_protected(b, BENCH_FRAME(i)));
}

static void whoever_gets_w_ends_it(void **state)
{
    struct bench *b = *state;

    build(b);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), SHARED));
    set(b, LOW, 7, bench_pte(BENCH_FRAME(0), SHARED));
    assert_true(is_protected(b, BENCH_FRAME(0)));
    set(b, LOW, 100, bench_pte(BENCH_FRAME(0), LEAF | PTE_X)); /* no user's */
    assert_true(is_protected(b, BENCH_FRAME(0)));
    set(b, LOW, 7, bench_pte(BENCH_FRAME(0), USER));
    assert_false(is_protected(b, BENCH_FRAME(0)));
    store(b, BENCH_FRAME(0), 8, 1);
    expect_nothing(b);
}

static void the_last_that_goes_ends_it(void **state)
{
    struct bench *b = *state;

    build(b);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), SHARED));
    set(b, LOW, 7, bench_pte(BENCH_FRAME(0), SHARED));
    set(b, LOW, 0, 0);
    assert_true(is_protected(b, BENCH_FRAME(0)));
    set(b, LOW, 7, bench_pte(BENCH_FRAME(2), USER));
    assert_false(is_protected(b, BENCH_FRAME(0)));
    /* with its table, too */
    set(b, LOW, 1, bench_pte(BENCH_FRAME(1), SHARED));
    assert_true(is_protected(b, BENCH_FRAME(1)));
    set(b, MID, 0, 0);
    assert_false(is_protected(b, BENCH_FRAME(1)));
}

/* Some kernels clear an entry before they store it anew. */
static void cleared_and_mapped_again_is_the_same(void **state)
{
    struct bench *b = *state;

    build(b);
    set(b, LOW, 0, 0);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), SHARED));
    assert_true(is_protected(b, BENCH_FRAME(0)));
}

/* By an entry of the kernel's own a store is reported, by the user's not: that
 * one has W in the TLB alone. */
static void who_maps_decides(void **state)
{
    struct bench *b = *state;

    build(b);
    bench_set_mode(b, PRIV_S, MSTATUS_SUM);
    store(b, VA(0) + 8, 8, 1);
    bench_set_mode(b, PRIV_M, 0);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), SHARED));
    bench_set_mode(b, PRIV_S, MSTATUS_SUM);
    store(b, VA(0) + 8, 8, 2);
    expect_nothing(b);
    assert_int_equal(bench_load(b, BENCH_FRAME(0) + 8), 2);
    store(b, OWN + 8, 8, 3);
    expect_event(b, OWN + 8, BENCH_FRAME(0) + 8, 8);
}

/* What was stored fast before comes by from then on. */
static void small_arrays_forget_the_frame(void **state)
{
    struct bench *b = *state;

    build(b);
    bench_set_mode(b, PRIV_S, 0);
    store(b, OWN, 8, 1);
    assert_non_null(context_hit(b->hart.c.data, ARRAY_WRITE, OWN, 8));
    bench_set_mode(b, PRIV_M, 0);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), SHARED));
    bench_set_mode(b, PRIV_S, 0);
    assert_null(context_hit(b->hart.c.data, ARRAY_WRITE, OWN, 8));
    store(b, OWN, 8, 1);
    assert_null(context_hit(b->hart.c.data, ARRAY_WRITE, OWN, 8));
}

/* So does a frame whose stores were noted for another reason. */
static void noted_frames_are_looked_at(void **state)
{
    struct bench *b = *state;

    build(b);
    *ram_frame_flags(&b->bus.ram, BENCH_FRAME(0)) |= FRAME_CODE;
    bench_set_mode(b, PRIV_S, 0);
    store(b, OWN, 8, 1);
    assert_non_null(context_hit(b->hart.c.data, ARRAY_NOTED, OWN, 8));
    bench_set_mode(b, PRIV_M, 0);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), SHARED));
    bench_set_mode(b, PRIV_S, 0);
    store(b, OWN, 8, 1);
    expect_event(b, OWN, BENCH_FRAME(0), 8);
    store(b, OWN, 8, 1);
    expect_event(b, OWN, BENCH_FRAME(0), 8);
}

static void every_way_to_store_counts(void **state)
{
    struct bench *b = *state;
    u64 end = BENCH_FRAME(0) + PAGE_SIZE;

    build(b);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), SHARED));
    assert_true(bench_access_amo(b, BENCH_FRAME(0), 4, 1));
    expect_event(b, BENCH_FRAME(0), BENCH_FRAME(0), 4);
    assert_true(bench_access_lr(b, BENCH_FRAME(0), 8));
    expect_nothing(b);
    assert_true(bench_access_sc(b, BENCH_FRAME(0), 8, 1));
    expect_event(b, BENCH_FRAME(0), BENCH_FRAME(0), 8);
    bench_access_sc(b, BENCH_FRAME(0), 8, 1); /* fails */
    expect_nothing(b);
    store(b, end - 3, 8, 0);
    expect_event(b, end - 3, end - 3, 3);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), USER));
    set(b, LOW, 1, bench_pte(BENCH_FRAME(1), SHARED));
    store(b, end - 3, 8, 0);
    expect_event(b, end, end, 5);
}

/* Who is told promptly finds the hart as it is. */
static void told_at_once(void **state)
{
    struct bench *b = *state;

    build(b);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), SHARED));
    bench_forget(b);
    trace_set_prompt(&b->trace, RVEMU_EVENT_BIT(alias_store));
    store(b, BENCH_FRAME(0), 8, 1);
    assert_int_equal(b->events, 1);
    trace_set_prompt(&b->trace, 0);
}

static void large_pages_protect_all_they_map(void **state)
{
    struct bench *b = *state;
    u64 first = BENCH_RAM + (16 << 20), last = first + (2 << 20) - PAGE_SIZE;

    build(b);
    set(b, MID, 5, bench_pte(first, USER));
    set(b, MID, 5, bench_pte(first, SHARED));
    assert_true(is_protected(b, first));
    assert_true(is_protected(b, last));
    assert_false(is_protected(b, first - PAGE_SIZE));
    assert_false(is_protected(b, last + PAGE_SIZE));
    set(b, LOW, 9, bench_pte(last, USER));
    assert_true(is_protected(b, last - PAGE_SIZE));
    assert_false(is_protected(b, last));
    set(b, MID, 5, 0);
    assert_false(is_protected(b, first));
}

static void flags_come_back_and_go(void **state)
{
    struct bench *b = *state;
    u8 *flags = ram_frame_flags(&b->bus.ram, BENCH_FRAME(0));

    build(b);
    set(b, LOW, 0, bench_pte(BENCH_FRAME(0), SHARED));
    *flags = 0;
    tables_restored(b->tables);
    assert_int_equal(*flags & FRAME_STORES, FRAME_PROTECTED);
    tables_watch(b->tables, false);
    assert_int_equal(*flags & FRAME_STORES, 0);
}

/* ---- random edits, and a model ---- */

struct model {
    bool linked[2]; /* LOW, HIGH */
    bool lost[FRAMES];
    bool left[FRAMES]; /* and then mapped by nobody */
};

static const u64 tables_of_model[2] = {LOW, HIGH};

static bool maps(u64 pte, unsigned frame)
{
    return pte & PTE_V && pte & PTE_U && pte & PTE_R &&
           pte >> 10 == BENCH_FRAME(frame) >> 12;
}

static unsigned users_of(struct bench *b, const struct model *model,
                         unsigned frame)
{
    unsigned users = 0;

    for (unsigned t = 0; t < 2; t++)
        for (unsigned i = 0; model->linked[t] && i < 512; i++)
            users += maps(bench_load(b, entry(tables_of_model[t], i)), frame);
    return users;
}

/* An entry that maps something came to be known. */
static void take(struct model *model, unsigned frame, u64 added, bool found)
{
    if (!maps(added, frame))
        return;
    if (added & PTE_W)
        model->lost[frame] = false;
    else if (found && model->left[frame])
        model->lost[frame] = true;
    model->left[frame] = false;
}

/* Entries went. */
static void settle(struct bench *b, struct model *model)
{
    for (unsigned frame = 0; frame < FRAMES; frame++) {
        if (users_of(b, model, frame) || !model->lost[frame])
            continue;
        model->lost[frame] = false;
        model->left[frame] = true;
    }
}

static void link_one(struct bench *b, struct model *model, unsigned table)
{
    bool linked = !model->linked[table];

    model->linked[table] = linked;
    set(b, MID, table, linked ? bench_pte(tables_of_model[table], PTE_V) : 0);
    for (unsigned i = 0; linked && i < 512; i++)
        for (unsigned frame = 0; frame < FRAMES; frame++)
            take(model, frame, bench_load(b, entry(tables_of_model[table], i)),
                 true);
    settle(b, model);
}

static void edit_one(struct bench *b, struct model *model, unsigned table,
                     unsigned index, u64 pte)
{
    u64 old = bench_load(b, entry(tables_of_model[table], index));

    set(b, tables_of_model[table], index, pte);
    if (!model->linked[table] || pte == old)
        return;
    for (unsigned frame = 0; frame < FRAMES; frame++) {
        take(model, frame, pte, false);
        if (maps(old, frame) && maps(pte, frame) && old & PTE_W &&
            !(pte & PTE_W))
            model->lost[frame] = true;
    }
    settle(b, model);
}

static void random_edits_agree_with_a_model(void **state)
{
    static const u64 flags[] = {USER, SHARED, USER, SHARED, LEAF};
    struct bench *b = *state;
    struct model model = {{true, false}, {false}, {false}};
    u64 dice = 88172645463325252;
    unsigned seen = 0;

    build(b);
    for (unsigned i = 0; i < 20000; i++) {
        dice = dice * 6364136223846793005 + 1442695040888963407;
        u64 roll = dice >> 33;
        unsigned table = roll & 1, frame = (roll >> 8) % FRAMES;

        if (roll % 37 == 0)
            link_one(b, &model, table);
        else
            edit_one(b, &model, table, (roll >> 1) % 4,
                     bench_pte(BENCH_FRAME(frame), flags[(roll >> 16) % 5]));
        for (unsigned f = 0; f < FRAMES; f++) {
            assert_int_equal(is_protected(b, BENCH_FRAME(f)), model.lost[f]);
            seen += model.lost[f];
        }
        bench_forget(b);
    }
    assert_in_range(seen, 1000, FRAMES * 20000 / 2);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(losing_w_protects),
        TEST(lacking_w_does_not),
        TEST(whoever_gets_w_ends_it),
        TEST(the_last_that_goes_ends_it),
        TEST(cleared_and_mapped_again_is_the_same),
        TEST(who_maps_decides),
        TEST(small_arrays_forget_the_frame),
        TEST(noted_frames_are_looked_at),
        TEST(every_way_to_store_counts),
        TEST(told_at_once),
        TEST(large_pages_protect_all_they_map),
        TEST(flags_come_back_and_go),
        TEST(random_edits_agree_with_a_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
