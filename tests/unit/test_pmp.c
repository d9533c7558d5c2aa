/*
 * Unit tests of physical memory protection (emu/hart/lookup/pmp.c): matching
 * against a model that looks at each byte by itself, locking, legal values, and
 * the way accesses, page walks and the small arrays respect ranges that are not
 * whole pages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart_bench.h"
#include "isa/csr.h"

#define R PMP_R
#define W PMP_W
#define X PMP_X
#define L PMP_L
#define TOR 0x08u
#define NA4 0x10u
#define NAPOT 0x18u

/* Whether entry i matches the byte at pa: the specification's table of the
 * A field, for one byte. */
static bool model_matches(const struct pmp *p, unsigned i, u64 pa)
{
    u64 addr = p->s.addr[i], size = 8;

    switch (p->s.cfg[i] & NAPOT) {
    case TOR: return pa < addr << 2 && pa >= (i ? p->s.addr[i - 1] << 2 : 0);
    case NA4: return pa >> 2 == addr;
    case NAPOT:
        for (; addr & 1; addr >>= 1)
            size *= 2;
        return pa / size == (p->s.addr[i] << 2) / size;
    default: return false;
    }
}

/* The lowest-numbered entry that matches any byte must match all of them. */
static bool model_allows(const struct pmp *p, u64 pa, unsigned size,
                         unsigned need, unsigned priv)
{
    for (unsigned i = 0; i < PMP_ENTRIES; i++) {
        unsigned bytes = 0;

        for (unsigned k = 0; k < size; k++)
            bytes += model_matches(p, i, pa + k);
        if (!bytes)
            continue;
        if (bytes < size)
            return false;
        return (priv == PRIV_M && !(p->s.cfg[i] & L)) ||
               (p->s.cfg[i] & need) == need;
    }
    return priv == PRIV_M;
}

