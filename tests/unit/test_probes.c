/*
 * Unit tests of probes (emu/hart/code/probes.c, emu/hart/interp/probe.c): which
 * instructions are reported, with what, and which returns belong to which
 * calls. That nothing else changes by it, test_run.c sees.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart_bench.h"

#define CODE (BENCH_RAM + 0x100000)
#define FUNCTION (CODE + 0x20)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ADDI_A0 0x00150513u /* addi a0, a0, 1 */
#define RET 0x00008067u
#define JAL_RA(by) ((u32)(by) << 20 | 0xefu) /* below 2048, even */
#define LOOP 0x0000006fu
#define BLT_BACK 0xfe554ce3u /* blt a0, t0, .-8 */
#define SP 0x7000

static void watch(struct bench *b)
{
    bench_watch(b, RVEMU_EVENT_BIT(probe));
    bench_forget(b);
}

/* The i-th event is this; pc is where it happened. */
static void expect(struct bench *b, unsigned i, u64 pc, bool returned, u64 a0,
                   u64 time)
{
    const struct rvemu_event *event = &b->event[i];

    assert_true(i < b->events);
    assert_int_equal(event->kind, RVEMU_EVENT_probe);
    assert_int_equal(event->pc, pc);
    assert_int_equal(event->time, time);
    assert_int_equal(event->priv, b->hart.s.priv);
    assert_int_equal(event->probe.function, FUNCTION);
    assert_int_equal(event->probe.returned, returned);
    assert_int_equal(event->probe.a0, a0);
    assert_int_equal(event->probe.a1, 11);
    assert_int_equal(event->probe.a2, 12);
    assert_int_equal(event->probe.a3, 13);
    assert_int_equal(event->probe.sp, SP);
}

/* Two calls of a function, and then a loop. */
static void put_calls(struct bench *b)
{
    static const u32 code[] = {JAL_RA(0x20), ADDI_A0, JAL_RA(0x18), LOOP,
                               LOOP,         LOOP,    LOOP,         LOOP,
                               ADDI_A0,      RET};

    for (unsigned i = 0; i < 4; i++)
        b->hart.s.x[10 + i] = 10 + i;
    b->hart.s.x[2] = SP;
    bench_code(b, CODE, code, COUNT(code));
}

static void calls_and_returns_are_told(void **state)
{
    struct bench *b = *state;

    put_calls(b);
    assert_true(probes_add(&b->probes, FUNCTION, true));
    watch(b);
    bench_run(b, 100);
    bench_collect(b);
    assert_int_equal(b->events, 4);
    expect(b, 0, FUNCTION, false, 10, 1);
    assert_int_equal(b->event[0].probe.ra, CODE + 4);
    expect(b, 1, CODE + 4, true, 11, 3);
    expect(b, 2, FUNCTION, false, 12, 5);
    assert_int_equal(b->event[2].probe.ra, CODE + 12);
    expect(b, 3, CODE + 12, true, 13, 7);
    assert_int_equal(b->probes.calls, 0);
}

/* What is behind the call was decoded, and executed, before it came back. */
static void a_known_place_is_returned_to(void **state)
{
    static const u32 code[] = {LOOP, JAL_RA(0x1c), ADDI_A0, BLT_BACK, LOOP,
                               LOOP, LOOP,         LOOP,    ADDI_A0,  RET};
    struct bench *b = *state;

    put_calls(b);
    b->hart.s.x[5] = 12;
    bench_code(b, CODE, code, COUNT(code));
    b->hart.s.pc = CODE + 8;
    assert_true(probes_add(&b->probes, FUNCTION, true));
    watch(b);
    bench_run(b, 100);
    bench_collect(b);
    assert_int_equal(b->events, 2);
    expect(b, 0, FUNCTION, false, 11, 3);
    expect(b, 1, CODE + 8, true, 12, 5);
}

static void returns_are_told_if_wanted(void **state)
{
    struct bench *b = *state;

    put_calls(b);
    assert_true(probes_add(&b->probes, FUNCTION, true));
    assert_true(probes_add(&b->probes, FUNCTION, false));
    watch(b);
    bench_run(b, 100);
    bench_collect(b);
    assert_int_equal(b->events, 2);
    expect(b, 0, FUNCTION, false, 10, 1);
    expect(b, 1, FUNCTION, false, 12, 5);
}

