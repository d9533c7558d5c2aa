/*
 * Unit tests of the page-table walk (emu/hart/mmu/mmu.c): every combination of
 * a page-table entry's low eight bits, at every level of Sv39, Sv48 and Sv57,
 * for every access, privilege, SUM and MXR, with and without hardware updates
 * of A and D, against a model written from the steps of "Virtual Address
 * Translation Process"; then the upper bits, alignment, canonical addresses,
 * tables that cannot be reached, and what a TLB entry remembers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "hart_bench.h"

#define NO_FAULT (-1)
#define LEAF (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)

static const unsigned page_faults[] = {12, 13, 15}; /* by enum rvemu_access */
static const unsigned access_faults[] = {1, 5, 7};

/* One case: what is tried, on which entry. */
struct
try {
    u64 pte;
    unsigned levels, level, access, priv;
    bool sum, mxr, adue, pbmte;
};

struct outcome {
    int reason; /* NO_FAULT, or enum rvemu_reason of the page fault */
    u64 pte;    /* the entry afterwards */
};

/* Steps 3 and 4: is the entry one at all? */
static int model_form(const struct try *t)
{
    u64 pte = t->pte;
    bool v = pte & 1, r = pte & 2, w = pte & 4, x = pte & 8;
    unsigned pbmt = pte >> 61 & 3;

    if (!v)
        return RVEMU_REASON_INVALID;
    if (w && !r)
        return RVEMU_REASON_RESERVED;
    if (pte >> 54 & 0x7f)
        return RVEMU_REASON_RESERVED;
    if (pte >> 63 && (t->level || !(r || x) || (pte >> 10 & 15) != 8))
        return RVEMU_REASON_RESERVED;
    if (pbmt == 3 || (pbmt && !t->pbmte))
        return RVEMU_REASON_RESERVED;
    if (r || x)
        return NO_FAULT;
    if (pte & 0xd0 || pbmt) /* D, A, U: reserved in a pointer */
        return RVEMU_REASON_RESERVED;
    return t->level == 0 ? RVEMU_REASON_NO_LEAF : NO_FAULT;
}

/* Steps 6 and 7: U with SUM, then R, W, X with MXR. */
static int model_rights(const struct try *t)
{
    bool r = t->pte & 2, w = t->pte & 4, x = t->pte & 8, u = t->pte & 0x10;

    if (t->priv == PRIV_U && !u)
        return RVEMU_REASON_NOT_USER;
    if (t->priv == PRIV_S && u && !t->sum)
        return RVEMU_REASON_USER;
    if (t->priv == PRIV_S && u && t->access == RVEMU_ACCESS_FETCH)
        return RVEMU_REASON_USER; /* SUM or not */
    if (t->access == RVEMU_ACCESS_FETCH)
        return x ? NO_FAULT : RVEMU_REASON_NOT_EXECUTABLE;
    if (t->access == RVEMU_ACCESS_LOAD)
        return r || (x && t->mxr) ? NO_FAULT : RVEMU_REASON_NOT_READABLE;
    return w ? NO_FAULT : RVEMU_REASON_NOT_WRITABLE;
}

/* Step 9: A and D. */
static struct outcome model_update(const struct try *t)
{
    bool a = t->pte & 0x40, d = t->pte & 0x80;
    bool store = t->access == RVEMU_ACCESS_STORE;
    u64 set = t->pte | 0x40 | (store ? 0x80 : 0);

    if (a && (d || !store))
        return (struct outcome){NO_FAULT, t->pte};
    if (t->adue)
        return (struct outcome){NO_FAULT, set};
    return (struct outcome){a ? RVEMU_REASON_D_CLEAR : RVEMU_REASON_A_CLEAR,
                            t->pte};
}

static struct outcome model(const struct try *t)
{
    struct outcome out = {model_form(t), t->pte};

    if (out.reason != NO_FAULT)
        return out;
    if (!(t->pte & 0xe)) /* a pointer; below it stands a leaf that allows */
        return out;
    out.reason = model_rights(t);
    return out.reason == NO_FAULT ? model_update(t) : out;
}

static void describe_and_fail(const struct try *t, const char *what)
{
    fail_msg("%s: pte %#lx at level %u of %u, access %u, priv %u, SUM %d, "
             "MXR %d, ADUE %d, PBMTE %d",
             what, t->pte, t->level, t->levels, t->access, t->priv, t->sum,
             t->mxr, t->adue, t->pbmte);
}

