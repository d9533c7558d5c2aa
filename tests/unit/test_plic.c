/*
 * Unit tests of dev/plic.c: gateways, priorities, thresholds, claims and
 * completions, beside the sentences of the PLIC specification they serve.
 */
#include "dev/plic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define ENABLE(context) (0x2000 + 0x80 * (context))
#define THRESHOLD(context) (0x200000 + 0x1000 * (context))
#define CLAIM(context) (THRESHOLD(context) + 4)
#define HARTS 2

struct rig {
    struct plic plic;
    bool line[2 * HARTS];
    bool is_told;
    unsigned events;
    struct rvemu_event event[16];
};

static struct rvemu_event *new_event(void *self, unsigned kind)
{
    struct rig *rig = self;

    assert_int_equal(kind, RVEMU_EVENT_plic);
    return rig->is_told ? &rig->event[rig->events++] : NULL;
}

static void set_line(void *hart, unsigned number, bool level)
{
    bool *line = hart;

    line[number == IRQ_SEIP] = level;
}

static int make(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct device_wiring wiring = {
        .harts = HARTS,
        .hart_irq = set_line,
        .hart = {&rig->line[0], &rig->line[2]},
        .events = {new_event, rig},
    };

    plic_device.init(&rig->plic, &wiring);
    plic_device.reset(&rig->plic);
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

    assert_true(plic_device.ops->read(&rig->plic, offset, 4, &value));
    return (u32)value;
}

static void out(struct rig *rig, u64 offset, u32 value)
{
    assert_true(plic_device.ops->write(&rig->plic, offset, 4, value));
}

static void enable_source(struct rig *rig, unsigned context, unsigned source,
                          u32 priority)
{
    u64 word = ENABLE(context) + source / 32 * 4;

    out(rig, 4 * source, priority);
    out(rig, word, in(rig, word) | 1u << source % 32);
}

static void requests_are_told_of(void **state)
{
    static const u64 wanted[][3] = {
        {RVEMU_PLIC_RAISED, 5, 0},   {RVEMU_PLIC_CLAIM, 5, 1},
        {RVEMU_PLIC_CLAIM, 0, 1},    {RVEMU_PLIC_RAISED, 5, 0},
        {RVEMU_PLIC_COMPLETE, 5, 1}, {RVEMU_PLIC_LOWERED, 5, 0},
    };
    struct rig *rig = *state;

    enable_source(rig, 1, 5, 1);
    rig->is_told = true;
    plic_device.set_source(&rig->plic, 5, true);
    plic_device.set_source(&rig->plic, 5, true); /* says nothing new */
    in(rig, CLAIM(1));
    in(rig, CLAIM(1));
    plic_device.set_source(&rig->plic, 5, true);
    out(rig, CLAIM(1), 5);
    out(rig, CLAIM(0), 5); /* not its own */
    plic_device.set_source(&rig->plic, 5, false);
    assert_int_equal(rig->events, 6);
    for (unsigned i = 0; i < 6; i++)
        assert_memory_equal(rig->event[i].word, wanted[i], sizeof(wanted[i]));
}

static void registers_keep_what_exists_of_them(void **state)
{
    struct rig *rig = *state;
    u64 value;

    out(rig, 4 * 95, 0xffffffff);
    assert_int_equal(in(rig, 4 * 95), 7);
    out(rig, 0, 7);
    assert_int_equal(in(rig, 0), 0);
    out(rig, 4 * 96, 7);
    assert_int_equal(in(rig, 4 * 96), 0);
    out(rig, ENABLE(0), 0xffffffff);
    assert_int_equal(in(rig, ENABLE(0)), 0xfffffffe);
    out(rig, ENABLE(0) + 12, 0xffffffff);
    assert_int_equal(in(rig, ENABLE(0) + 12), 0);
    out(rig, ENABLE(2 * HARTS), 0xffffffff);
    assert_int_equal(in(rig, ENABLE(2 * HARTS)), 0);
    out(rig, THRESHOLD(1), 0xff);
    assert_int_equal(in(rig, THRESHOLD(1)), 7);
    assert_int_equal(in(rig, CLAIM(2 * HARTS)), 0);
    out(rig, 0x1000, 0xffffffff);
    assert_int_equal(in(rig, 0x1000), 0);
    assert_int_equal(in(rig, 0x5ffffc), 0);
    assert_false(plic_device.ops->read(&rig->plic, 0, 1, &value));
    assert_false(plic_device.ops->write(&rig->plic, 0, 8, 0));
}

static void a_request_reaches_its_context_only(void **state)
{
    struct rig *rig = *state;

    enable_source(rig, 1, 10, 1);
    plic_device.set_source(&rig->plic, 10, true);
    assert_int_equal(in(rig, 0x1000), 1u << 10);
    assert_true(rig->line[1]);
    assert_false(rig->line[0] || rig->line[2] || rig->line[3]);
    assert_int_equal(in(rig, CLAIM(0)), 0);
    assert_int_equal(in(rig, CLAIM(1)), 10);
    assert_false(rig->line[1]);
    assert_int_equal(in(rig, 0x1000), 0);
}

