/*
 * rvemu/history.h by its letter: what is refused, what is counted, input and
 * changes from outside, disks, breakpoints. That everything comes back as it
 * was is for tests/history to say.
 */
#include <rvemu/rvemu.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define RAM 0x80000000u
#define PAGES 0x80100000u

/* Counts, and stores to page after page of a MiB. */
static const uint32_t counter[] = {
    0x00200497, /* auipc s1, 0x200: 2 MiB from here */
    0x00000913, /* li    s2, 0 */
    0x00190913, /* loop: addi s2, s2, 1 */
    0x0ff97993, /* andi  s3, s2, 255 */
    0x00c99993, /* slli  s3, s3, 12 */
    0x009989b3, /* add   s3, s3, s1 */
    0x0129b023, /* sd    s2, 0(s3) */
    0xfedff06f, /* j     loop */
};

#define LOOP (RAM + 4 * 2)
#define PLACE (RAM + 0x200000) /* s1 */

struct rig {
    rvemu *machine;
    unsigned polls;
};

static bool poll_host(void *self, uint64_t time, enum rvemu_ask ask,
                      uint64_t *next)
{
    ((struct rig *)self)->polls++;
    return true;
}

static int make(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rvemu_config config = {
        .ram_bytes = 16u << 20, .host = {.self = rig, .poll = poll_host}};
    const struct rvemu_guest guest = {
        .as = RVEMU_AS_MACHINE,
        .image = {.data = counter, .size = sizeof(counter)},
    };
    struct rvemu_error error;

    if (!rig || rvemu_create(&config, &rig->machine, &error) < 0 ||
        rvemu_load(rig->machine, &guest, &error) < 0)
        return -1;
    *state = rig;
    return 0;
}

static int drop(void **state)
{
    struct rig *rig = *state;

    rvemu_destroy(rig->machine);
    free(rig);
    return 0;
}

static void begin(struct rig *rig, uint64_t bytes, uint64_t distance)
{
    const struct rvemu_history_config config = {bytes, distance};
    struct rvemu_error error;

    assert_int_equal(rvemu_history_begin(rig->machine, &config, &error), 0);
}

static struct rvemu_stop run(struct rig *rig, uint64_t steps)
{
    struct rvemu_stop stop;

    rvemu_run(rig->machine, steps, &stop);
    return stop;
}