static u64 canonical(u64 va, unsigned levels)
{
    return sext(va, 12 + 9 * levels);
}

static void set_modes(struct bench *b, const struct try *t)
{
    struct hart *h = &b->hart;

    h->s.csr.mstatus &= ~(MSTATUS_SUM | MSTATUS_MXR);
    h->s.csr.mstatus |= t->sum ? MSTATUS_SUM : 0;
    h->s.csr.mstatus |= t->mxr ? MSTATUS_MXR : 0;
    h->s.csr.menvcfg =
        (t->adue ? MENVCFG_ADUE : 0) | (t->pbmte ? MENVCFG_PBMTE : 0);
}

static void check_fault(struct bench *b, const struct try *t, int reason)
{
    const struct rvemu_ev_page_fault *f = &b->event[0].page_fault;
    u64 va = canonical(BENCH_VA, t->levels);

    if (!b->hart.c.raised || b->hart.c.raise_cause != page_faults[t->access] ||
        b->hart.c.raise_tval != va)
        describe_and_fail(t, "wrong cause or tval");
    if (b->events != 1 || b->event[0].kind != RVEMU_EVENT_page_fault ||
        f->reason != (u64)reason || f->level != t->level || f->va != va ||
        f->pte != t->pte || f->pte_pa != bench_pte_pa(t->level) ||
        f->access != t->access || f->satp != b->hart.s.csr.satp || f->from_tlb)
        describe_and_fail(t, "wrong fault event");
}

static void check_success(struct bench *b, const struct try *t,
                          const struct translation *at)
{
    bool pointer = !(t->pte & 0xe);
    u64 size = 4096ull << 9 * (pointer ? t->level - 1 : t->level);
    u64 frame = pointer ? BENCH_RAM & -size : (t->pte >> 10) << 12;

    if (b->hart.c.raised)
        describe_and_fail(t, "fault");
    frame &= (1ull << 56) - 1;
    if (at->pa != (frame | (BENCH_VA & (size - 1))))
        describe_and_fail(t, "wrong address");
    if (b->event[b->events - 1].kind != RVEMU_EVENT_tlb_fill)
        describe_and_fail(t, "no fill");
}

static void check(struct bench *b, const struct try *t)
{
    struct outcome want = model(t);
    struct translation at;
    u64 below = 4096ull << 9 * (t->level ? t->level - 1 : 0);
    bool done;

    set_modes(b, t);
    bench_store(b, bench_pte_pa(t->level), t->pte);
    if (t->level)
        bench_store(b, bench_pte_pa(t->level - 1),
                    bench_pte(BENCH_RAM & -below,
                              LEAF | (t->priv == PRIV_U ? PTE_U : 0)));
    tlb_flush(&b->hart.tlb, &b->hart.c.contexts, NULL, NULL);
    bench_forget(b);
    b->hart.c.raised = false;
    done = mmu_translate(&b->hart, canonical(BENCH_VA, t->levels), t->access,
                         t->priv, &at);
    bench_collect(b);
    if (done != (want.reason == NO_FAULT))
        describe_and_fail(t, done ? "allowed" : "refused");
    if (bench_load(b, bench_pte_pa(t->level)) != want.pte)
        describe_and_fail(t, "wrong entry afterwards");
    if (done)
        check_success(b, t, &at);
    else
        check_fault(b, t, want.reason);
}

/* Every access by every privilege in every mode on this entry. */
static void check_everyone(struct bench *b, struct try t)
{
    for (unsigned i = 0; i < 3 * 2 * 16; i++) {
        t.access = i % 3;
        t.priv = i / 3 % 2 ? PRIV_S : PRIV_U;
        t.sum = i / 6 & 1;
        t.mxr = i / 6 & 2;
        t.adue = i / 6 & 4;
        t.pbmte = i / 6 & 8;
        check(b, &t);
    }
}

#define EVERYTHING                                             \
    (RVEMU_EVENT_BIT(page_fault) | RVEMU_EVENT_BIT(tlb_fill) | \
     RVEMU_EVENT_BIT(tlb_evict) | RVEMU_EVENT_BIT(ad_update))

