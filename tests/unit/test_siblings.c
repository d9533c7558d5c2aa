/*
 * Unit test of what the harts of one machine tell each other: decoded code,
 * watched page tables, the small write arrays and the clock are shared, and
 * what one hart does to them reaches another that is not running.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart/system/csr.h"
#include "hart/system/interrupts.h"
#include "hart/system/waiting.h"
#include "hart/mmu/mem.h"
#include "hart_bench.h"
#include "isa/csr.h"

#define ROOT BENCH_FRAME(0)
#define OTHER_ROOT BENCH_FRAME(1)
#define DATA BENCH_FRAME(2)
#define CODE BENCH_FRAME(3)
#define LEAF (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D)
#define TABLE_KINDS                                            \
    (RVEMU_EVENT_BIT(pte_write) | RVEMU_EVENT_BIT(pte_found) | \
     RVEMU_EVENT_BIT(root_lost))

struct pair {
    struct bench *bench;
    struct hart *hart[2];
    struct hart other;
};

static int make(void **state)
{
    struct pair *pair = test_calloc(1, sizeof(*pair));
    struct hart_wiring wiring;
    struct rvemu_error error;
    void *bench;

    if (bench_setup(&bench) < 0)
        return -1;
    pair->bench = bench;
    wiring = bench_wiring(bench, 1);
    if (hart_init(&pair->other, &wiring, &error) < 0)
        return -1;
    hart_reset(&pair->other, BENCH_RAM);
    pair->hart[0] = &pair->bench->hart;
    pair->hart[1] = &pair->other;
    *state = pair;
    return 0;
}

static int drop(void **state)
{
    struct pair *pair = *state;
    void *bench = pair->bench;

    hart_fini(&pair->other);
    bench_teardown(&bench);
    test_free(pair);
    return 0;
}

/* The instruction alone, as the only one of its block. */
static const struct insn *place(struct hart *h, const struct insn *in)
{
    h->c.single->insn[0] = *in;
    h->c.single->count = 1;
    h->c.block = h->c.single;
    h->c.raised = false;
    return h->c.single->insn;
}

static void store(struct hart *h, u64 pa, u64 value)
{
    const struct insn sd = {.op = OP_sd, .len = 4};

    if (context_hit(h->c.data, ARRAY_WRITE, pa, 8))
        memcpy(ram_host(&h->w.bus->ram, pa), &value, 8);
    else
        mem_store_slow(h, place(h, &sd), pa, 8, value);
    h->c.in = NULL;
    assert_false(h->c.raised);
}

static void load_satp(struct hart *h, u64 root)
{
    const struct insn csrrw = {.op = OP_csrrw, .len = 4, .imm = CSR_satp};

    csr_access(h, place(h, &csrrw), CSR_SWAP,
               root ? 8ull << 60 | root >> 12 : 0, false, true);
    h->c.in = NULL;
    h->c.attention = false;
    assert_false(h->c.raised);
}

static unsigned count(struct pair *pair, unsigned kind, unsigned hart)
{
    struct bench *b = pair->bench;
    unsigned n = 0;

    bench_collect(b);
    for (unsigned i = 0; i < b->events; i++)
        n += b->event[i].kind == kind && b->event[i].hart == hart;
    return n;
}

static bool writes_fast(struct hart *h, u64 pa)
{
    return context_hit(h->c.data, ARRAY_WRITE, pa, 8) != NULL;
}

static void a_table_of_one_hart_leaves_the_write_arrays_of_all(void **state)
{
    struct pair *pair = *state;

    bench_watch(pair->bench, TABLE_KINDS);
    tables_watch(pair->bench->tables, true);
    for (unsigned i = 0; i < 2; i++) {
        store(pair->hart[i], ROOT, 0);
        assert_true(writes_fast(pair->hart[i], ROOT));
    }
    load_satp(pair->hart[0], ROOT);
    for (unsigned i = 0; i < 2; i++)
        assert_false(writes_fast(pair->hart[i], ROOT));
    store(pair->hart[1], ROOT + 16, bench_pte(BENCH_RAM, LEAF));
    assert_int_equal(count(pair, RVEMU_EVENT_pte_write, 1), 1);
    assert_int_equal(count(pair, RVEMU_EVENT_pte_write, 0), 0);
}

static void code_of_one_hart_leaves_the_write_arrays_of_all(void **state)
{
    struct pair *pair = *state;
    static const u32 code[] = {0x00108093, 0x0000006f}; /* addi x1,x1,1; j . */

    for (unsigned i = 0; i < 2; i++)
        store(pair->hart[i], CODE + 64, 0);
    memcpy(ram_host(&pair->bench->bus.ram, CODE), code, sizeof(code));
    pair->hart[0]->s.pc = CODE;
    bench_run(pair->bench, 2);
    assert_int_equal(pair->hart[0]->s.x[1], 1);
    for (unsigned i = 0; i < 2; i++)
        assert_false(writes_fast(pair->hart[i], CODE));

    store(pair->hart[1], CODE, 0x0000006f00508093); /* addi x1,x1,5; j . */
    pair->hart[0]->s.pc = CODE;
    bench_run(pair->bench, 2);
    assert_int_equal(pair->hart[0]->s.x[1], 6);
}

