/*
 * Unit tests of dev/clint.c: time from the clock, deadlines to the tick,
 * software interrupts, partial accesses, and wrap-around.
 */
#include "dev/clint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define HARTS 2
#define MTIMECMP(hart) (0x4000 + 8 * (hart))
#define MTIME 0xbff8

struct rig {
    struct clint clint;
    struct clock clock;
    struct {
        bool msip, mtip;
    } hart[HARTS];
    unsigned time_writes;
    u64 progress;
    bool cut;
};

static void hart_irq(void *hart, unsigned number, bool level)
{
    bool *wire = hart;

    wire[number == IRQ_MTIP] = level;
}

static void time_written(void *listener)
{
    ((struct rig *)listener)->time_writes++;
}

static void wire(struct rig *rig, u64 seed)
{
    const struct device_wiring wiring = {
        .clock = &rig->clock,
        .harts = HARTS,
        .hart_irq = hart_irq,
        .hart = {&rig->hart[0], &rig->hart[1]},
        .time = {time_written, rig},
        .seed = seed,
    };

    clock_init(&rig->clock);
    clint_device.init(&rig->clint, &wiring);
    clint_device.reset(&rig->clint);
    rig->time_writes = 0;
}

static int make(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    wire(rig, 0);
    *state = rig;
    return 0;
}

static int drop(void **state)
{
    free(*state);
    return 0;
}

static u64 in(struct rig *rig, u64 offset, unsigned size)
{
    u64 value = 0;

    assert_true(clint_device.ops->read(&rig->clint, offset, size, &value));
    return value;
}

static void out(struct rig *rig, u64 offset, unsigned size, u64 value)
{
    assert_true(clint_device.ops->write(&rig->clint, offset, size, value));
}

static void time_is_ten_megahertz(void **state)
{
    struct rig *rig = *state;

    clock_advance(&rig->clock, 1000000099);
    assert_int_equal(in(rig, MTIME, 8), 10000000);
    clock_advance(&rig->clock, 1000000100);
    assert_int_equal(clint_time(&rig->clint), 10000001);
}

static void nothing_is_pending_after_reset(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(in(rig, MTIMECMP(0), 8), UINT64_MAX);
    assert_int_equal(clock_next(&rig->clock), CLOCK_NEVER);
    clock_advance(&rig->clock, 1ull << 62);
    assert_false(rig->hart[0].mtip || rig->hart[1].mtip || rig->hart[0].msip);
}

/* When the next deadline is, which has to lie within that tick. */
static u64 next_in_tick(struct rig *rig, u64 tick)
{
    u64 due = clock_next(&rig->clock);

    assert_int_equal(due / CLINT_TICK_NS, tick);
    return due;
}

static void deadline_is_met_in_its_tick(void **state)
{
    struct rig *rig = *state;
    u64 due;

    clock_advance(&rig->clock, 50);
    out(rig, MTIMECMP(1), 8, 7);
    due = next_in_tick(rig, 7);
    clock_advance(&rig->clock, due - 1);
    assert_int_equal(in(rig, MTIME, 8), 7); /* seen before it is due */
    assert_false(rig->hart[1].mtip);
    clock_advance(&rig->clock, due);
    assert_true(rig->hart[1].mtip);
    assert_false(rig->hart[0].mtip);
    out(rig, MTIMECMP(1), 8, 8);
    assert_false(rig->hart[1].mtip);
    out(rig, MTIMECMP(1), 8, 7);
    assert_true(rig->hart[1].mtip); /* past: at once */
}

static void halves_are_written_one_by_one(void **state)
{
    struct rig *rig = *state;

    out(rig, MTIMECMP(0) + 4, 4, 0x11223344);
    assert_int_equal(in(rig, MTIMECMP(0), 8), 0x11223344ffffffff);
    out(rig, MTIMECMP(0), 4, 0x55667788);
    assert_int_equal(in(rig, MTIMECMP(0), 8), 0x1122334455667788);
    assert_int_equal(in(rig, MTIMECMP(0) + 4, 4), 0x11223344);
    out(rig, MTIME + 4, 4, 3);
    out(rig, MTIME, 4, 5);
    assert_int_equal(in(rig, MTIME, 8), 0x300000005);
    assert_int_equal(in(rig, MTIME + 4, 4), 3);
}

static void writing_time_moves_deadlines(void **state)
{
    struct rig *rig = *state;

    out(rig, MTIMECMP(0), 8, 1000);
    out(rig, MTIME, 8, 999);
    assert_int_equal(rig->time_writes, 1);
    assert_false(rig->hart[0].mtip);
    next_in_tick(rig, 1);
    out(rig, MTIME, 8, 1001);
    assert_true(rig->hart[0].mtip);
    out(rig, MTIME, 8, 0);
    assert_false(rig->hart[0].mtip);
    next_in_tick(rig, 1000);
}

static void time_wraps_and_takes_the_line_with_it(void **state)
{
    struct rig *rig = *state;

    out(rig, MTIMECMP(0), 8, 10);
    out(rig, MTIME, 8, UINT64_MAX - 1);
    assert_true(rig->hart[0].mtip);
    clock_advance(&rig->clock, 200);
    assert_int_equal(in(rig, MTIME, 8), 0);
    assert_false(rig->hart[0].mtip);
    clock_advance(&rig->clock, next_in_tick(rig, 2 + 10));
    assert_true(rig->hart[0].mtip);
}