static void each_level(struct bench *b, const u64 *flags, unsigned count)
{
    struct try t;
    u64 frame;

    bench_watch(b, EVERYTHING);
    for (t.levels = 3; t.levels <= 5; t.levels++)
        for (t.level = 0; t.level < t.levels; t.level++) {
            bench_build_tables(b, t.levels, t.level);
            for (unsigned i = 0; i < count; i++) {
                /* Aligned to the level; a pointer leads to the next table. */
                frame = BENCH_FRAME(0) & -(4096ull << 9 * t.level);
                if (!(flags[i] & 0xe) && t.level)
                    frame = BENCH_TABLE(t.level - 1);
                t.pte = bench_pte(frame, flags[i]);
                check_everyone(b, t);
            }
        }
}

static void every_low_bit_counts(void **state)
{
    u64 flags[256];

    for (unsigned i = 0; i < 256; i++)
        flags[i] = i;
    each_level(*state, flags, 256);
}

/* RSW is free for software; the rest is reserved or PBMT. */
static void every_high_bit_counts(void **state)
{
    u64 flags[2 * 13];

    for (unsigned i = 0; i < 13; i++) {
        u64 high = i < 2    ? 1ull << (8 + i)
                   : i < 12 ? 1ull << (54 + i - 2)
                            : 3ull << 61;
        flags[2 * i] = high | LEAF;
        flags[2 * i + 1] = high | PTE_V;
    }
    each_level(*state, flags, 26);
}

static void superpages_are_aligned(void **state)
{
    struct bench *b = *state;
    struct translation at;

    bench_watch(b, RVEMU_EVENT_BIT(page_fault));
    for (unsigned level = 1; level < 5; level++)
        for (unsigned low = 0; low < 9 * level; low++) {
            bench_build_tables(b, 5, level);
            bench_store(b, bench_pte_pa(level), LEAF | 1ull << (10 + low));
            bench_forget(b);
            assert_false(mmu_translate(&b->hart, BENCH_VA, RVEMU_ACCESS_LOAD,
                                       PRIV_S, &at));
            bench_collect(b);
            assert_int_equal(b->event[0].page_fault.reason,
                             RVEMU_REASON_MISALIGNED);
            assert_int_equal(b->event[0].page_fault.level, level);
        }
}

static void addresses_are_sign_extended(void **state)
{
    struct bench *b = *state;
    struct translation at;
    u64 va;

    bench_watch(b, RVEMU_EVENT_BIT(page_fault));
    for (unsigned levels = 3; levels <= 5; levels++) {
        bench_build_tables(b, levels, 0);
        for (unsigned i = 12 + 9 * levels - 1; i < 64; i++) {
            va = 1ull << i;
            bench_forget(b);
            b->hart.c.raised = false;
            assert_false(
                mmu_translate(&b->hart, va, RVEMU_ACCESS_STORE, PRIV_U, &at));
            bench_collect(b);
            assert_int_equal(b->hart.c.raise_cause, CAUSE_STORE_PAGE);
            assert_int_equal(b->hart.c.raise_tval, va);
            assert_int_equal(b->event[0].page_fault.reason,
                             RVEMU_REASON_NON_CANONICAL);
            /* its complement is non-canonical too, −va is not */
            bench_forget(b);
            mmu_translate(&b->hart, ~va, RVEMU_ACCESS_STORE, PRIV_U, &at);
            bench_collect(b);
            assert_int_equal(b->event[0].page_fault.reason,
                             RVEMU_REASON_NON_CANONICAL);
        }
        va = -1ull << (12 + 9 * levels - 1);
        bench_forget(b);
        mmu_translate(&b->hart, va, RVEMU_ACCESS_STORE, PRIV_U, &at);
        mmu_translate(&b->hart, ~va, RVEMU_ACCESS_STORE, PRIV_U, &at);
        bench_collect(b);
        assert_int_equal(b->event[0].page_fault.reason, RVEMU_REASON_INVALID);
        assert_int_equal(b->event[1].page_fault.reason, RVEMU_REASON_INVALID);
    }
}

static void nothing_is_translated_in_m_mode_and_bare(void **state)
{
    struct bench *b = *state;
    struct translation at;
    u64 va = 0xdead00000000beef;

    bench_build_tables(b, 3, 0);
    assert_true(mmu_translate(&b->hart, va, RVEMU_ACCESS_STORE, PRIV_M, &at));
    assert_int_equal(at.pa, va);
    assert_null(at.entry);
    b->hart.s.csr.satp = 0;
    assert_true(mmu_translate(&b->hart, va, RVEMU_ACCESS_FETCH, PRIV_U, &at));
    assert_int_equal(at.pa, va);
}

