/*
 * Unit tests of dev/syscon.c and dev/rom.c, the two devices without state.
 */
#include "dev/syscon.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "dev/rom.h"

struct stops {
    unsigned count;
    enum syscon_stop how;
    unsigned code;
};

static void stop(void *host, enum syscon_stop how, unsigned code)
{
    struct stops *stops = host;

    stops->count++;
    stops->how = how;
    stops->code = code;
}

static void finishes(void **state)
{
    struct stops stops = {0};
    struct syscon syscon = {{stop, &stops}};

    assert_true(syscon_device.ops->write(&syscon, 0, 4, 0x5555));
    assert_int_equal(stops.how, SYSCON_PASS);
    assert_true(syscon_device.ops->write(&syscon, 0, 4, 0x1233333));
    assert_int_equal(stops.how, SYSCON_FAIL);
    assert_int_equal(stops.code, 0x123);
    assert_true(syscon_device.ops->write(&syscon, 0, 2, 0x7777));
    assert_int_equal(stops.how, SYSCON_RESET);
    assert_int_equal(stops.count, 3);
}

static void other_writes_do_nothing(void **state)
{
    struct stops stops = {0};
    struct syscon syscon = {{stop, &stops}};
    u64 value = 1;

    assert_true(syscon_device.ops->write(&syscon, 0, 4, 0x1234));
    assert_true(syscon_device.ops->write(&syscon, 4, 4, 0x5555));
    assert_false(syscon_device.ops->write(&syscon, 0, 1, 0x55));
    assert_false(syscon_device.ops->write(&syscon, 0, 8, 0x5555));
    assert_true(syscon_device.ops->read(&syscon, 0, 4, &value));
    assert_int_equal(value, 0);
    assert_int_equal(stops.count, 0);
}

static void rom_reads_bytes_then_zeros(void **state)
{
    struct rom rom = {.s.bytes = {1, 2, 3, 4, 5, 6, 7, 8}};
    u64 value;

    rom.s.bytes[ROM_BYTES - 1] = 0x99;
    assert_true(rom_device.ops->read(&rom, 0, 8, &value));
    assert_int_equal(value, 0x0807060504030201);
    assert_true(rom_device.ops->read(&rom, 2, 2, &value));
    assert_int_equal(value, 0x0403);
    assert_true(rom_device.ops->read(&rom, ROM_BYTES - 1, 1, &value));
    assert_int_equal(value, 0x99);
    assert_true(rom_device.ops->read(&rom, ROM_BYTES, 8, &value));
    assert_int_equal(value, 0);
    assert_null(rom_device.ops->write);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finishes),
        cmocka_unit_test(other_writes_do_nothing),
        cmocka_unit_test(rom_reads_bytes_then_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
