/*
 * Unit tests of the CSRs (emu/hart/system/csr.c), against tables written from
 * the privileged specification 1.13: which numbers exist, who may read and
 * write them, and what each bit of each register keeps of what is written, one
 * bit at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hart/system/csr.h"
#include "hart/system/interrupts.h"
#include "hart_bench.h"

#define ALL (~0ull)
#define BIT(n) (1ull << (n))
#define LCOFI BIT(13)
#define SI (BIT(1) | BIT(5) | BIT(9) | LCOFI) /* SSI STI SEI LCOFI */
#define MI (BIT(3) | BIT(7) | BIT(11))        /* MSI MTI MEI */

/* mstatus: SIE MIE SPIE MPIE SPP FS MPRV SUM MXR TVM TW TSR; MPP by itself. */
#define MSTATUS_BITS                                                     \
    (BIT(1) | BIT(3) | BIT(5) | BIT(7) | BIT(8) | 3ull << 13 | BIT(17) | \
     BIT(18) | BIT(19) | BIT(20) | BIT(21) | BIT(22))
#define SSTATUS_BITS (BIT(1) | BIT(5) | BIT(8) | 3ull << 13 | BIT(18) | BIT(19))

/* What csrs.c tries on emu and on QEMU, tried here where no program runs. */
#define SSI BIT(1)
#define SUPERVISOR SI
#define MACHINE MI
#define TM BIT(1)
#define REAL_COUNTERS 0x7fffdull
#define MISA (2ull << 62 | 0x14112f) /* ABCDFIMSU */

static const struct row {
    u64 writable, fixed;
    unsigned first, last, step;
    bool plain; /* keeps what is written: outside `writable` it is `fixed` */
} rows[] = {
#define CSR(number, text, mask, rest) {mask, rest, number, number, 1, true},
#define ODD(number, text) {0, 0, number, number, 1, false},
#define CSRS(from, to, by, text, mask, rest) {mask, rest, from, to, by, true},
#define ODDS(from, to, by, text) {0, 0, from, to, by, false},
#define RANGE(from, to, by) {0, 0, from, to, by, false},
#include "../baremetal/csrs.def"
};
#define ROWS (sizeof(rows) / sizeof(*rows))

static u64 read_csr(struct bench *b, unsigned number)
{
    u64 value;

    assert_true(bench_csr_read(b, number, &value));
    return value;
}

static u64 written(struct bench *b, unsigned number, u64 value)
{
    assert_true(bench_csr_write(b, number, value));
    return read_csr(b, number);
}

/* FS on, S interrupts delegated, counters standing still. */
static void prepare(struct bench *b)
{
    assert_true(bench_csr_write(b, 0x300, 3ull << 13));
    assert_true(bench_csr_write(b, 0x303, SI));
    assert_true(bench_csr_write(b, 0x320, ALL));
}

static void expect_bits(struct bench *b, const struct row *row, unsigned number,
                        u64 value)
{
    u64 want = (value & row->writable) | row->fixed;
    u64 got = written(b, number, value);

    if (got != want)
        fail_msg("CSR %#x: %#lx reads back as %#lx, should be %#lx", number,
                 value, got, want);
}

static void try_bits(struct bench *b, const struct row *row, unsigned number)
{
    prepare(b);
    for (unsigned n = 0; n < 64; n++) {
        if (number == 0x320) /* it holds the counters still */
            prepare(b);
        expect_bits(b, row, number, BIT(n));
        expect_bits(b, row, number, ~BIT(n));
    }
    expect_bits(b, row, number, ALL);
    expect_bits(b, row, number, 0);
}

/* Each bit set alone, each cleared alone, all and none. */
static void every_bit_keeps_what_it_may(void **state)
{
    struct bench *b = *state;

    for (unsigned i = 0; i < ROWS; i++)
        for (unsigned n = rows[i].first; n <= rows[i].last; n += rows[i].step)
            if (rows[i].plain)
                try_bits(b, &rows[i], n);
}

/* FIOM, CBCFE, CBZE; in menvcfg also ADUE, PBMTE, STCE. CBIE is never 2: the
 * field stays as it was. */