static void a_late_watcher_finds_every_root(void **state)
{
    struct pair *pair = *state;

    store(pair->hart[0], ROOT + 16, bench_pte(BENCH_RAM, LEAF));
    store(pair->hart[0], OTHER_ROOT + 16, bench_pte(BENCH_RAM, LEAF));
    load_satp(pair->hart[0], ROOT);
    load_satp(pair->hart[1], OTHER_ROOT);
    bench_watch(pair->bench, TABLE_KINDS);
    tables_watch(pair->bench->tables, true);
    assert_int_equal(count(pair, RVEMU_EVENT_pte_found, 0), 1);
    assert_int_equal(count(pair, RVEMU_EVENT_pte_found, 1), 1);
}

/* A root that is cleared is lost once the last hart has left it. */
static void a_root_lives_while_any_hart_uses_it(void **state)
{
    struct pair *pair = *state;

    bench_watch(pair->bench, TABLE_KINDS);
    tables_watch(pair->bench->tables, true);
    store(pair->hart[0], ROOT + 16, bench_pte(BENCH_RAM, LEAF));
    load_satp(pair->hart[0], ROOT);
    load_satp(pair->hart[1], ROOT);
    load_satp(pair->hart[0], 0);
    store(pair->hart[0], ROOT + 16, 0);
    assert_int_equal(count(pair, RVEMU_EVENT_root_lost, 0), 0);
    store(pair->hart[0], ROOT + 16, bench_pte(BENCH_RAM, LEAF));
    load_satp(pair->hart[1], 0);
    store(pair->hart[0], ROOT + 16, 0);
    assert_int_equal(count(pair, RVEMU_EVENT_root_lost, 0), 1);
}

/* Their fetch pages stay what they were, anew. */
static void dropped_code_is_dropped_for_all(void **state)
{
    struct pair *pair = *state;
    u64 pa[2];

    for (unsigned i = 0; i < 2; i++) {
        pair->hart[i]->c.attention = false; /* of the reset */
        pair->hart[i]->s.pc = CODE + i * PAGE_SIZE;
        assert_true(fetch_page(pair->hart[i], pair->hart[i]->s.pc));
        store(pair->hart[i], DATA, i);
        pa[i] = pair->hart[i]->c.code->pa;
    }
    fetch_drop_code(pair->hart[0]->w.siblings);
    for (unsigned i = 0; i < 2; i++) {
        assert_false(writes_fast(pair->hart[i], DATA));
        assert_null(context_hit(pair->hart[i]->c.fetch, ARRAY_EXEC, pa[i], 1));
        assert_int_equal(pair->hart[i]->c.code->pa, pa[i]);
        assert_int_equal(pair->hart[i]->c.code->host[0], 0);
    }
}

static u64 no_progress(void *self)
{
    return 0;
}

static void count_cut(void *self)
{
    ++*(unsigned *)self;
}

/* What wakes a hart makes the running one end its slice; what does not wake
 * it, or does not sleep, makes no difference. */
static void waking_a_hart_ends_the_slice_of_another(void **state)
{
    struct pair *pair = *state;
    unsigned cuts = 0;
    const struct clock_runner runner = {no_progress, count_cut, &cuts};

    pair->bench->clock.runner = &runner;
    interrupts_drive(pair->hart[1], INT_MSI, true);
    assert_int_equal(cuts, 0);
    interrupts_drive(pair->hart[1], INT_MSI, false);
    pair->hart[1]->s.waiting = true;
    interrupts_drive(pair->hart[1], INT_MSI, true);
    assert_int_equal(cuts, 0);
    assert_false(hart_can_run(pair->hart[1]));
    pair->hart[1]->s.csr.mie = 1 << INT_MSI;
    interrupts_drive(pair->hart[1], INT_MSI, true);
    assert_int_equal(cuts, 1);
    assert_true(hart_can_run(pair->hart[1]));
    pair->bench->clock.runner = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_table_of_one_hart_leaves_the_write_arrays_of_all),
        TEST(code_of_one_hart_leaves_the_write_arrays_of_all),
        TEST(a_late_watcher_finds_every_root),
        TEST(a_root_lives_while_any_hart_uses_it),
        TEST(dropped_code_is_dropped_for_all),
        TEST(waking_a_hart_ends_the_slice_of_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
