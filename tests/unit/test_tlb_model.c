/*
 * A TLB of any geometry, and its walk cache, against a model that knows
 * nothing but lists: random loads, stores, fetches and fences in several
 * spaces, where each access has to hit or miss, to read so many page-table
 * entries and to drive out whom the model says.
 *
 * Of random replacement the model is told who went, and sees to it that it was
 * one of the set.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart_bench.h"

#define ACCESSES 20000
#define PROGRAMS 6

/* The addresses: four tables of leaves of 4 KiB, the third of them with G in
 * its pointer and the fourth read-only; then pages of 2 MiB. */
#define GIB (1ull << 30)
#define TABLES 4u
#define PAGES 24u /* of each table; every fifth is not mapped */
#define LARGE 12u
#define TABLE_VA(n) (GIB + ((u64)(n) << 21))
#define LARGE_VA(n) (2 * GIB + ((u64)(n) << 21))

#define ROOT (BENCH_RAM + 0x20000)
#define MIDDLE(n) (BENCH_RAM + 0x21000 + 0x1000ull * (n))
#define LEAVES(n) (BENCH_RAM + 0x24000 + 0x1000ull * (n))
#define RIGHTS (PTE_V | PTE_R | PTE_X | PTE_A | PTE_D)

enum { ASIDS = 3 };

struct way {
    bool valid, global;
    unsigned asid, level;
    u64 page;         /* va >> shift */
    u64 filled, used; /* by a count of fills and uses */
};

struct set {
    unsigned ways;
    struct way way[8];
};

struct model {
    struct tlb_geometry geometry;
    struct set small[8], large[2], pointers;
    u64 now;
    struct rvemu_tlb_counts counts;
    unsigned loads;
    u64 recent[4]; /* addresses that are used again */
};

static u64 roll(u64 *dice)
{
    *dice = *dice * 6364136223846793005 + 1442695040888963407;
    return *dice >> 33;
}

static void open_set(struct set *set, unsigned ways)
{
    *set = (struct set){.ways = ways};
    for (unsigned i = 0; i < ways; i++)
        set->way[i].filled = set->way[i].used = i;
}

static void open_model(struct model *m, const struct tlb_geometry *geometry)
{
    *m = (struct model){.geometry = *geometry, .now = 1000};
    for (unsigned i = 0; i < 4; i++)
        m->recent[i] = TABLE_VA(i);
    for (unsigned i = 0; i < geometry->of[TLB_4K].sets; i++)
        open_set(&m->small[i], geometry->of[TLB_4K].ways);
    for (unsigned i = 0; i < geometry->of[TLB_2M].sets; i++)
        open_set(&m->large[i], geometry->of[TLB_2M].ways);
    open_set(&m->pointers, geometry->pointers);
}

static bool is_large(u64 va)
{
    return va >= 2 * GIB;
}

static struct set *set_of(struct model *m, u64 va)
{
    return is_large(va)
               ? &m->large[va >> 21 & (m->geometry.of[TLB_2M].sets - 1u)]
               : &m->small[va >> 12 & (m->geometry.of[TLB_4K].sets - 1u)];
}

static struct way *find(struct set *set, u64 page, unsigned level,
                        unsigned asid)
{
    for (unsigned i = 0; i < set->ways; i++) {
        struct way *way = &set->way[i];

        if (way->valid && way->page == page && way->level == level &&
            (way->global || way->asid == asid))
            return way;
    }
    return NULL;
}

/* Who has to go for one more; NULL: nobody does. For TLB_RANDOM the place that
 * `gone` says; where nobody went, one that is free. */
static struct way *choose(const struct model *m, struct set *set,
                          const struct tlb_entry *gone)
{
    struct way *best = NULL;

    for (unsigned i = 0; i < set->ways; i++) {
        struct way *way = &set->way[i];

        switch (m->geometry.replacement) {
        case TLB_FIFO:
            if (!best || way->filled < best->filled)
                best = way;
            break;
        case TLB_LRU:
            if (!best || way->used < best->used)
                best = way;
            break;
        case TLB_NONE:
            if (!best && !way->valid)
                best = way;
            break;
        default:
            if (!gone
                    ? !way->valid
                    : way->valid && way->page << gone->shift == gone->va &&
                          way->level == gone->level && way->asid == gone->asid)
                best = way;
            break;
        }
    }
    return best;
}

/* Returns whether a valid one had to go. */
static bool fill(struct model *m, struct set *set, const struct way *what,
                 const struct tlb_entry *gone)
{
    struct way *way = choose(m, set, gone);
    bool evicts;

    if (!way) {
        assert_int_equal(m->geometry.replacement, TLB_NONE);
        return false;
    }
    evicts = way->valid;
    *way = *what;
    way->valid = true;
    way->filled = way->used = m->now++;
    return evicts;
}

static bool is_mapped(u64 va)
{
    return is_large(va) || (va >> 12 & 511) % 5 != 4;
}

static bool is_global(u64 va)
{
    return !is_large(va) && (va - GIB) >> 21 == 2;
}