static void environments_keep_legal_values(void **state)
{
    static const u64 plain[] = {
        1 | BIT(6) | BIT(7), 1 | BIT(6) | BIT(7) | BIT(61) | BIT(62) | BIT(63)};
    static const unsigned numbers[] = {0x10a, 0x30a};
    struct bench *b = *state;

    for (unsigned i = 0; i < 2; i++) {
        u64 cbie = written(b, numbers[i], 0) & BIT(4);

        for (unsigned n = 0; n <= 129; n++) {
            u64 value = n < 64 ? BIT(n) : n < 128 ? ~BIT(n - 64) : 0x20;
            u64 asked = value & 3 << 4;

            cbie = asked == 2 << 4 ? cbie : asked;
            assert_int_equal(written(b, numbers[i], value),
                             (value & plain[i]) | cbie);
        }
    }
}

/* mhpmevent: OF, MINH, SINH, UINH, and an event that there is, or none. */
static void event_selectors_keep_events(void **state)
{
    static const u64 events[] = {1, 2, 0x10019, 0x1001b, 0x10021};
    struct bench *b = *state;
    u64 controls = 15ull << 60;

    for (unsigned n = 0x323; n <= 0x332; n++) {
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(written(b, n, events[i]), events[i]);
            assert_int_equal(written(b, n, events[i] | controls),
                             events[i] | controls);
            assert_int_equal(written(b, n, events[i] | BIT(40)), 0);
        }
        for (u64 raw = 0x100; raw <= 0x10a; raw++)
            assert_int_equal(written(b, n, raw), raw);
        assert_int_equal(written(b, n, 0x10b), 0);
        assert_int_equal(written(b, n, ALL), controls);
        for (unsigned bit = 56; bit < 64; bit++)
            assert_int_equal(written(b, n, BIT(bit)), BIT(bit) & controls);
    }
}

/* UXL and SXL are 2, SD says FS is Dirty, MPP is never 2. */
static void status_registers_keep_legal_values(void **state)
{
    struct bench *b = *state;
    u64 mpp = 0;

    for (unsigned n = 0; n <= 128; n++) {
        u64 value = n < 64 ? BIT(n) : n < 128 ? ~BIT(n - 64) : 0;
        u64 fs = value >> 13 & 3;
        u64 want =
            (value & MSTATUS_BITS) | 10ull << 32 | (fs == 3 ? BIT(63) : 0);

        if ((value >> 11 & 3) != 2) /* else the old one stays */
            mpp = value & 3ull << 11;
        assert_int_equal(written(b, 0x300, value), want | mpp);
        assert_int_equal(read_csr(b, 0x100),
                         (want & SSTATUS_BITS) | 2ull << 32 | (want & BIT(63)));
    }
}

/* sstatus is a window: what it cannot see, it does not touch. */
static void sstatus_writes_its_own_bits(void **state)
{
    struct bench *b = *state;

    for (unsigned n = 0; n < 64; n++) {
        u64 hidden = MSTATUS_BITS & ~SSTATUS_BITS;
        u64 fs = BIT(n) >> 13 & 3;

        assert_true(bench_csr_write(b, 0x300, ALL));
        assert_true(bench_csr_write(b, 0x100, BIT(n)));
        assert_int_equal(read_csr(b, 0x300), hidden | 3ull << 11 | 10ull << 32 |
                                                 (BIT(n) & SSTATUS_BITS) |
                                                 (fs == 3 ? BIT(63) : 0));
    }
}

/* Direct and vectored; modes 2 and 3 are reserved. */
static void trap_vectors_have_two_modes(void **state)
{
    static const unsigned number[] = {0x305, 0x105};
    struct bench *b = *state;
    u64 got;

    for (unsigned i = 0; i < 2; i++)
        for (unsigned n = 2; n < 64; n++)
            for (unsigned mode = 0; mode < 4; mode++) {
                bench_csr_write(b, number[i], 0x1000);
                got = written(b, number[i], BIT(n) | mode);
                if (mode < 2)
                    assert_int_equal(got, BIT(n) | mode);
                else
                    assert_true((got & 3) < 2);
            }
}

/* All 16 modes; one that does not exist makes the whole write void. */
static void satp_takes_existing_modes_only(void **state)
{
    struct bench *b = *state;
    u64 before = 8ull << 60 | 5ull << 44 | 0x12345;

    for (u64 mode = 0; mode < 16; mode++) {
        bool exists = mode == 0 || (mode >= 8 && mode <= 10);
        u64 value = mode << 60 | 0xffffull << 44 | 0xfffffffffff;

        assert_int_equal(written(b, 0x180, before), before);
        assert_int_equal(written(b, 0x180, value), exists ? value : before);
    }
    for (unsigned n = 0; n < 60; n++)
        assert_int_equal(written(b, 0x180, 8ull << 60 | BIT(n)),
                         8ull << 60 | BIT(n));
}

