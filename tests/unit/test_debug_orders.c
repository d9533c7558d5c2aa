/*
 * Unit test of a debugger's orders (emu/debug/orders.c) on the bundled kernel:
 * a function is finished at its return address and with its stack pointer, the
 * next line is one of the same function, and whoever goes over traps never sees
 * a handler.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "debug_rig.h"
#include "guest_rig.h"

enum { RA = 1, SP = 2 };

static const struct rig_guest kernel = {"guest/kernel/kernel.elf", "", 1,
                                        "cow\nexit\n"};

struct bench {
    rvemu *machine;
    struct rvemu_debugger *d;
    struct rvemu_binary *binary;
    struct rvemu_symbols *symbols;
};

static bool place(void *arg, unsigned hart, uint64_t pc,
                  struct rvemu_place *out)
{
    const struct bench *b = arg;

    return rvemu_priv(b->machine, hart) == 1 &&
           rvemu_binary_place(b->binary, pc, out);
}

static int setup(void **state)
{
    static struct bench b;
    char path[PATH_MAX];
    struct rvemu_image image = guest_image(kernel.file, path);
    struct rvemu_error error;

    b.machine = rig_machine(&kernel);
    b.d = rvemu_debugger_new(b.machine);
    b.binary = rvemu_binary_new(&image);
    b.symbols = rvemu_symbols_new();
    rvemu_debug_set_places(b.d, place, &b);
    *state = &b;
    return rvemu_symbols_add(b.symbols, &image, 0, &error);
}

static int teardown(void **state)
{
    struct bench *b = *state;

    rvemu_debugger_free(b->d);
    rvemu_destroy(b->machine);
    rvemu_binary_free(b->binary);
    rvemu_symbols_free(b->symbols);
    return 0;
}

/* Runs to where a function is called next. False: it is not. */
static bool run_to(struct bench *b, const char *function)
{
    struct rvemu_point point = {.kind = RVEMU_POINT_BREAK};
    struct rvemu_debug_stop stop;

    assert_int_equal(rvemu_symbols_address(b->symbols, function, &point.va), 0);
    rvemu_debug_until(b->d, &point, RIG_STEPS, &stop);
    assert_int_equal(rvemu_point_next(b->d, 0), 0);
    if (stop.why == RVEMU_WHY_END)
        return false;
    assert_int_equal(stop.why, RVEMU_WHY_POINT);
    assert_int_equal(stop.pc, point.va);
    assert_int_equal(rvemu_pc(b->machine, 0), point.va);
    return true;
}

static void go(struct bench *b, enum rvemu_go how)
{
    const struct rvemu_order order = {.go = how};
    struct rvemu_debug_stop stop;

    rvemu_debug_order(b->d, &order);
    rvemu_debug_run(b->d, RIG_STEPS, &stop);
    if (stop.why != RVEMU_WHY_DONE)
        fail_msg("why %d: %s", stop.why, stop.text);
    assert_int_equal(stop.pc, rvemu_pc(b->machine, 0));
}

static void functions_are_finished(void **state)
{
    static const char *const names[] = {"do_page_fault", "map_range", "memcpy",
                                        "frame_get", "mm_copy"};
    struct bench *b = *state;

    for (unsigned i = 0; i < 20; i++) {
        u64 ra, sp;

        if (!run_to(b, names[i % 5]))
            break;
        ra = rvemu_x(b->machine, 0, RA);
        sp = rvemu_x(b->machine, 0, SP);
        for (unsigned n = 0; n < i % 4; n++)
            go(b, RVEMU_GO_STEP);
        go(b, RVEMU_GO_FINISH);
        assert_int_equal(rvemu_pc(b->machine, 0), ra);
        assert_int_equal(rvemu_x(b->machine, 0, SP), sp);
    }
}

static void next_lines_are_of_the_function(void **state)
{
    struct bench *b = *state;
    struct rvemu_place at;
    unsigned lines = 0, last = 0;
    u64 ra;

    assert_true(run_to(b, "do_page_fault"));
    ra = rvemu_x(b->machine, 0, RA);
    for (; lines < 200; lines++) {
        go(b, RVEMU_GO_NEXT);
        assert_true(place(b, 0, rvemu_pc(b->machine, 0), &at));
        if (rvemu_pc(b->machine, 0) == ra)
            break;
        assert_string_equal(at.symbol, "do_page_fault");
        assert_int_not_equal(at.line, last);
        last = at.line;
    }
    assert_in_range(lines, 4, 100);
}

