/*
 * Unit tests of dev/rtc.c: reading without tearing, setting, and the alarm.
 */
#include "dev/rtc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define EPOCH 1767225600ull
#define EPOCH_NS (EPOCH * 1000000000u)

struct rig {
    struct rtc rtc;
    struct clock clock;
    bool line;
};

static void set_line(void *sink, unsigned number, bool level)
{
    ((struct rig *)sink)->line = level;
}

static int make(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct device_wiring wiring = {
        .irq = {set_line, rig, 11},
        .clock = &rig->clock,
        .epoch = EPOCH,
    };

    clock_init(&rig->clock);
    rtc_device.init(&rig->rtc, &wiring);
    rtc_device.reset(&rig->rtc);
    *state = rig;
    return 0;
}

static int drop(void **state)
{
    free(*state);
    return 0;
}

static u32 in(struct rig *rig, u64 offset)
{
    u64 value = 0;

    assert_true(rtc_device.ops->read(&rig->rtc, offset, 4, &value));
    return (u32)value;
}

static void out(struct rig *rig, u64 offset, u32 value)
{
    assert_true(rtc_device.ops->write(&rig->rtc, offset, 4, value));
}

static u64 now(struct rig *rig)
{
    u64 low = in(rig, 0x00);

    return (u64)in(rig, 0x04) << 32 | low;
}

static void set_alarm(struct rig *rig, u64 time)
{
    out(rig, 0x0c, (u32)(time >> 32));
    out(rig, 0x08, (u32)time);
}

static void starts_at_the_epoch_and_runs(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(now(rig), EPOCH_NS);
    clock_advance(&rig->clock, 123456789);
    assert_int_equal(now(rig), EPOCH_NS + 123456789);
}

static void the_upper_half_is_latched(void **state)
{
    struct rig *rig = *state;
    u64 to_carry = 0x100000000 - (u32)EPOCH_NS;
    u32 low, high;

    clock_advance(&rig->clock, to_carry - 1);
    low = in(rig, 0x00);
    clock_advance(&rig->clock, to_carry + 5);
    high = in(rig, 0x04);
    assert_int_equal((u64)high << 32 | low, EPOCH_NS + to_carry - 1);
}

static void can_be_set(void **state)
{
    struct rig *rig = *state;

    out(rig, 0x04, 0x11111111);
    out(rig, 0x00, 0x22222222);
    assert_int_equal(now(rig), 0x1111111122222222);
    clock_advance(&rig->clock, 1000);
    assert_int_equal(now(rig), 0x1111111122222222 + 1000);
    rtc_device.reset(&rig->rtc);
    assert_int_equal(now(rig), EPOCH_NS + 1000);
}

static void alarm_rings_once(void **state)
{
    struct rig *rig = *state;

    out(rig, 0x10, 1);
    set_alarm(rig, EPOCH_NS + 5000);
    assert_int_equal(in(rig, 0x18), 1);
    clock_advance(&rig->clock, 4999);
    assert_false(rig->line);
    clock_advance(&rig->clock, 5000);
    assert_true(rig->line);
    assert_int_equal(in(rig, 0x18), 0);
    out(rig, 0x1c, 1);
    assert_false(rig->line);
    clock_advance(&rig->clock, 100000);
    assert_false(rig->line);
}

static void alarm_in_the_past_rings_at_once(void **state)
{
    struct rig *rig = *state;

    set_alarm(rig, 1);
    assert_false(rig->line); /* not enabled */
    out(rig, 0x10, 1);
    assert_true(rig->line);
}

static void alarm_can_be_stopped(void **state)
{
    struct rig *rig = *state;

    out(rig, 0x10, 1);
    set_alarm(rig, EPOCH_NS + 5000);
    out(rig, 0x14, 1);
    assert_int_equal(in(rig, 0x18), 0);
    clock_advance(&rig->clock, 10000);
    assert_false(rig->line);
}

static void only_words_are_served(void **state)
{
    struct rig *rig = *state;
    u64 value;

    assert_false(rtc_device.ops->read(&rig->rtc, 0, 8, &value));
    assert_false(rtc_device.ops->write(&rig->rtc, 0, 1, 0));
    assert_int_equal(in(rig, 0x20), 0);
    out(rig, 0xffc, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(starts_at_the_epoch_and_runs),
        TEST(the_upper_half_is_latched),
        TEST(can_be_set),
        TEST(alarm_rings_once),
        TEST(alarm_in_the_past_rings_at_once),
        TEST(alarm_can_be_stopped),
        TEST(only_words_are_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
