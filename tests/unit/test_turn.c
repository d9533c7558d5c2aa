/*
 * Unit test of machine/turn.c: whose turn it is, worked out by hand from the
 * rules in turn.h, and that asking more often than needed changes nothing.
 */
#include "machine/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HARTS 3
#define Q 64
#define FOREVER UINT64_MAX

struct rig {
    struct trace trace;
    struct siblings all;
    struct hart hart[HARTS];
    struct turn turn;
};

static int make(void **state)
{
    struct rig *rig = test_calloc(1, sizeof(*rig));

    for (unsigned i = 0; i < HARTS; i++) {
        rig->hart[i].w.id = i;
        rig->hart[i].w.trace = &rig->trace;
        rig->hart[i].s.paused_at = UINT64_MAX;
        rig->hart[i].s.csr.mie = 1 << INT_MSI;
        rig->all.hart[i] = &rig->hart[i];
    }
    rig->all.count = HARTS;
    turn_init(&rig->turn, Q, 0);
    *state = rig;
    return 0;
}

static int drop(void **state)
{
    test_free(*state);
    return 0;
}

static void sleeps(struct rig *rig, unsigned hart, bool asleep)
{
    rig->hart[hart].s.waiting = asleep;
}

static void sends_ipi(struct rig *rig, unsigned hart)
{
    rig->hart[hart].s.csr.mip = 1 << INT_MSI;
}

/* The hart whose turn it is makes steps. */
static void runs(struct rig *rig, u64 steps)
{
    rig->hart[rig->turn.s.hart].s.slice.stop += steps;
    turn_count(&rig->turn, steps);
}

static void expect_turn(struct rig *rig, unsigned hart, u64 left)
{
    struct hart *h = turn_take(&rig->turn, &rig->all);

    assert_ptr_equal(h, &rig->hart[hart]);
    assert_int_equal(rig->turn.s.hart, hart);
    assert_int_equal(rig->turn.left, left);
}

static void harts_take_turns_in_order(void **state)
{
    struct rig *rig = *state;

    for (unsigned i = 0; i < 7; i++) {
        expect_turn(rig, i % HARTS, Q);
        runs(rig, Q);
    }
}

static void a_turn_goes_on_in_the_next_slice(void **state)
{
    struct rig *rig = *state;

    expect_turn(rig, 0, Q);
    expect_turn(rig, 0, Q);
    runs(rig, 10);
    expect_turn(rig, 0, Q - 10);
    runs(rig, Q - 10);
    expect_turn(rig, 1, Q);
}

static void who_waits_is_passed_over(void **state)
{
    struct rig *rig = *state;

    sleeps(rig, 1, true);
    expect_turn(rig, 0, Q);
    runs(rig, Q);
    expect_turn(rig, 2, Q);
    runs(rig, 3);
    sleeps(rig, 2, true);
    sends_ipi(rig, 1);
    expect_turn(rig, 0, Q);
    runs(rig, Q);
    expect_turn(rig, 1, Q); /* still in wfi, and awake by its interrupt */
}

static void one_alone_goes_on_up_to_a_multiple(void **state)
{
    struct rig *rig = *state;

    sleeps(rig, 1, true);
    sleeps(rig, 2, true);
    expect_turn(rig, 0, FOREVER);
    runs(rig, 100);
    expect_turn(rig, 0, FOREVER);
    sends_ipi(rig, 2);
    expect_turn(rig, 0, 2 * Q - 100);
    runs(rig, 2 * Q - 100);
    expect_turn(rig, 2, Q);
}

static void who_comes_at_a_multiple_has_the_next_turn(void **state)
{
    struct rig *rig = *state;

    sleeps(rig, 1, true);
    sleeps(rig, 2, true);
    runs(rig, 5 * Q);
    expect_turn(rig, 0, FOREVER);
    sends_ipi(rig, 1);
    expect_turn(rig, 1, Q);
}