static void far_deadlines_do_not_overflow(void **state)
{
    struct rig *rig = *state;
    u64 changes;

    out(rig, MTIMECMP(0), 8, UINT64_MAX / 100 + 1);
    assert_int_equal(clock_next(&rig->clock), CLOCK_NEVER);
    assert_false(clint_is_due(&rig->clint, 0, UINT64_MAX, &changes));
    assert_int_equal(changes, CLOCK_NEVER);
    clock_advance(&rig->clock, 12345);
    assert_true(clint_is_due(&rig->clint, 0, 5, &changes));
    assert_int_equal(changes, CLOCK_NEVER);
    out(rig, MTIME, 8, UINT64_MAX);
    assert_true(clint_is_due(&rig->clint, 0, 5, &changes));
    assert_int_equal(changes, 12400); /* there it wraps */
    assert_false(clint_is_due(&rig->clint, 0, UINT64_MAX, &changes));
    clock_advance(&rig->clock, changes);
    assert_true(clint_is_due(&rig->clint, 0, UINT64_MAX, &changes));
    assert_int_equal(changes, 12400);
}

#define COMPARES 2000

/* Where in its tick a timer of the hart is due, asked at machine time now. */
static u64 place_of(struct rig *rig, unsigned hart, u64 compare, u64 now)
{
    u64 changes, then;

    clock_advance(&rig->clock, now);
    assert_false(clint_is_due(&rig->clint, hart, compare, &changes));
    assert_int_equal(changes / CLINT_TICK_NS, compare);
    clock_advance(&rig->clock, changes - 1);
    assert_false(clint_is_due(&rig->clint, hart, compare, &then));
    assert_int_equal(then, changes);
    clock_advance(&rig->clock, changes);
    assert_true(clint_is_due(&rig->clint, hart, compare, &then));
    return changes % CLINT_TICK_NS;
}

/* The places of one seed and hart; how many differ from those before. */
static unsigned draw(struct rig *rig, u64 seed, unsigned hart, u8 *places)
{
    unsigned differ = 0;

    wire(rig, seed);
    for (u64 i = 0; i < COMPARES; i++) {
        u64 place = place_of(rig, hart, i + 3, 0);

        assert_int_equal(place_of(rig, hart, i + 3, 100 * i + 299), place);
        differ += places[i] != place;
        places[i] = (u8)place;
    }
    return differ;
}

static void places_are_drawn_by_seed_hart_and_value(void **state)
{
    struct rig *rig = *state;
    u8 places[COMPARES] = {0};
    unsigned seen[CLINT_TICK_NS] = {0}, by_five[5] = {0}, used = 0;

    assert_int_equal(draw(rig, 0, 0, places), COMPARES);
    assert_int_equal(draw(rig, 0, 0, places), 0);
    for (unsigned i = 0; i < COMPARES; i++) {
        seen[places[i]]++;
        by_five[places[i] % 5]++;
    }
    for (unsigned i = 0; i < CLINT_TICK_NS; i++)
        used += seen[i] != 0;
    assert_true(used > CLINT_TICK_NS / 2 && seen[0] == 0);
    for (unsigned i = 0; i < 5; i++)
        assert_true(by_five[i] > COMPARES / 10);
    assert_true(draw(rig, 1, 0, places) > COMPARES * 9 / 10);
    assert_true(draw(rig, 1, 1, places) > COMPARES * 9 / 10);
    assert_true(draw(rig, 0, 1, places) > COMPARES * 9 / 10);
}

static void software_interrupts_go_to_one_hart(void **state)
{
    struct rig *rig = *state;

    out(rig, 4, 4, 0xffffffff);
    assert_int_equal(in(rig, 4, 4), 1);
    assert_true(rig->hart[1].msip);
    assert_false(rig->hart[0].msip);
    out(rig, 4, 4, 2);
    assert_false(rig->hart[1].msip);
}

static void what_does_not_exist_reads_zero(void **state)
{
    struct rig *rig = *state;
    u64 value;

    out(rig, 4 * HARTS, 4, 1);
    assert_int_equal(in(rig, 4 * HARTS, 4), 0);
    out(rig, MTIMECMP(HARTS), 8, 1);
    assert_int_equal(in(rig, MTIMECMP(HARTS), 8), 0);
    assert_int_equal(in(rig, 0xc000, 4), 0);
    assert_false(clint_device.ops->read(&rig->clint, 0, 8, &value));
    assert_false(clint_device.ops->read(&rig->clint, MTIME, 2, &value));
    assert_false(clint_device.ops->write(&rig->clint, 0, 1, 1));
}

static u64 progress(void *self)
{
    return ((struct rig *)self)->progress;
}

static void cut(void *self)
{
    ((struct rig *)self)->cut = true;
}

static void a_deadline_within_the_slice_cuts_it(void **state)
{
    struct rig *rig = *state;
    const struct clock_runner runner = {progress, cut, rig};

    rig->clock.runner = &runner;
    rig->progress = 250;
    assert_int_equal(in(rig, MTIME, 8), 2);
    out(rig, MTIMECMP(0), 8, 20000);
    assert_false(rig->cut);
    out(rig, MTIMECMP(0), 8, 3);
    assert_true(rig->cut);
    assert_false(rig->hart[0].mtip);
    rig->clock.runner = NULL;
    clock_advance(&rig->clock, next_in_tick(rig, 3));
    assert_true(rig->hart[0].mtip);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(time_is_ten_megahertz),
        TEST(nothing_is_pending_after_reset),
        TEST(deadline_is_met_in_its_tick),
        TEST(halves_are_written_one_by_one),
        TEST(writing_time_moves_deadlines),
        TEST(time_wraps_and_takes_the_line_with_it),
        TEST(far_deadlines_do_not_overflow),
        TEST(places_are_drawn_by_seed_hart_and_value),
        TEST(software_interrupts_go_to_one_hart),
        TEST(what_does_not_exist_reads_zero),
        TEST(a_deadline_within_the_slice_cuts_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