/* By lines one comes to a function that is called. */
static void lines_lead_into_functions(void **state)
{
    struct bench *b = *state;
    struct rvemu_place at;
    unsigned lines = 0;

    assert_true(run_to(b, "do_page_fault"));
    do {
        go(b, RVEMU_GO_LINE);
        assert_true(place(b, 0, rvemu_pc(b->machine, 0), &at));
    } while (!strcmp(at.symbol, "do_page_fault") && ++lines < 100);
    assert_int_equal(at.offset, 0);
}

/* A program's instructions, whatever traps come: calls, faults, interrupts. */
static void handlers_are_not_seen(void **state)
{
    const struct rvemu_point user = {
        .kind = RVEMU_POINT_CATCH,
        .event = RVEMU_EVENT_xret,
        .tests = 1,
        .test[0] = {.of = RVEMU_TEST_WORD, .number = 1, .value = 0}};
    struct bench *b = *state;
    struct rvemu_debug_stop stop;
    const struct rvemu_order over = {.go = RVEMU_GO_OVER};
    u64 traps = 0;

    rvemu_debug_until(b->d, &user, RIG_STEPS, &stop);
    assert_int_equal(stop.why, RVEMU_WHY_POINT);
    for (unsigned i = 0; i < 3000; i++) {
        u64 retired = rvemu_retired(b->machine, 0);
        u64 pc = rvemu_pc(b->machine, 0);

        rvemu_debug_order(b->d, &over);
        rvemu_debug_run(b->d, RIG_STEPS, &stop);
        if (stop.why == RVEMU_WHY_END)
            break; /* the program's end is a call that does not return */
        assert_int_equal(stop.why, RVEMU_WHY_DONE);
        assert_int_equal(rvemu_priv(b->machine, 0), 0);
        assert_int_not_equal(rvemu_pc(b->machine, 0), 0);
        traps += rvemu_retired(b->machine, 0) != retired + 1;
        assert_true(rvemu_pc(b->machine, 0) != pc ||
                    rvemu_retired(b->machine, 0) == retired + 1);
    }
    assert_true(traps > 2);
}

/* A step is into the handler, and the trap may be waited for. */
static void traps_are_stepped_into(void **state)
{
    const struct rvemu_order trap = {.go = RVEMU_GO_TRAP};
    struct bench *b = *state;
    struct rvemu_debug_stop stop;

    for (unsigned i = 0; i < 50; i++) {
        u64 steps, value;

        rvemu_debug_order(b->d, &trap);
        rvemu_debug_run(b->d, RIG_STEPS, &stop);
        assert_int_equal(stop.why, RVEMU_WHY_DONE);
        assert_int_equal(
            rvemu_csr(b->machine, 0,
                      rvemu_priv(b->machine, 0) == 3 ? 0x305 : 0x105, &value),
            0);
        assert_int_equal(rvemu_pc(b->machine, 0), value & ~3ull);
        steps = rvemu_steps(b->machine, 0);
        go(b, RVEMU_GO_STEP);
        assert_int_equal(rvemu_steps(b->machine, 0), steps + 1);
    }
}

static void tell(void *arg, const struct rvemu_event *event)
{
    struct bench *b = arg;

    if (event->page_fault.access == RVEMU_ACCESS_STORE)
        rvemu_debug_tell(b->d, "a store");
}

/* Who comes to a finding by an event stops the machine behind its step. */
static void findings_stop_it(void **state)
{
    struct bench *b = *state;
    struct rvemu_debug_stop stop;
    u64 cause;

    assert_int_equal(
        rvemu_subscribe(b->machine, RVEMU_EVENT_BIT(page_fault), tell, b), 0);
    assert_int_equal(rvemu_debug_hear(b->d, RVEMU_EVENT_BIT(page_fault)), 0);
    for (unsigned i = 0; i < 5; i++) {
        rvemu_debug_run(b->d, RIG_STEPS, &stop);
        assert_int_equal(stop.why, RVEMU_WHY_TOLD);
        assert_string_equal(stop.text, "a store");
        assert_int_equal(rvemu_csr(b->machine, 0, 0x142, &cause), 0);
        assert_int_equal(cause, 15);
        assert_int_equal(rvemu_csr(b->machine, 0, 0x105, &cause), 0);
        assert_int_equal(stop.pc, cause & ~3ull);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(functions_are_finished),    TEST(next_lines_are_of_the_function),
        TEST(lines_lead_into_functions), TEST(handlers_are_not_seen),
        TEST(traps_are_stepped_into),    TEST(findings_stop_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