static void go(struct rig *rig, uint64_t position)
{
    struct rvemu_error error;

    if (rvemu_history_goto(rig->machine, position, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(rvemu_position(rig->machine), position);
}

static void expect_range(struct rig *rig, uint64_t first, uint64_t last)
{
    uint64_t is_first, is_last;

    assert_true(rvemu_history_range(rig->machine, &is_first, &is_last));
    assert_int_equal(is_first, first);
    assert_int_equal(is_last, last);
}

static void without_history_nothing_is_kept(void **state)
{
    struct rig *rig = *state;
    struct rvemu_history_counts counts;
    struct rvemu_error error;
    uint64_t first, last;

    run(rig, 100);
    assert_int_equal(rvemu_position(rig->machine), 100);
    assert_false(rvemu_history_range(rig->machine, &first, &last));
    assert_false(rvemu_history_before(rig->machine, 100, &first));
    assert_false(rvemu_history_is_past(rig->machine));
    assert_int_equal(rvemu_history_goto(rig->machine, 50, &error), -1);
    assert_string_equal(error.text, "no history is kept");
    assert_int_equal(rvemu_history_branch(rig->machine), -1);
    rvemu_history_counts(rig->machine, &counts);
    assert_int_equal(counts.snapshots, 0);
    rvemu_history_end(rig->machine);
}

static void it_begins_once_and_ends(void **state)
{
    struct rig *rig = *state;
    const struct rvemu_history_config config = {0, 0};
    struct rvemu_error error;
    uint64_t first, last;

    run(rig, 1000);
    begin(rig, 0, 0);
    assert_int_equal(rvemu_history_begin(rig->machine, &config, &error), -1);
    run(rig, 1000);
    expect_range(rig, 1000, 2000);
    assert_int_equal(rvemu_history_goto(rig->machine, 999, &error), -1);
    assert_string_equal(error.text,
                        "history goes from 1000 to 2000, 999 is not in it");
    assert_int_equal(rvemu_history_goto(rig->machine, 2001, &error), -1);
    go(rig, 1500);
    rvemu_history_end(rig->machine);
    assert_false(rvemu_history_range(rig->machine, &first, &last));
    assert_int_equal(rvemu_position(rig->machine), 1500);
    rvemu_set_x(rig->machine, 0, 5, 77);
    assert_int_equal(rvemu_x(rig->machine, 0, 5), 77);
    begin(rig, 0, 0);
    run(rig, 100);
    go(rig, 1500);
    assert_int_equal(rvemu_x(rig->machine, 0, 5), 77);
}

static void the_host_is_not_asked_in_the_past(void **state)
{
    struct rig *rig = *state;
    unsigned polls;

    begin(rig, 0, 100000);
    run(rig, 5000000);
    polls = rig->polls;
    assert_true(polls >= 5);
    go(rig, 10);
    assert_true(rvemu_history_is_past(rig->machine));
    run(rig, 4999990);
    assert_int_equal(rig->polls, polls);
    assert_false(rvemu_history_is_past(rig->machine));
    run(rig, 2000000);
    assert_true(rig->polls > polls);
}

static void changes_are_refused_in_the_past_and_made_again(void **state)
{
    struct rig *rig = *state;
    uint64_t word = 0x1234, there;

    begin(rig, 0, 0);
    run(rig, 1000);
    rvemu_set_x(rig->machine, 0, 20, 5);
    rvemu_set_f(rig->machine, 0, 3, 6);
    assert_int_equal(rvemu_set_csr(rig->machine, 0, 0x340, 7), 0);
    assert_int_equal(rvemu_write_ram(rig->machine, PAGES, &word, 8), 0);
    run(rig, 1000);
    go(rig, 500);
    assert_int_equal(rvemu_x(rig->machine, 0, 20), 0);
    rvemu_set_x(rig->machine, 0, 20, 9);
    assert_int_equal(rvemu_x(rig->machine, 0, 20), 0);
    assert_int_equal(rvemu_set_pc(rig->machine, 0, RAM), -1);
    assert_int_equal(rvemu_set_csr(rig->machine, 0, 0x340, 8), -1);
    assert_int_equal(rvemu_write_ram(rig->machine, PAGES, &word, 8), -1);
    go(rig, 1500);
    assert_int_equal(rvemu_x(rig->machine, 0, 20), 5);
    assert_int_equal(rvemu_f(rig->machine, 0, 3), 6);
    assert_int_equal(rvemu_csr(rig->machine, 0, 0x340, &there), 0);
    assert_int_equal(there, 7);
    rvemu_read_ram(rig->machine, PAGES, &there, 8);
    assert_int_equal(there, 0x1234);
}

static void a_change_at_the_end_is_at_the_end(void **state)
{
    struct rig *rig = *state;

    begin(rig, 0, 0);
    run(rig, 1000);
    rvemu_set_x(rig->machine, 0, 20, 5);
    go(rig, 900);
    go(rig, 1000);
    assert_int_equal(rvemu_x(rig->machine, 0, 20), 5);
    assert_false(rvemu_history_is_past(rig->machine));
}

/* The last step of the past leads to where a change still waits. */
static void nothing_changes_in_front_of_a_change(void **state)
{
    struct rig *rig = *state;
    uint64_t sum;

    begin(rig, 0, 1000);
    run(rig, 5000);
    rvemu_set_x(rig->machine, 0, 18, 0x1000);
    sum = rvemu_state_hash(rig->machine);
    go(rig, 4999);
    run(rig, 1);
    if (rvemu_history_is_past(rig->machine)) {
        assert_int_equal(rvemu_set_pc(rig->machine, 0, LOOP), -1);
        rvemu_set_x(rig->machine, 0, 18, 0x2000);
    }
    go(rig, 5000);
    assert_false(rvemu_history_is_past(rig->machine));
    assert_int_equal(rvemu_state_hash(rig->machine), sum);
}

/* What a recording has of later must not be another run's. */
static void who_records_keeps_the_future(void **state)
{
    struct rig *rig = *state;
    struct rvemu_recorder *recorder = rvemu_recorder_new();
    struct rvemu_error error;

    assert_int_equal(rvemu_recorder_attach(recorder, rig->machine, &error), 0);
    begin(rig, 0, 1000);
    run(rig, 5000);
    go(rig, 3000);
    assert_int_equal(rvemu_history_branch(rig->machine), -1);
    assert_true(rvemu_history_is_past(rig->machine));
    go(rig, 5000);
    rvemu_history_end(rig->machine);
    rvemu_set_x(rig->machine, 0, 18, 0x1000); /* is recorded all the same */
    begin(rig, 0, 1000);
    rvemu_history_end(rig->machine);
    rvemu_recorder_free(recorder);
}

static void a_breakpoint_makes_no_other_run(void **state)
{
    struct rig *rig = *state;
    uint64_t state_there;
    struct rvemu_stop stop;

    begin(rig, 0, 0);
    run(rig, 3000);
    state_there = rvemu_state_hash(rig->machine);
    go(rig, 100);
    assert_int_equal(rvemu_breakpoint(rig->machine, LOOP, true), 0);
    for (unsigned i = 0; i < 20; i++) {
        stop = run(rig, 1000);
        assert_int_equal(stop.reason, RVEMU_STOP_BREAKPOINT);
        assert_int_equal(rvemu_pc(rig->machine, 0), LOOP);
    }
    go(rig, 2000);
    assert_int_equal(rvemu_breakpoint(rig->machine, LOOP, false), 0);
    run(rig, 1000);
    assert_true(rvemu_state_hash(rig->machine) == state_there);
}

static void memory_is_bounded(void **state)
{
    struct rig *rig = *state;
    struct rvemu_history_counts counts;
    uint64_t first, last;

    begin(rig, 3u << 20, 50000);
    for (unsigned i = 0; i < 40; i++) {
        run(rig, 200000);
        rvemu_history_counts(rig->machine, &counts);
        assert_true(counts.bytes < 5u << 20); /* a stretch has 1 MiB */
    }
    assert_true(rvemu_history_range(rig->machine, &first, &last));
    assert_true(last - first > 100000);
    go(rig, first);
    go(rig, last - 1);
}

static void no_way_is_longer_than_to_the_snapshot(void **state)
{
    struct rig *rig = *state;
    struct rvemu_history_counts before, after;
    uint64_t snapshot;

    begin(rig, 0, 100000);
    run(rig, 3000000);
    for (uint64_t at = 2999999; at > 100000; at -= 97001) {
        assert_true(rvemu_history_before(rig->machine, at, &snapshot));
        rvemu_history_counts(rig->machine, &before);
        go(rig, at);
        rvemu_history_counts(rig->machine, &after);
        assert_true(after.steps_again - before.steps_again <= at - snapshot);
        assert_int_equal(after.gone_to, before.gone_to + 1);
    }
    go(rig, 2000000);
    rvemu_history_counts(rig->machine, &before);
    for (uint64_t at = 1999999; at > 1999000; at--)
        go(rig, at);
    rvemu_history_counts(rig->machine, &after);
    assert_true(after.steps_again - before.steps_again < 999 * 40000);
}

static void a_branch_makes_another_future(void **state)
{
    struct rig *rig = *state;
    uint64_t word;

    begin(rig, 0, 100000);
    run(rig, 1000000);
    go(rig, 400000);
    assert_int_equal(rvemu_history_branch(rig->machine), 0);
    assert_int_equal(rvemu_history_branch(rig->machine), 0);
    expect_range(rig, 0, 400000);
    rvemu_set_x(rig->machine, 0, 18, 0x10000); /* s2 */
    run(rig, 1000000);
    rvemu_read_ram(rig->machine, PLACE, &word, 8);
    assert_true(word >= 0x10000);
    go(rig, 400000);
    go(rig, 1399999);
    expect_range(rig, 0, 1400000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_history_nothing_is_kept),
        TEST(it_begins_once_and_ends),
        TEST(the_host_is_not_asked_in_the_past),
        TEST(changes_are_refused_in_the_past_and_made_again),
        TEST(a_change_at_the_end_is_at_the_end),
        TEST(nothing_changes_in_front_of_a_change),
        TEST(who_records_keeps_the_future),
        TEST(a_breakpoint_makes_no_other_run),
        TEST(memory_is_bounded),
        TEST(no_way_is_longer_than_to_the_snapshot),
        TEST(a_branch_makes_another_future),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