static void when_all_wait_nobody_has_a_turn(void **state)
{
    struct rig *rig = *state;

    for (unsigned i = 0; i < HARTS; i++)
        sleeps(rig, i, true);
    runs(rig, 5);
    assert_null(turn_take(&rig->turn, &rig->all));
    assert_false(turn_is_possible(&rig->turn, &rig->all));
    sends_ipi(rig, 0);
    assert_true(turn_is_possible(&rig->turn, &rig->all));
    expect_turn(rig, 0, FOREVER); /* it goes on where it was */
    runs(rig, 1);
    sends_ipi(rig, 1);
    expect_turn(rig, 0, Q - 6);
}

static void a_pause_ends_the_turn(void **state)
{
    struct rig *rig = *state;

    runs(rig, 7);
    rig->hart[0].s.paused_at = hart_steps(&rig->hart[0]);
    expect_turn(rig, 1, Q);
    runs(rig, Q);
    runs(rig, 0);
    expect_turn(rig, 2, Q);
    runs(rig, Q);
    expect_turn(rig, 0, Q); /* its pause lies behind it */
    expect_turn(rig, 0, Q);
}

static void a_pause_of_one_alone_is_over_at_once(void **state)
{
    struct rig *rig = *state;

    sleeps(rig, 1, true);
    sleeps(rig, 2, true);
    runs(rig, 7);
    rig->hart[0].s.paused_at = hart_steps(&rig->hart[0]);
    expect_turn(rig, 0, FOREVER);
    runs(rig, 1);
    sends_ipi(rig, 1);
    expect_turn(rig, 0, Q - 8);
}

static void a_reservation_dies_with_the_turn(void **state)
{
    struct rig *rig = *state;

    rig->hart[0].s.reserved = true;
    runs(rig, 7);
    expect_turn(rig, 0, Q - 7);
    assert_true(rig->hart[0].s.reserved);
    runs(rig, Q - 7);
    expect_turn(rig, 1, Q);
    assert_false(rig->hart[0].s.reserved);

    rig->hart[1].s.reserved = true;
    sleeps(rig, 0, true);
    sleeps(rig, 2, true);
    runs(rig, 10 * Q);
    expect_turn(rig, 1, FOREVER);
    assert_true(rig->hart[1].s.reserved);
}

/* The quanta of the first turns. */
static void draw(struct rig *rig, u64 seed, u64 quantum[100])
{
    turn_init(&rig->turn, 0, seed);
    for (unsigned i = 0; i < 100; i++) {
        struct hart *h = turn_take(&rig->turn, &rig->all);

        quantum[i] = rig->turn.s.quantum;
        assert_int_equal(h->w.id, i % HARTS);
        assert_int_equal(rig->turn.left, quantum[i]);
        assert_in_range(quantum[i], QUANTUM_LEAST, QUANTUM_MOST);
        runs(rig, quantum[i]);
    }
}

static void quanta_follow_from_the_seed(void **state)
{
    u64 one[100], again[100], other[100];
    unsigned repeated = 0;

    draw(*state, 1, one);
    draw(*state, 1, again);
    draw(*state, 2, other);
    assert_memory_equal(one, again, sizeof(one));
    assert_memory_not_equal(one, other, sizeof(one));
    for (unsigned i = 1; i < 100; i++)
        repeated += one[i] == one[i - 1];
    assert_in_range(repeated, 0, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(harts_take_turns_in_order),
        TEST(a_turn_goes_on_in_the_next_slice),
        TEST(who_waits_is_passed_over),
        TEST(one_alone_goes_on_up_to_a_multiple),
        TEST(who_comes_at_a_multiple_has_the_next_turn),
        TEST(when_all_wait_nobody_has_a_turn),
        TEST(a_pause_ends_the_turn),
        TEST(a_pause_of_one_alone_is_over_at_once),
        TEST(a_reservation_dies_with_the_turn),
        TEST(quanta_follow_from_the_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