static bool is_read_only(u64 va)
{
    return !is_large(va) && (va - GIB) >> 21 == 3;
}

/* Which pointers a walk reads: those below the one it begins at. */
static void walk_pointers(struct model *m, u64 va, unsigned asid)
{
    struct way *at = NULL;
    unsigned leaf = is_large(va) ? 1 : 0, level = leaf;

    while (++level < 3 && !at)
        at = find(&m->pointers, va >> (12 + 9 * level), level, asid);
    if (at)
        at->used = m->now++;
    if (m->geometry.pointers && at)
        m->counts.walks.hits++;
    else if (m->geometry.pointers)
        m->counts.walks.misses++;
    m->loads = (at ? at->level : 3) - leaf;
    for (level = at ? at->level : 3; level-- > leaf + 1;) {
        const struct way pointer = {
            .page = va >> (12 + 9 * level),
            .level = level,
            .asid = asid,
            .global = is_global(va) && level == 1,
        };

        if (m->geometry.pointers)
            m->counts.walks.evictions += fill(m, &m->pointers, &pointer, NULL);
    }
}

/* What an access does; gone: who left the TLB, or NULL. Whether it passes. */
static bool access(struct model *m, u64 va, unsigned access, unsigned asid,
                   const struct tlb_entry *gone)
{
    unsigned size = is_large(va) ? RVEMU_TLB_2M : RVEMU_TLB_4K;
    struct rvemu_tlb_row *row = &m->counts.page[access][size];
    struct set *set = set_of(m, va);
    const struct way page = {
        .page = va >> (is_large(va) ? 21 : 12),
        .level = is_large(va) ? 1 : 0,
        .asid = asid,
        .global = is_global(va),
    };
    struct way *way = find(set, page.page, page.level, asid);
    bool refused = access == RVEMU_ACCESS_STORE && is_read_only(va);

    m->loads = 0;
    if (way) {
        way->used = m->now++;
        row->hits++;
        return !refused;
    }
    walk_pointers(m, va, asid);
    if (refused || !is_mapped(va)) {
        m->counts.faults[access]++;
        return false;
    }
    row->misses++;
    row->evictions += fill(m, set, &page, gone);
    return true;
}

/* By address leaf entries only; by ASID what is not global. */
static void fence_set(struct set *set, unsigned shift, const u64 *va,
                      const u16 *asid, u64 *removed)
{
    for (unsigned i = 0; i < set->ways; i++) {
        struct way *way = &set->way[i];

        if (!way->valid || (va && way->page != *va >> shift) ||
            (asid && (way->global || way->asid != *asid)))
            continue;
        way->valid = false;
        ++*removed;
    }
}

static u64 fence(struct model *m, const u64 *va, const u16 *asid)
{
    u64 removed = 0;

    for (unsigned i = 0; i < 8; i++)
        fence_set(&m->small[i], 12, va, asid, &removed);
    for (unsigned i = 0; i < 2; i++)
        fence_set(&m->large[i], 21, va, asid, &removed);
    if (!va)
        fence_set(&m->pointers, 0, NULL, asid, &removed);
    return removed;
}

/* The tables, and a TLB of this geometry in the place of the bench's. */
static void build(struct bench *b, const struct tlb_geometry *geometry)
{
    tlb_fini(&b->hart.tlb);
    contexts_fini(&b->hart.c.contexts);
    assert_true(tlb_geometry_is_valid(geometry));
    assert_int_equal(tlb_init(&b->hart.tlb, geometry), 0);
    assert_int_equal(contexts_init(&b->hart.c.contexts, b->hart.tlb.entries),
                     0);
    bench_store(b, ROOT + 1 * 8, bench_pte(MIDDLE(0), PTE_V));
    bench_store(b, ROOT + 2 * 8, bench_pte(MIDDLE(1), PTE_V));
    for (unsigned n = 0; n < TABLES; n++) {
        u64 rights = RIGHTS | (n == 3 ? 0 : PTE_W);

        bench_store(b, MIDDLE(0) + n * 8,
                    bench_pte(LEAVES(n), PTE_V | (n == 2 ? PTE_G : 0)));
        for (unsigned page = 0; page < PAGES; page++)
            bench_store(b, LEAVES(n) + page * 8,
                        page % 5 == 4 ? 0
                                      : bench_pte(BENCH_FRAME(page), rights));
    }
    for (unsigned n = 0; n < LARGE; n++)
        bench_store(b, MIDDLE(1) + n * 8, bench_pte(BENCH_RAM, RIGHTS | PTE_W));
}

static void set_asid(struct bench *b, unsigned asid)
{
    b->hart.s.csr.satp =
        (u64)SATP_MODE_SV39 << 60 | (u64)asid << 44 | ROOT >> 12;
    bench_set_mode(b, PRIV_S, 0);
}

static u64 some_va(u64 *dice)
{
    u64 n = roll(dice) % (TABLES * PAGES + LARGE);

    if (n >= TABLES * PAGES)
        return LARGE_VA(n - TABLES * PAGES) + roll(dice) % (1 << 21);
    return TABLE_VA(n / PAGES) + n % PAGES * 4096 + roll(dice) % 4096;
}