static void expect_access_fault(struct bench *b, unsigned access)
{
    struct translation at;

    b->hart.c.raised = false;
    assert_false(
        mmu_translate(&b->hart, canonical(BENCH_VA, 3), access, PRIV_S, &at));
    assert_true(b->hart.c.raised);
    assert_int_equal(b->hart.c.raise_cause, access_faults[access]);
    assert_int_equal(b->hart.c.raise_tval, canonical(BENCH_VA, 3));
}

/* Tables outside RAM, at each level. */
static void unreachable_tables_are_access_faults(void **state)
{
    struct bench *b = *state;

    for (unsigned access = 0; access < 3; access++) {
        for (unsigned level = 1; level < 3; level++) {
            bench_build_tables(b, 3, level);
            bench_store(b, bench_pte_pa(level), bench_pte(0x10000000, PTE_V));
            expect_access_fault(b, access);
            bench_store(b, bench_pte_pa(level),
                        bench_pte(BENCH_RAM + BENCH_RAM_SIZE, PTE_V));
            expect_access_fault(b, access);
        }
        b->hart.s.csr.satp = 8ull << 60; /* root at 0 */
        expect_access_fault(b, access);
    }
}

/* Entry 0 guards the leaf's table with these rights, entry 1 opens the rest. */
static void guard_leaf_table(struct bench *b, u8 rights)
{
    pmp_reset(&b->hart.pmp, true);
    pmp_write_addr(&b->hart.pmp, 0, BENCH_TABLE(0) >> 2 | 0x1ff);
    pmp_write_addr(&b->hart.pmp, 1, ~0ull);
    pmp_write_cfg(&b->hart.pmp, 0, 0x1f00 | 0x18 | rights);
}

/* A walk reads as S-mode, whoever asked; setting A or D writes. */
static void pmp_checks_the_walk(void **state)
{
    struct bench *b = *state;
    u64 leaf = bench_pte(BENCH_FRAME(0), PTE_V | PTE_R | PTE_W | PTE_X);
    struct translation at;

    bench_build_tables(b, 3, 0);
    b->hart.s.csr.menvcfg = MENVCFG_ADUE;
    for (unsigned access = 0; access < 3; access++) {
        bench_store(b, bench_pte_pa(0), leaf | PTE_A | PTE_D);
        guard_leaf_table(b, 0);
        expect_access_fault(b, access);
        guard_leaf_table(b, PMP_X);
        expect_access_fault(b, access);
        bench_store(b, bench_pte_pa(0), leaf);
        guard_leaf_table(b, PMP_R); /* A cannot be set */
        expect_access_fault(b, access);
        assert_int_equal(bench_load(b, bench_pte_pa(0)), leaf);
        bench_store(b, bench_pte_pa(0), leaf | PTE_A | PTE_D);
        assert_true(mmu_translate(&b->hart, canonical(BENCH_VA, 3), access,
                                  PRIV_S, &at));
        tlb_flush(&b->hart.tlb, &b->hart.c.contexts, NULL, NULL);
    }
}

/* Without a fence the entry answers as it was read, and says so. */
static void a_tlb_entry_outlives_its_page_table(void **state)
{
    struct bench *b = *state;
    u64 va = canonical(BENCH_VA, 3);
    struct translation at;

    bench_build_tables(b, 3, 0);
    bench_watch(b, EVERYTHING);
    bench_store(b, bench_pte_pa(0),
                bench_pte(BENCH_FRAME(0), PTE_V | PTE_R | PTE_U | PTE_A));
    assert_true(mmu_translate(&b->hart, va, RVEMU_ACCESS_LOAD, PRIV_U, &at));
    bench_store(b, bench_pte_pa(0), 0);
    bench_forget(b);
    assert_true(mmu_translate(&b->hart, va, RVEMU_ACCESS_LOAD, PRIV_U, &at));
    bench_collect(b);
    assert_int_equal(b->events, 0);
    assert_false(mmu_translate(&b->hart, va, RVEMU_ACCESS_STORE, PRIV_U, &at));
    assert_false(mmu_translate(&b->hart, va, RVEMU_ACCESS_LOAD, PRIV_S, &at));
    assert_false(mmu_translate(&b->hart, va, RVEMU_ACCESS_FETCH, PRIV_U, &at));
    bench_collect(b);
    assert_int_equal(b->events, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(b->event[i].page_fault.from_tlb, 1);
        assert_int_equal(b->event[i].page_fault.pte_pa, bench_pte_pa(0));
    }
    assert_int_equal(b->event[0].page_fault.reason, RVEMU_REASON_NOT_WRITABLE);
    assert_int_equal(b->event[1].page_fault.reason, RVEMU_REASON_USER);
    assert_int_equal(b->event[2].page_fault.reason,
                     RVEMU_REASON_NOT_EXECUTABLE);
}

