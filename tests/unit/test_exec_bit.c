/*
 * Unit tests of the bit-manipulation bodies (emu/hart/interp/exec_bit.h)
 * against loops over single bits, written from the specification's
 * descriptions. The random programs of tests/isa compare them with QEMU; here
 * stands what QEMU 7.2 gets wrong (ctzw of a zero word) and every bit position.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hart/interp/exec_bit.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define RD 3

static const u64 values[] = {
    0,
    1,
    2,
    0x80,
    0x8000,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0x100000000,
    0x8000000000000000,
    0x8000000080000000,
    0x7fffffffffffffff,
    0xffffffffffffffff,
    0xffffffff00000000,
    0x0123456789abcdef,
    0x00ff00000000ff00,
    0xdeadbeef00000001,
};

typedef bool body_fn(struct hart *h, const struct insn *in);

static u64 run(body_fn *body, u64 a, u64 b, i32 immediate)
{
    static const struct insn shape = {.rd = RD, .rs1 = 1, .rs2 = 2, .len = 4};
    struct hart *h = test_calloc(1, sizeof(*h));
    struct insn in = shape;
    u64 result;

    in.imm = immediate;
    h->s.x[1] = a;
    h->s.x[2] = b;
    assert_true(body(h, &in));
    result = h->s.x[RD];
    test_free(h);
    return result;
}

static u64 leading_zeros(u64 value, unsigned width)
{
    u64 count = 0;

    while (count < width && !(value >> (width - 1 - count) & 1))
        count++;
    return count;
}

static u64 trailing_zeros(u64 value, unsigned width)
{
    u64 count = 0;

    while (count < width && !(value >> count & 1))
        count++;
    return count;
}

static u64 ones(u64 value, unsigned width)
{
    u64 count = 0;

    for (unsigned i = 0; i < width; i++)
        count += value >> i & 1;
    return count;
}

static void counts(void **state)
{
    for (unsigned i = 0; i < COUNT(values); i++) {
        u64 v = values[i];

        assert_int_equal(run(exec_clz, v, 0, 0), leading_zeros(v, 64));
        assert_int_equal(run(exec_ctz, v, 0, 0), trailing_zeros(v, 64));
        assert_int_equal(run(exec_cpop, v, 0, 0), ones(v, 64));
        assert_int_equal(run(exec_clzw, v, 0, 0), leading_zeros(v, 32));
        assert_int_equal(run(exec_ctzw, v, 0, 0), trailing_zeros(v, 32));
        assert_int_equal(run(exec_cpopw, v, 0, 0), ones(v, 32));
    }
}

/* One step to the right at a time. */
static u64 rotated(u64 value, unsigned amount, unsigned width)
{
    while (amount--)
        value = value >> 1 | (value & 1) << (width - 1);
    return value;
}

static void rotations(void **state)
{
    for (unsigned i = 0; i < COUNT(values); i++) {
        for (unsigned n = 0; n < 64; n++) {
            u64 v = values[i];
            u64 word = sext32(rotated((u32)v, n & 31, 32));

            assert_int_equal(run(exec_ror, v, n, 0), rotated(v, n, 64));
            assert_int_equal(run(exec_rori, v, 0, (i32)n), rotated(v, n, 64));
            assert_int_equal(run(exec_rol, rotated(v, n, 64), n, 0), v);
            assert_int_equal(run(exec_rorw, v, n, 0), word);
            assert_int_equal(run(exec_roriw, v, 0, (i32)(n & 31)), word);
            assert_int_equal(run(exec_rolw, word, n, 0), sext32(v));
        }
    }
}

static void single_bits(void **state)
{
    for (unsigned i = 0; i < COUNT(values); i++) {
        for (unsigned n = 0; n < 64; n++) {
            u64 v = values[i], mask = 1ull << n;

            assert_int_equal(run(exec_bset, v, n + 64, 0), v | mask);
            assert_int_equal(run(exec_bseti, v, 0, (i32)n), v | mask);
            assert_int_equal(run(exec_bclr, v, n + 64, 0), v & ~mask);
            assert_int_equal(run(exec_bclri, v, 0, (i32)n), v & ~mask);
            assert_int_equal(run(exec_binv, v, n + 64, 0), v ^ mask);
            assert_int_equal(run(exec_binvi, v, 0, (i32)n), v ^ mask);
            assert_int_equal(run(exec_bext, v, n + 64, 0), (v & mask) != 0);
            assert_int_equal(run(exec_bexti, v, 0, (i32)n), (v & mask) != 0);
        }
    }
}

/* Bit n of a product without carries is the parity of the pairs that meet
 * there. */
static u64 product_bits(u64 a, u64 b, unsigned from)
{
    u64 result = 0;

    for (unsigned n = from; n < from + 64; n++) {
        u64 parity = 0;

        for (unsigned i = n > 63 ? n - 63 : 0; i <= n && i < 64; i++)
            parity ^= (a >> i & 1) & (b >> (n - i) & 1);
        result |= parity << (n - from);
    }
    return result;
}

static void products(void **state)
{
    for (unsigned i = 0; i < COUNT(values); i++) {
        for (unsigned j = 0; j < COUNT(values); j++) {
            u64 a = values[i], b = values[j];

            assert_int_equal(run(exec_clmul, a, b, 0), product_bits(a, b, 0));
            assert_int_equal(run(exec_clmulr, a, b, 0), product_bits(a, b, 63));
            assert_int_equal(run(exec_clmulh, a, b, 0), product_bits(a, b, 64));
        }
    }
}

static void bytes(void **state)
{
    for (unsigned i = 0; i < COUNT(values); i++) {
        u64 v = values[i], reversed = 0, combined = 0;

        for (unsigned n = 0; n < 64; n += 8) {
            reversed |= (v >> n & 0xff) << (56 - n);
            combined |= v >> n & 0xff ? 0xffull << n : 0;
        }
        assert_int_equal(run(exec_rev8, v, 0, 0), reversed);
        assert_int_equal(run(exec_orc_b, v, 0, 0), combined);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),      cmocka_unit_test(rotations),
        cmocka_unit_test(single_bits), cmocka_unit_test(products),
        cmocka_unit_test(bytes),
    };

    return cmocka_run_group_tests_name("exec_bit", tests, NULL, NULL);
}