static u64 roll(u64 *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Entries that crowd 256 bytes, so that they overlap and straddle. */
static void crowd(struct pmp *p, u64 *dice)
{
    pmp_reset(p, true);
    for (unsigned i = 0; i < PMP_ENTRIES; i++) {
        u64 addr = (BENCH_RAM >> 2) + (roll(dice) & 63);

        if (roll(dice) & 1) /* some trailing ones */
            addr |= (1ull << (roll(dice) % 7)) - 1;
        pmp_write_addr(p, i, addr);
    }
    for (unsigned i = 0; i < PMP_ENTRIES; i += 8)
        pmp_write_cfg(p, i, roll(dice) & 0x9f9f9f9f9f9f9f9f & roll(dice));
}

static void matching_agrees_with_the_model(void **state)
{
    u64 dice = 0x123456789abcdef;
    struct pmp p;

    for (unsigned round = 0; round < 4000; round++) {
        crowd(&p, &dice);
        for (unsigned k = 0; k < 64; k++) {
            u64 pa = BENCH_RAM - 16 + (roll(&dice) % 320);
            unsigned size = 1u << (roll(&dice) & 3);
            unsigned need = 1u << (roll(&dice) % 3);
            unsigned priv = k & 1 ? PRIV_M : k & 2 ? PRIV_S : PRIV_U;

            assert_int_equal(pmp_allows(&p, pa, size, need, priv),
                             model_allows(&p, pa, size, need, priv));
        }
    }
}

/* Each size of NAPOT there is, at both of its ends. */
static void napot_sizes(void **state)
{
    struct pmp p;

    for (unsigned ones = 0; ones <= 54; ones++) {
        u64 size = 8ull << ones, base = ones < 51 ? 1ull << 54 : 0;

        pmp_reset(&p, true);
        pmp_write_addr(&p, 3, base >> 2 | ((1ull << ones) - 1));
        pmp_write_cfg(&p, 0, (u64)(NAPOT | R) << 24);
        assert_true(pmp_allows(&p, base, 1, R, PRIV_S));
        assert_true(pmp_allows(&p, base + size - 1, 1, R, PRIV_S));
        assert_false(pmp_allows(&p, base, 1, W, PRIV_S));
        if (size < 1ull << 56) {
            assert_false(pmp_allows(&p, base + size, 1, R, PRIV_S));
            assert_false(pmp_allows(&p, base + size - 1, 2, R, PRIV_S));
        }
        if (base) {
            assert_false(pmp_allows(&p, base - 1, 1, R, PRIV_S));
            assert_false(pmp_allows(&p, base - 1, 2, R, PRIV_S));
        }
    }
}

static void tor_begins_where_the_entry_before_ends(void **state)
{
    struct pmp p;

    pmp_reset(&p, true);
    pmp_write_addr(&p, 0, 0x1000 >> 2);
    pmp_write_addr(&p, 1, 0x2000 >> 2);
    pmp_write_addr(&p, 2, 0x1800 >> 2); /* below: matches nothing */
    pmp_write_addr(&p, 3, 0x1800 >> 2); /* empty: matches nothing */
    pmp_write_cfg(&p, 0,
                  (TOR | X) | (TOR | R | W) << 8 | (TOR | X) << 16 |
                      (u64)(TOR | X) << 24);
    assert_true(pmp_allows(&p, 0, 8, X, PRIV_U)); /* entry 0 begins at 0 */
    assert_true(pmp_allows(&p, 0xfff, 1, X, PRIV_U));
    assert_true(pmp_allows(&p, 0x1000, 8, W, PRIV_U));
    assert_false(pmp_allows(&p, 0x1000, 8, X, PRIV_U));
    assert_false(pmp_allows(&p, 0xffc, 8, R, PRIV_U)); /* in both */
    assert_false(pmp_allows(&p, 0xffc, 8, R, PRIV_M));
    assert_false(pmp_allows(&p, 0x2000, 4, X, PRIV_U));
    assert_false(pmp_allows(&p, 0x1800, 4, X, PRIV_U));
}

static void no_match_is_for_m_mode_only(void **state)
{
    struct pmp p;

    pmp_reset(&p, true);
    assert_true(pmp_allows(&p, BENCH_RAM, 8, R | W | X, PRIV_M));
    assert_false(pmp_allows(&p, BENCH_RAM, 8, R, PRIV_S));
    assert_false(pmp_allows(&p, BENCH_RAM, 8, R, PRIV_U));
}

/* Without L an entry binds S and U only; with L all. Every R, W, X. */
static void locked_entries_bind_m_mode(void **state)
{
    struct pmp p;

    for (unsigned rwx = 0; rwx < 8; rwx++) {
        if ((rwx & (R | W)) == W)
            continue; /* reserved */
        for (unsigned lock = 0; lock <= L; lock += L) {
            pmp_reset(&p, true);
            pmp_write_addr(&p, 0, BENCH_RAM >> 2);
            pmp_write_cfg(&p, 0, NA4 | rwx | lock);
            for (unsigned need = 1; need < 8; need++) {
                bool has = (rwx & need) == need;

                assert_int_equal(pmp_allows(&p, BENCH_RAM, 4, need, PRIV_S),
                                 has);
                assert_int_equal(pmp_allows(&p, BENCH_RAM, 4, need, PRIV_M),
                                 has || !lock);
            }
        }
    }
}

static u64 read_csr(struct bench *b, unsigned number)
{
    u64 value;

    assert_true(bench_csr_read(b, number, &value));
    return value;
}

/* A locked entry ignores writes to both of its registers until reset, and so
 * does the address that is the bottom of a locked TOR. */
static void locked_entries_keep_their_registers(void **state)
{
    struct bench *b = *state;

    pmp_reset(&b->hart.pmp, true);
    bench_csr_write(b, CSR_pmpaddr0, 0x100);
    bench_csr_write(b, CSR_pmpaddr1, 0x200);
    bench_csr_write(b, CSR_pmpaddr2, 0x300);
    bench_csr_write(b, CSR_pmpcfg0, (u64)(L | TOR | R) << 16 | NA4 << 8 | NA4);
    bench_csr_write(b, CSR_pmpaddr0, 0x111);
    bench_csr_write(b, CSR_pmpaddr1, 0x222); /* below a locked TOR */
    bench_csr_write(b, CSR_pmpaddr2, 0x333);
    bench_csr_write(b, CSR_pmpcfg0, 0);
    assert_int_equal(read_csr(b, CSR_pmpaddr0), 0x111);
    assert_int_equal(read_csr(b, CSR_pmpaddr1), 0x200);
    assert_int_equal(read_csr(b, CSR_pmpaddr2), 0x300);
    assert_int_equal(read_csr(b, CSR_pmpcfg0), (L | TOR | R) << 16);
    /* off and locked is locked as well; NAPOT leaves the one below alone */
    bench_csr_write(b, CSR_pmpcfg2, L | (u64)(L | NAPOT) << 16);
    bench_csr_write(b, CSR_pmpaddr8, 5);
    bench_csr_write(b, CSR_pmpaddr9, 6);
    bench_csr_write(b, CSR_pmpaddr10, 7);
    assert_int_equal(read_csr(b, CSR_pmpaddr8), 0);
    assert_int_equal(read_csr(b, CSR_pmpaddr9), 6);
    assert_int_equal(read_csr(b, CSR_pmpaddr10), 0);
    hart_reset(&b->hart, BENCH_RAM);
    assert_int_equal(read_csr(b, CSR_pmpcfg0), 0);
    assert_int_equal(read_csr(b, CSR_pmpcfg2), 0);
}

/* Bits 5 and 6 of a configuration are 0, the address has 54 bits, entries
 * from 16 on do not exist but their registers do. */
static void registers_keep_legal_values(void **state)
{
    struct bench *b = *state;
    u64 cfg;

    for (unsigned i = 0; i < 16; i++) {
        assert_true(bench_csr_write(b, CSR_pmpaddr0 + i, ~0ull));
        assert_int_equal(read_csr(b, CSR_pmpaddr0 + i), (1ull << 54) - 1);
    }
    for (unsigned i = 16; i < 64; i++) {
        assert_true(bench_csr_write(b, CSR_pmpaddr0 + i, ~0ull));
        assert_int_equal(read_csr(b, CSR_pmpaddr0 + i), 0);
    }
    for (unsigned i = 0; i < 16; i += 2) {
        assert_true(bench_csr_write(b, CSR_pmpcfg0 + i, 0x7f7f7f7f7f7f7f7f));
        cfg = read_csr(b, CSR_pmpcfg0 + i);
        assert_int_equal(cfg, i < 4 ? 0x1f1f1f1f1f1f1f1f : 0);
        assert_false(bench_csr_write(b, CSR_pmpcfg0 + i + 1, 0));
        assert_false(bench_csr_read(b, CSR_pmpcfg0 + i + 1, &cfg));
    }
    /* W without R is reserved: never what is read back */
    for (unsigned byte = 0; byte < 0x80; byte++) {
        bench_csr_write(b, CSR_pmpcfg0, byte);
        cfg = read_csr(b, CSR_pmpcfg0);
        assert_int_not_equal(cfg & (R | W), W);
        assert_int_equal(cfg & ~7ull, byte & NAPOT);
        if ((byte & (R | W)) != W)
            assert_int_equal(cfg, byte & 0x1f);
    }
}

/* Uniform means: the same answer for all words of the page. */
static void uniform_pages_give_one_answer(void **state)
{
    static const u64 page = BENCH_RAM + 0x1000;
    u64 dice = 99;
    struct pmp p;
    unsigned uniform = 0;

    for (unsigned round = 0; round < 3000; round++) {
        pmp_reset(&p, true);
        for (unsigned i = 0; i < 3; i++) {
            u64 addr = (BENCH_RAM >> 2) + roll(&dice) % 0xc00;

            if (roll(&dice) & 1)
                addr = (addr & ~0x3ffull) | (roll(&dice) & 1 ? 0x1ff : 0);
            pmp_write_addr(&p, i, addr);
        }
        pmp_write_cfg(&p, 0, roll(&dice) & 0x9f9f9f & roll(&dice));
        if (!pmp_page_is_uniform(&p, page + roll(&dice) % 4096))
            continue;
        uniform++;
        for (u64 pa = page; pa < page + 4096; pa += 4)
            for (unsigned need = 1; need <= X; need *= 2)
                for (unsigned priv = 0; priv < 4; priv += 3)
                    assert_int_equal(pmp_allows(&p, pa, 4, need, priv),
                                     model_allows(&p, page, 1, need, priv));
        assert_int_equal(pmp_allows(&p, page, 4096, R, PRIV_S),
                         pmp_allows(&p, page, 1, R, PRIV_S));
    }
    assert_in_range(uniform, 300, 2700);
}

/* One readable word in the middle of a page that is otherwise closed. */
static void a_word_is_not_a_page(void **state)
{
    struct bench *b = *state;
    u64 word = BENCH_FRAME(3) + 0x808, value;

    pmp_reset(&b->hart.pmp, true);
    pmp_write_addr(&b->hart.pmp, 0, word >> 2);
    pmp_write_cfg(&b->hart.pmp, 0, NA4 | R);
    bench_set_mode(b, PRIV_S, 0);
    assert_true(bench_access_load(b, word, 4, &value));
    assert_null(context_hit(b->hart.c.data, ARRAY_READ, word, 4));
    assert_false(bench_access_load(b, word, 8, &value));
    assert_int_equal(b->hart.c.raise_cause, CAUSE_LOAD_ACCESS);
    assert_int_equal(b->hart.c.raise_tval, word);
    assert_false(bench_access_load(b, word - 4, 4, &value));
    assert_false(bench_access_load(b, word + 4, 4, &value));
    assert_false(bench_access_load(b, word + 2, 4, &value)); /* misaligned */
    assert_false(bench_access_store(b, word, 4, 1));
    assert_int_equal(b->hart.c.raise_cause, CAUSE_STORE_ACCESS);
    bench_set_mode(b, PRIV_M, 0);
    assert_false(bench_access_load(b, word, 8, &value)); /* matches in part */
    assert_true(bench_access_load(b, word + 4, 4, &value));
    assert_null(context_hit(b->hart.c.data, ARRAY_READ, word, 4));
}

/* A store over the end of what is allowed writes nothing at all. */
static void a_straddling_store_writes_nothing(void **state)
{
    struct bench *b = *state;
    u64 edge = BENCH_FRAME(5);

    pmp_reset(&b->hart.pmp, true);
    pmp_write_addr(&b->hart.pmp, 0, edge >> 2);
    pmp_write_cfg(&b->hart.pmp, 0, TOR | R | W);
    bench_set_mode(b, PRIV_U, 0);
    bench_store(b, edge - 8, 0x1111111111111111);
    bench_store(b, edge, 0x2222222222222222);
    assert_false(bench_access_store(b, edge - 4, 8, 0));
    assert_int_equal(b->hart.c.raise_cause, CAUSE_STORE_ACCESS);
    assert_int_equal(b->hart.c.raise_tval, edge); /* the faulting part */
    assert_int_equal(bench_load(b, edge - 8), 0x1111111111111111);
    assert_int_equal(bench_load(b, edge), 0x2222222222222222);
    assert_true(bench_access_store(b, edge - 8, 8, 0));
}

/* Writing a PMP register empties the small arrays. */
static void a_new_rule_holds_at_once(void **state)
{
    struct bench *b = *state;
    u64 value;

    bench_set_mode(b, PRIV_M, 0);
    assert_true(bench_access_load(b, BENCH_FRAME(0), 8, &value));
    assert_non_null(context_hit(b->hart.c.data, ARRAY_READ, BENCH_FRAME(0), 8));
    bench_csr_write(b, CSR_pmpaddr0, BENCH_FRAME(0) >> 2 | 0x1ff);
    bench_csr_write(b, CSR_pmpcfg0, L | NAPOT | X);
    assert_null(context_hit(b->hart.c.data, ARRAY_READ, BENCH_FRAME(0), 8));
    assert_false(bench_access_load(b, BENCH_FRAME(0), 8, &value));
    assert_int_equal(b->hart.c.raise_cause, CAUSE_LOAD_ACCESS);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(matching_agrees_with_the_model),
        TEST(napot_sizes),
        TEST(tor_begins_where_the_entry_before_ends),
        TEST(no_match_is_for_m_mode_only),
        TEST(locked_entries_bind_m_mode),
        TEST(locked_entries_keep_their_registers),
        TEST(registers_keep_legal_values),
        TEST(uniform_pages_give_one_answer),
        TEST(a_word_is_not_a_page),
        TEST(a_straddling_store_writes_nothing),
        TEST(a_new_rule_holds_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