/* Nor is a probe that was removed. */
static void programs_are_not_probed(void **state)
{
    struct bench *b = *state;

    put_calls(b);
    assert_true(probes_add(&b->probes, FUNCTION, true));
    bench_set_mode(b, PRIV_U, 0);
    watch(b);
    for (unsigned i = 0; i < 20; i++)
        bench_run(b, 1 + i % 3);
    bench_collect(b);
    assert_int_equal(b->events, 0);
    assert_int_equal(b->hart.s.x[10], 13);
    put_calls(b);
    bench_set_mode(b, PRIV_S, 0);
    assert_true(probes_remove(&b->probes, FUNCTION));
    assert_false(probes_remove(&b->probes, FUNCTION));
    watch(b);
    bench_run(b, 20);
    bench_collect(b);
    assert_int_equal(b->events, 0);
}

/* An instruction that crosses a page is in no block. */
static void one_across_pages_is_told(void **state)
{
    static const u32 code[] = {ADDI_A0, ADDI_A0, LOOP};
    struct bench *b = *state;

    bench_code(b, CODE + 0xffa, code, COUNT(code));
    assert_true(probes_add(&b->probes, CODE + 0xffe, false));
    watch(b);
    bench_run(b, 20);
    bench_collect(b);
    assert_int_equal(b->events, 1);
    assert_int_equal(b->event[0].pc, CODE + 0xffe);
    assert_int_equal(b->event[0].time, 1);
}

/* The page may be mapped elsewhere, where the same instruction is no probe. */
static void the_whole_address_counts(void **state)
{
    struct bench *b = *state;

    put_calls(b);
    assert_true(probes_add(&b->probes, FUNCTION + 0x1000, true));
    assert_true(probes_add(&b->probes, FUNCTION - 0x40000000, true));
    watch(b);
    bench_run(b, 20);
    bench_collect(b);
    assert_int_equal(b->events, 0);
    assert_int_equal(b->hart.s.x[10], 13);
}

static void returns_go_by_address_and_stack(void **state)
{
    struct bench *b = *state;
    struct probes *p = &b->probes;
    u64 function;

    assert_true(probes_add(p, 0x100, true));
    assert_true(probes_add(p, 0x200, true));
    assert_true(probes_enter(p, 0x100, 0x1000, 64));
    assert_false(probes_enter(p, 0x100, 0x1000, 48)); /* from within itself */
    assert_false(probes_enter(p, 0x200, 0x1000, 48)); /* in its place */
    assert_true(probes_enter(p, 0x100, 0x2000, 48));
    assert_true(probes_find(p, 0x2000)->site);
    assert_false(probes_leave(p, 0x2000, 64, &function));
    assert_true(probes_leave(p, 0x1000, 48, &function));
    assert_int_equal(function, 0x200);
    assert_true(probes_leave(p, 0x1000, 48, &function));
    assert_int_equal(function, 0x100);
    assert_false(probes_leave(p, 0x1000, 48, &function));
    assert_true(probes_leave(p, 0x2000, 48, &function));
    assert_true(probes_leave(p, 0x1000, 64, &function));
    assert_int_equal(p->calls, 0);
    for (u64 i = 0; i <= PROBES_CALLS; i++)
        probes_enter(p, 0x100, 0x1000, i * 16);
    assert_int_equal(p->calls, PROBES_CALLS);
    assert_false(probes_leave(p, 0x1000, 0, &function)); /* gave way */
    assert_true(probes_leave(p, 0x1000, 16, &function));
    assert_true(probes_remove(p, 0x100));
    assert_int_equal(p->calls, 0);
    assert_true(probes_remove(p, 0x200));
    assert_null(probes_find(p, 0x1000)); /* with the last, all go */
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_and_returns_are_told),
        TEST(a_known_place_is_returned_to),
        TEST(returns_are_told_if_wanted),
        TEST(programs_are_not_probed),
        TEST(one_across_pages_is_told),
        TEST(the_whole_address_counts),
        TEST(returns_go_by_address_and_stack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