static void the_line_falls_when_the_threshold_rises(void **state)
{
    struct rig *rig = *state;

    enable_source(rig, 1, 10, 3);
    plic_device.set_source(&rig->plic, 10, true);
    assert_true(rig->line[1]);
    out(rig, THRESHOLD(1), 3);
    assert_false(rig->line[1]);
    out(rig, THRESHOLD(1), 2);
    assert_true(rig->line[1]);
    out(rig, 4 * 10, 0);
    assert_false(rig->line[1]);
    out(rig, 4 * 10, 3);
    out(rig, ENABLE(1), 0);
    assert_false(rig->line[1]);
}

static void a_claim_looks_at_no_threshold(void **state)
{
    struct rig *rig = *state;

    enable_source(rig, 1, 10, 3);
    out(rig, THRESHOLD(1), 7);
    plic_device.set_source(&rig->plic, 10, true);
    assert_false(rig->line[1]);
    assert_int_equal(in(rig, CLAIM(1)), 10);
}

static void priority_zero_never_interrupts(void **state)
{
    struct rig *rig = *state;

    enable_source(rig, 1, 10, 0);
    plic_device.set_source(&rig->plic, 10, true);
    assert_false(rig->line[1]);
    assert_int_equal(in(rig, CLAIM(1)), 0);
}

static void highest_priority_then_lowest_number(void **state)
{
    struct rig *rig = *state;

    enable_source(rig, 0, 5, 2);
    enable_source(rig, 0, 40, 6);
    enable_source(rig, 0, 95, 6);
    plic_device.set_source(&rig->plic, 5, true);
    plic_device.set_source(&rig->plic, 95, true);
    plic_device.set_source(&rig->plic, 40, true);
    assert_int_equal(in(rig, CLAIM(0)), 40);
    assert_int_equal(in(rig, CLAIM(0)), 95);
    assert_int_equal(in(rig, CLAIM(0)), 5);
    assert_int_equal(in(rig, CLAIM(0)), 0);
}

static void a_level_stated_again_asks_again(void **state)
{
    struct rig *rig = *state;

    enable_source(rig, 1, 10, 1);
    plic_device.set_source(&rig->plic, 10, true);
    assert_int_equal(in(rig, CLAIM(1)), 10);
    out(rig, CLAIM(1), 10);
    assert_false(rig->line[1]); /* the wire is high, and nothing new */
    plic_device.set_source(&rig->plic, 10, true);
    assert_int_equal(in(rig, CLAIM(1)), 10);
    plic_device.set_source(&rig->plic, 10, true);
    assert_false(rig->line[1]); /* in service: it has to wait */
    assert_int_equal(in(rig, CLAIM(1)), 0);
    out(rig, CLAIM(1), 10);
    assert_true(rig->line[1]);
    assert_int_equal(in(rig, CLAIM(1)), 10);
}

static void a_request_falls_with_its_wire(void **state)
{
    struct rig *rig = *state;

    enable_source(rig, 1, 10, 1);
    plic_device.set_source(&rig->plic, 10, true);
    plic_device.set_source(&rig->plic, 10, false);
    assert_false(rig->line[1]);
    assert_int_equal(in(rig, CLAIM(1)), 0);
}

static void foreign_completions_are_ignored(void **state)
{
    struct rig *rig = *state;

    enable_source(rig, 1, 10, 1);
    plic_device.set_source(&rig->plic, 10, true);
    assert_int_equal(in(rig, CLAIM(1)), 10);
    out(rig, CLAIM(0), 10); /* not enabled there */
    assert_false(rig->line[1]);
    out(rig, CLAIM(1), 96);
    out(rig, CLAIM(1), 0xffffffff);
    out(rig, CLAIM(1), 0);
    plic_device.set_source(&rig->plic, 10, true);
    assert_false(rig->line[1]);
    out(rig, CLAIM(1), 10);
    assert_true(rig->line[1]);
}

static void one_claim_takes_it_from_all(void **state)
{
    struct rig *rig = *state;

    enable_source(rig, 1, 10, 1);
    enable_source(rig, 3, 10, 1);
    plic_device.set_source(&rig->plic, 10, true);
    assert_true(rig->line[1] && rig->line[3]);
    assert_int_equal(in(rig, CLAIM(3)), 10);
    assert_false(rig->line[1] || rig->line[3]);
    assert_int_equal(in(rig, CLAIM(1)), 0);
}

static void reset_forgets_all(void **state)
{
    struct rig *rig = *state;

    enable_source(rig, 1, 10, 1);
    plic_device.set_source(&rig->plic, 10, true);
    in(rig, CLAIM(1));
    plic_device.reset(&rig->plic);
    assert_false(rig->line[1]);
    assert_int_equal(in(rig, 4 * 10), 0);
    enable_source(rig, 1, 10, 1);
    assert_false(rig->line[1]);
    plic_device.set_source(&rig->plic, 10, true);
    assert_true(rig->line[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_are_told_of),
        TEST(registers_keep_what_exists_of_them),
        TEST(a_request_reaches_its_context_only),
        TEST(the_line_falls_when_the_threshold_rises),
        TEST(a_claim_looks_at_no_threshold),
        TEST(priority_zero_never_interrupts),
        TEST(highest_priority_then_lowest_number),
        TEST(a_level_stated_again_asks_again),
        TEST(a_request_falls_with_its_wire),
        TEST(foreign_completions_are_ignored),
        TEST(one_claim_takes_it_from_all),
        TEST(reset_forgets_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