/* sie, sip: bits that are not delegated read 0 and are not written. */
static void sie_and_sip_see_what_is_delegated(void **state)
{
    struct bench *b = *state;

    for (u64 n = 1; n <= 13; n += 4) {
        u64 kept = n == 1 || n == 13 ? SI & ~BIT(n) : SI;

        bench_csr_write(b, 0x303, BIT(n));
        bench_csr_write(b, 0x304, SI | MI);
        assert_int_equal(read_csr(b, 0x104), BIT(n));
        bench_csr_write(b, 0x104, 0);
        assert_int_equal(read_csr(b, 0x304), (SI | MI) & ~BIT(n));
        bench_csr_write(b, 0x344, SI);
        assert_int_equal(read_csr(b, 0x144), BIT(n));
        bench_csr_write(b, 0x144, 0);
        assert_int_equal(read_csr(b, 0x344), kept);
    }
}

/* Wires are read in mip and never written; SEIP is the OR of a bit and its
 * wire, and setting another bit does not store the wire. */
static void wires_are_not_written(void **state)
{
    struct bench *b = *state;
    struct insn set = {.op = OP_csrrs, .rd = 5, .len = 4, .imm = 0x344};
    struct block *block = b->hart.c.single;

    interrupts_drive(&b->hart, INT_MEI, true);
    interrupts_drive(&b->hart, INT_MTI, true);
    interrupts_drive(&b->hart, INT_MSI, true);
    assert_int_equal(written(b, 0x344, 0), MI);
    assert_int_equal(written(b, 0x344, SI), MI | SI);
    bench_csr_write(b, 0x344, 0);
    interrupts_drive(&b->hart, INT_SEI, true);
    assert_int_equal(read_csr(b, 0x344), MI | BIT(9));
    block->insn[0] = set;
    block->count = 1;
    b->hart.c.block = block;
    csr_access(&b->hart, &block->insn[0], CSR_SET, BIT(1), true, true);
    interrupts_drive(&b->hart, INT_SEI, false);
    assert_int_equal(read_csr(b, 0x344), MI | BIT(1));
}

/* With STCE the comparison drives STIP, whatever is written. */
static void stimecmp_drives_stip(void **state)
{
    struct bench *b = *state;

    b->time = 100;
    bench_csr_write(b, 0x30a, BIT(63));
    bench_csr_write(b, 0x14d, 101);
    assert_int_equal(written(b, 0x344, SI), BIT(1) | BIT(9) | LCOFI);
    assert_int_equal(clock_due(&b->clock, b->hart.w.stimer),
                     100); /* a tick from now */
    bench_csr_write(b, 0x14d, 100);
    assert_int_equal(written(b, 0x344, 0), BIT(5));
    bench_csr_write(b, 0x14d, ALL);
    assert_int_equal(read_csr(b, 0x344), 0);
}

/* Which of the 4096 numbers a hart of this kind has. */
static bool exists(unsigned n)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (n >= rows[i].first && n <= rows[i].last &&
            (n - rows[i].first) % rows[i].step == 0)
            return true;
    return false;
}

/* Privilege in bits 9..8 and read-only in 11..10, in each mode. */
static void numbers_say_who_may(void **state)
{
    static const unsigned privs[] = {PRIV_U, PRIV_S, PRIV_M};
    struct bench *b = *state;
    u64 value;

    for (unsigned i = 0; i < 3; i++)
        for (unsigned n = 0; n < 4096; n++) {
            bool may = exists(n) && (n >> 8 & 3) <= privs[i];
            bool fine;

            prepare(b);
            bench_csr_write(b, 0x306, ALL);
            bench_csr_write(b, 0x106, ALL);
            bench_csr_write(b, 0x30a, BIT(63));
            bench_open_pmp(b);
            b->hart.s.priv = (u8)privs[i];
            fine = may;
            if (n >= 0xc13 && n <= 0xc1f) /* their enable bits are 0 */
                fine = may && privs[i] == PRIV_M;
            if (bench_csr_read(b, n, &value) != fine)
                fail_msg("reading CSR %#x in mode %u", n, privs[i]);
            if (bench_csr_write(b, n, 0) != (fine && n >> 10 != 3))
                fail_msg("writing CSR %#x in mode %u", n, privs[i]);
            b->hart.s.priv = PRIV_M;
        }
}