/* The entry that was evicted by what has just been done, or NULL. */
static const struct tlb_entry *evicted(struct bench *b, struct tlb_entry *entry)
{
    bench_collect(b);
    for (unsigned i = 0; i < b->events; i++) {
        const struct rvemu_ev_tlb_evict *e = &b->event[i].tlb_evict;

        if (b->event[i].kind != RVEMU_EVENT_tlb_evict)
            continue;
        *entry = (struct tlb_entry){
            .va = e->va,
            .asid = (u16)e->asid,
            .level = (u8)e->level,
            .shift = (u8)(12 + 9 * e->level),
        };
        return entry;
    }
    return NULL;
}

static void expect_counts(const struct bench *b, const struct model *m)
{
    struct rvemu_tlb_counts got = *b->hart.tlb.counts;

    if (!m->geometry.pointers)
        got.walks = (struct rvemu_tlb_row){0};
    assert_memory_equal(&got, &m->counts, sizeof(got));
}

static void do_access(struct bench *b, struct model *m, u64 *dice,
                      unsigned asid)
{
    static const unsigned kinds[] = {RVEMU_ACCESS_FETCH, RVEMU_ACCESS_LOAD,
                                     RVEMU_ACCESS_STORE};
    const u64 *total = b->hart.s.counters.total;
    u64 va = roll(dice) % 3 ? m->recent[roll(dice) % 4] : some_va(dice);
    u64 loads = total[COUNTED_PTE_LOADS];
    unsigned kind = kinds[roll(dice) % 3];
    struct translation out;
    struct tlb_entry gone;
    const struct tlb_entry *left;
    bool passes = mmu_translate(&b->hart, va, kind, PRIV_S, &out);

    b->hart.c.raised = false;
    left = evicted(b, &gone);
    assert_int_equal(access(m, va, kind, asid, left), passes);
    assert_int_equal(total[COUNTED_PTE_LOADS] - loads, m->loads);
    m->recent[roll(dice) % 4] = va;
    bench_forget(b);
}

static void do_fence(struct bench *b, struct model *m, u64 *dice)
{
    const u64 *total = b->hart.s.counters.total;
    u64 va = some_va(dice), removed = total[COUNTED_FLUSHED];
    u16 asid = (u16)(roll(dice) % ASIDS);
    const u64 *by_va = roll(dice) % 4 ? &va : NULL;
    const u16 *by_asid = roll(dice) % 2 ? &asid : NULL;

    mmu_fence(&b->hart, by_va, by_asid);
    assert_int_equal(total[COUNTED_FLUSHED] - removed,
                     fence(m, by_va, by_asid));
}

static void try(struct bench *b, const struct tlb_geometry *geometry, u64 dice)
{
    static struct model m;
    unsigned asid = 0;

    build(b, geometry);
    open_model(&m, geometry);
    bench_watch(b, RVEMU_EVENT_BIT(tlb_evict));
    set_asid(b, asid);
    for (unsigned i = 0; i < ACCESSES; i++) {
        u64 what = roll(&dice) % 32;

        if (what == 0)
            set_asid(b, asid = (unsigned)(roll(&dice) % ASIDS));
        else if (what == 1)
            do_fence(b, &m, &dice);
        else
            do_access(b, &m, &dice, asid);
        if (i % 64 == 0)
            expect_counts(b, &m);
    }
    expect_counts(b, &m);
    assert_true(m.counts.page[RVEMU_TLB_LOAD][RVEMU_TLB_4K].hits > 100);
    assert_true(m.counts.page[RVEMU_TLB_STORE][RVEMU_TLB_2M].misses > 10);
    assert_true(m.counts.faults[RVEMU_TLB_FETCH] > 100);
}

static void it_is_as_the_model_says(void **state)
{
    static const struct {
        unsigned sets, ways, large_sets, large_ways, pointers;
    } shapes[] = {{8, 4, 2, 2, 0}, {1, 8, 1, 4, 0}, {4, 1, 2, 1, 3},
                  {1, 1, 1, 1, 1}, {2, 8, 1, 2, 8}, {8, 8, 2, 8, 2}};
    struct tlb_geometry geometry = tlb_default;

    for (unsigned i = 0; i < PROGRAMS; i++)
        for (unsigned how = TLB_FIFO; how < TLB_REPLACEMENTS; how++) {
            /* nobody tells which pointer went */
            if (how == TLB_RANDOM && shapes[i].pointers)
                continue;
            geometry.of[TLB_4K].sets = (u16)shapes[i].sets;
            geometry.of[TLB_4K].ways = (u16)shapes[i].ways;
            geometry.of[TLB_2M].sets = (u16)shapes[i].large_sets;
            geometry.of[TLB_2M].ways = (u16)shapes[i].large_ways;
            geometry.pointers = (u16)shapes[i].pointers;
            geometry.replacement = how;
            geometry.exact = true;
            try(*state, &geometry, 77 * i + how);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_as_the_model_says, bench_setup,
                                        bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
