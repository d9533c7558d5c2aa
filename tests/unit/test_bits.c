/*
 * Unit tests of base/bits.h: fields, sign extension, alignment, and loads
 * from unaligned host memory, at the edges of their widths.
 */
#include "base/bits.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void fields_take_inclusive_bounds(void **state)
{
    assert_int_equal(bits(0xfedcba9876543210, 63, 0), 0xfedcba9876543210);
    assert_int_equal(bits(0xfedcba9876543210, 63, 60), 0xf);
    assert_int_equal(bits(0xfedcba9876543210, 7, 4), 1);
    assert_int_equal(bits(0x80, 7, 7), 1);
    assert_int_equal(bit(1ull << 63, 63), 1);
    assert_int_equal(bit(1ull << 63, 62), 0);
}

static void sign_extension_copies_the_top_bit(void **state)
{
    assert_int_equal(sext(0x800, 12), 0xfffffffffffff800);
    assert_int_equal(sext(0x7ff, 12), 0x7ff);
    assert_int_equal(sext(0xf000, 12), 0);
    assert_int_equal(sext(1, 1), ~0ull);
    assert_int_equal(sext(1ull << 63, 64), 1ull << 63);
    assert_int_equal(sext32(0x80000000), 0xffffffff80000000);
    assert_int_equal(sext32(0xffffffff7fffffff), 0x7fffffff);
}

static void alignment_keeps_what_is_aligned(void **state)
{
    assert_int_equal(align_down(0x1fff, 0x1000), 0x1000);
    assert_int_equal(align_down(0x1000, 0x1000), 0x1000);
    assert_int_equal(align_up(0x1001, 0x1000), 0x2000);
    assert_int_equal(align_up(0x1000, 0x1000), 0x1000);
    assert_int_equal(align_up(0, 0x1000), 0);
}

static void loads_are_little_endian_at_any_alignment(void **state)
{
    const u8 host[] = {0xff, 0x10, 0x32, 0x54, 0xf6};

    assert_int_equal(load_le16(host + 1), 0x3210);
    assert_int_equal(load_le32(host + 1), 0xf6543210);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_take_inclusive_bounds),
        cmocka_unit_test(sign_extension_copies_the_top_bit),
        cmocka_unit_test(alignment_keeps_what_is_aligned),
        cmocka_unit_test(loads_are_little_endian_at_any_alignment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