/* Each counter below M-mode by its own bits: both enables count for U. */
static void counters_are_enabled_one_by_one(void **state)
{
    struct bench *b = *state;
    u64 value;

    for (unsigned n = 0; n <= 18; n++)
        for (unsigned open = 0; open < 4; open++) {
            bool m = open & 1, s = open & 2;

            bench_csr_write(b, 0x306, m ? BIT(n) : ~BIT(n));
            bench_csr_write(b, 0x106, s ? BIT(n) : ~BIT(n));
            assert_true(bench_csr_read(b, 0xc00 + n, &value));
            b->hart.s.priv = PRIV_S;
            assert_int_equal(bench_csr_read(b, 0xc00 + n, &value), m);
            b->hart.s.priv = PRIV_U;
            assert_int_equal(bench_csr_read(b, 0xc00 + n, &value), m && s);
            b->hart.s.priv = PRIV_M;
        }
}

/* TVM closes satp, FS=Off the FP registers to all, STCE and TM stimecmp. */
static void fields_close_registers(void **state)
{
    struct bench *b = *state;
    u64 value;

    b->hart.s.priv = PRIV_S;
    b->hart.s.csr.mstatus |= MSTATUS_TVM;
    assert_false(bench_csr_read(b, 0x180, &value));
    assert_false(bench_csr_write(b, 0x180, 0));
    b->hart.s.priv = PRIV_M;
    assert_true(bench_csr_read(b, 0x180, &value));
    for (unsigned fs = 0; fs < 4; fs++)
        for (unsigned n = 1; n <= 3; n++) {
            bench_csr_write(b, 0x300, (u64)fs << 13);
            assert_int_equal(bench_csr_read(b, n, &value), fs != 0);
            assert_int_equal(bench_csr_write(b, n, 0), fs != 0);
        }
    for (unsigned i = 0; i < 4; i++) {
        bench_csr_write(b, 0x30a, i & 1 ? BIT(63) : 0);
        bench_csr_write(b, 0x306, i & 2 ? BIT(1) : 0);
        assert_true(bench_csr_read(b, 0x14d, &value));
        b->hart.s.priv = PRIV_S;
        assert_int_equal(bench_csr_read(b, 0x14d, &value), i == 3);
        b->hart.s.priv = PRIV_M;
    }
}

/* fflags, frm and fcsr are one register; writing any of it makes FS Dirty. */
static void fcsr_is_both_halves(void **state)
{
    struct bench *b = *state;

    for (unsigned n = 1; n <= 3; n++) {
        bench_csr_write(b, 0x300, 1ull << 13);
        bench_csr_write(b, n, 0);
        assert_int_equal(read_csr(b, 0x300) >> 13 & 3, 3);
    }
    for (u64 value = 0; value < 256; value++) {
        bench_csr_write(b, 3, value);
        assert_int_equal(read_csr(b, 1), value & 0x1f);
        assert_int_equal(read_csr(b, 2), value >> 5);
        bench_csr_write(b, 3, 0);
        bench_csr_write(b, 1, value);
        bench_csr_write(b, 2, value >> 5);
        assert_int_equal(read_csr(b, 3), value);
    }
}

static void reset_values(void **state)
{
    struct bench *b = *state;

    bench_csr_write(b, 0x300, ALL);
    bench_csr_write(b, 0x30a, ALL);
    hart_reset(&b->hart, BENCH_RAM);
    assert_int_equal(b->hart.s.priv, PRIV_M);
    assert_int_equal(read_csr(b, 0x300) & (BIT(3) | BIT(17)), 0);
    assert_int_equal(read_csr(b, 0x30a), BIT(61) | BIT(62));
    assert_int_equal(read_csr(b, 0x180), 0);
    assert_int_equal(read_csr(b, 0x342), 0);
    b->hart.w.isa |= EXT_SET(SVADE);
    hart_reset(&b->hart, BENCH_RAM);
    assert_int_equal(read_csr(b, 0x30a), BIT(62));
}

/* What an extension brings is gone with it: whole CSRs, and fields, which are
 * then read-only zero. Nothing else changes. */