/* A load leaves D alone; the first store walks again and sets it. */
static void the_first_store_sets_d(void **state)
{
    struct bench *b = *state;
    u64 va = canonical(BENCH_VA, 3);
    u64 pte = bench_pte(BENCH_FRAME(0), PTE_V | PTE_R | PTE_W);
    struct translation at;

    bench_build_tables(b, 3, 0);
    bench_watch(b, EVERYTHING);
    b->hart.s.csr.menvcfg = MENVCFG_ADUE;
    bench_store(b, bench_pte_pa(0), pte);
    assert_true(mmu_translate(&b->hart, va, RVEMU_ACCESS_LOAD, PRIV_S, &at));
    assert_int_equal(bench_load(b, bench_pte_pa(0)), pte | PTE_A);
    bench_forget(b);
    assert_true(mmu_translate(&b->hart, va, RVEMU_ACCESS_STORE, PRIV_S, &at));
    assert_int_equal(bench_load(b, bench_pte_pa(0)), pte | PTE_A | PTE_D);
    bench_collect(b);
    assert_int_equal(b->events, 2); /* in place: nothing is evicted */
    assert_int_equal(b->event[0].kind, RVEMU_EVENT_ad_update);
    assert_int_equal(b->event[0].ad_update.old, pte | PTE_A);
    assert_int_equal(b->event[0].ad_update.new, pte | PTE_A | PTE_D);
    assert_int_equal(b->event[1].kind, RVEMU_EVENT_tlb_fill);
    bench_forget(b);
    assert_true(mmu_translate(&b->hart, va, RVEMU_ACCESS_STORE, PRIV_S, &at));
    bench_collect(b);
    assert_int_equal(b->events, 0);
}

/* The entry is gone when D has to be set: the walk decides anew. */
static void d_is_set_only_in_an_entry_that_still_stands(void **state)
{
    struct bench *b = *state;
    u64 va = canonical(BENCH_VA, 3);
    struct translation at;

    bench_build_tables(b, 3, 0);
    bench_watch(b, EVERYTHING);
    b->hart.s.csr.menvcfg = MENVCFG_ADUE;
    bench_store(b, bench_pte_pa(0),
                bench_pte(BENCH_FRAME(0), PTE_V | PTE_R | PTE_W | PTE_A));
    assert_true(mmu_translate(&b->hart, va, RVEMU_ACCESS_LOAD, PRIV_S, &at));
    bench_store(b, bench_pte_pa(0), 0);
    bench_forget(b);
    assert_false(mmu_translate(&b->hart, va, RVEMU_ACCESS_STORE, PRIV_S, &at));
    assert_int_equal(bench_load(b, bench_pte_pa(0)), 0);
    bench_collect(b);
    assert_int_equal(b->event[0].page_fault.reason, RVEMU_REASON_INVALID);
}

/* G anywhere on the way makes the translation global. */
static void g_is_inherited(void **state)
{
    struct bench *b = *state;
    u64 va = canonical(BENCH_VA, 3);
    struct translation at;

    for (unsigned level = 0; level < 4; level++) {
        bench_build_tables(b, 3, 0);
        bench_store(b, bench_pte_pa(0), bench_pte(BENCH_FRAME(0), LEAF));
        if (level < 3)
            bench_store(b, bench_pte_pa(level),
                        bench_load(b, bench_pte_pa(level)) | PTE_G);
        tlb_flush(&b->hart.tlb, &b->hart.c.contexts, NULL, NULL);
        assert_true(
            mmu_translate(&b->hart, va, RVEMU_ACCESS_LOAD, PRIV_S, &at));
        assert_int_equal(at.entry->global, level < 3);
        assert_int_equal(at.entry->asid, BENCH_ASID);
    }
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_low_bit_counts),
        TEST(every_high_bit_counts),
        TEST(superpages_are_aligned),
        TEST(addresses_are_sign_extended),
        TEST(nothing_is_translated_in_m_mode_and_bare),
        TEST(unreachable_tables_are_access_faults),
        TEST(pmp_checks_the_walk),
        TEST(a_tlb_entry_outlives_its_page_table),
        TEST(the_first_store_sets_d),
        TEST(d_is_set_only_in_an_entry_that_still_stands),
        TEST(g_is_inherited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