static void absent_extensions_take_what_is_theirs(void **state)
{
    static const struct {
        u64 ext;
        unsigned number;
        u64 field; /* 0: the CSR itself */
    } table[] = {
        {EXT_SET(F), 0x001, 0},
        {EXT_SET(F), 0x003, 0},
        {EXT_SET(F), 0x300, 3ull << 13},
        {EXT_SET(F), 0x100, 3ull << 13},
        {EXT_SET(SSTC), 0x14d, 0},
        {EXT_SET(SSTC), 0x30a, BIT(63)},
        {EXT_SET(ZICNTR), 0xc00, 0},
        {EXT_SET(ZICNTR), 0xc01, 0},
        {EXT_SET(ZICNTR), 0xc02, 0},
        {EXT_SET(ZIHPM), 0xc03, 0},
        {EXT_SET(ZIHPM), 0xc1f, 0},
        {EXT_SET(PMP), 0x3a0, 0},
        {EXT_SET(PMP), 0x3ae, 0},
        {EXT_SET(PMP), 0x3b0, 0},
        {EXT_SET(PMP), 0x3ef, 0},
        {EXT_SET(ZICBOM), 0x30a, 7ull << 4},
        {EXT_SET(ZICBOM), 0x10a, 7ull << 4},
        {EXT_SET(ZICBOZ), 0x30a, BIT(7)},
        {EXT_SET(ZICBOZ), 0x10a, BIT(7)},
        {EXT_SET(SVPBMT), 0x30a, BIT(62)},
        {EXT_SET(SVADU), 0x30a, BIT(61)},
        {EXT_SET(ZCA), 0x341, BIT(1)},
        {EXT_SET(ZCA), 0x141, BIT(1)},
    };
    struct bench *b = *state;

    for (unsigned i = 0; i < sizeof(table) / sizeof(*table); i++) {
        u64 all = 0, value;

        b->hart.w.isa = EXT_DEFAULT;
        hart_reset(&b->hart, BENCH_RAM);
        bench_csr_write(b, 0x300, 3ull << 13);
        assert_true(bench_csr_read(b, table[i].number, &value));
        if (table[i].field)
            all = written(b, table[i].number, ALL);
        b->hart.w.isa = EXT_DEFAULT & ~table[i].ext;
        hart_reset(&b->hart, BENCH_RAM);
        bench_csr_write(b, 0x300, 3ull << 13);
        assert_int_equal(bench_csr_read(b, table[i].number, &value),
                         table[i].field != 0);
        if (!table[i].field)
            continue;
        assert_int_equal(all & table[i].field, table[i].field);
        assert_int_equal(value & table[i].field, 0);
        value = written(b, table[i].number, ALL);
        assert_int_equal(value & ~BIT(63), all & ~table[i].field & ~BIT(63));
    }
}

/* With no PMP, nothing is forbidden. */
static void without_pmp_everything_is_open(void **state)
{
    struct bench *b = *state;
    u64 value;

    b->hart.w.isa = EXT_DEFAULT & ~EXT_SET(PMP);
    hart_reset(&b->hart, BENCH_RAM);
    bench_set_mode(b, PRIV_U, 0);
    assert_true(bench_access_store(b, BENCH_RAM, 8, 1));
    assert_true(
        bench_access_load(b, BENCH_RAM + BENCH_RAM_SIZE - 8, 8, &value));
}

static void satp_has_the_modes_of_its_extensions(void **state)
{
    struct bench *b = *state;

    for (u64 modes = 0; modes < 4; modes++) { /* how many of the three */
        b->hart.w.isa = EXT_DEFAULT & ~(7ull << EXT_SV39);
        b->hart.w.isa |= ((1ull << modes) - 1) << EXT_SV39;
        for (u64 mode = 8; mode <= 10; mode++) {
            written(b, 0x180, 0);
            assert_int_equal(written(b, 0x180, mode << 60 | 1),
                             mode - 8 < modes ? mode << 60 | 1 : 0);
        }
    }
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_bit_keeps_what_it_may),
        TEST(environments_keep_legal_values),
        TEST(event_selectors_keep_events),
        TEST(status_registers_keep_legal_values),
        TEST(sstatus_writes_its_own_bits),
        TEST(trap_vectors_have_two_modes),
        TEST(satp_takes_existing_modes_only),
        TEST(sie_and_sip_see_what_is_delegated),
        TEST(wires_are_not_written),
        TEST(stimecmp_drives_stip),
        TEST(numbers_say_who_may),
        TEST(counters_are_enabled_one_by_one),
        TEST(fields_close_registers),
        TEST(fcsr_is_both_halves),
        TEST(reset_values),
        TEST(absent_extensions_take_what_is_theirs),
        TEST(without_pmp_everything_is_open),
        TEST(satp_has_the_modes_of_its_extensions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
