/*
 * Unit tests of cycles of faults (emu/analysis/loops.c): when they are endless
 * loops, and what shows that the guest gets on.
 */
#include "analysis/loops.h"

#include <stdlib.h>

#include "fake_kernel.h"

#define INTERRUPT (1ull << 63)

static struct loops *loops;
static struct world w;

static const char *last(void)
{
    return w.lines ? w.line[w.lines - 1] : "";
}

static int set_up(void **state)
{
    loops = calloc(1, sizeof(*loops));
    return loops ? 0 : -1;
}

static int tear_down(void **state)
{
    free(loops);
    return 0;
}

/* A fault at the address by an instruction of its own. */
static struct met make(char name)
{
    return (struct met){
        .pc = 0x1000 + 4u * (u8)name, .va = 0x1000u * (u8)name, .priv = 1};
}

static void trap(u64 cause, u64 epc)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_trap,
                                .trap = {cause, 0, epc, 1}};

    loops_trap(loops, &event);
}

static void go_back(u64 to, u8 priv)
{
    struct rvemu_event event = {
        .kind = RVEMU_EVENT_xret, .priv = priv, .xret = {to, 1}};

    loops_return(loops, &event);
}

/* Faults in this order; which of them, from 1 on, showed a loop, or 0. */
static unsigned found_at(const char *order)
{
    unsigned found = 0;

    for (unsigned i = 0; order[i]; i++) {
        struct met met = make(order[i]);
        enum loop_state state;

        met.time = 100 + i;
        state = loops_meet(&loops->hart[0], loops, &met);
        if (state == LOOP_FOUND)
            assert_int_equal(found, 0);
        if (state == LOOP_FOUND)
            found = i + 1;
        assert_int_equal(state == LOOP_KNOWN, found && i + 1 > found);
    }
    return found;
}

static void the_third_time_of_the_first(void **state)
{
    static const struct {
        const char *order;
        unsigned at;
        u64 time; /* of the cycle's first */
    } row[] = {
        {"AA", 0, 0},
        {"AAAA", 3, 100},
        {"ABABABAB", 5, 100},
        {"XABABA", 6, 101},
        {"ABCABCABC", 7, 100},
        {"AABAABAAB", 9, 102},
        {"ABCDABCDABCD", 9, 100},
        {"ABCDEABCDEABCDE", 0, 0},
        {"ABACADAEAF", 0, 0},
    };

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        memset(loops, 0, sizeof(*loops));
        assert_int_equal(found_at(row[i].order), row[i].at);
        if (row[i].at)
            assert_int_equal(loops->hart[0].time, row[i].time);
    }
}

static void each_has_a_next(void **state)
{
    static const char order[] = "ABCA";

    found_at("XABCABCABC");
    for (unsigned i = 0; i < 3; i++) {
        struct met met = make(order[i]), next = make(order[i + 1]);

        assert_int_equal(loops_next(&loops->hart[0], &met)->va, next.va);
    }
    assert_null(loops_next(&loops->hart[0], &(struct met){.pc = 0x5000}));
    memset(loops, 0, sizeof(*loops));
    found_at("ABA");
    assert_null(loops_next(&loops->hart[0], &(struct met){.pc = 0x1000}));
}

/* No loop comes of faults among which this happens. */
static void expect_reset(void)
{
    assert_int_equal(found_at("ABA"), 0);
    memset(loops, 0, sizeof(*loops));
}

static void what_shows_that_the_guest_gets_on(void **state)
{
    found_at("ABAB");
    trap(8, 0x4000); /* a program's call */
    expect_reset();
    found_at("ABAB");
    loops->changes++;
    expect_reset();
    found_at("ABAB");
    go_back(make('B').pc + 4, 1);
    expect_reset();
    found_at("ABAB");
    go_back(0x4000, 1);
    expect_reset();
}

static void what_does_not(void **state)
{
    found_at("AB");
    trap(9, 0x4000); /* the kernel's call of the firmware … */
    go_back(0x4004, 3);
    go_back(make('A').pc, 1);
    found_at("AB");
    trap(INTERRUPT | 5, 0x4008);
    go_back(0x4008, 1);
    assert_int_equal(found_at("A"), 1);
}

/* ---- as they are told ---- */

static void the_same_fault_for_ever(void **state)
{
    u64 root;

    world_open(&w, false);
    root = new_program(&w);
    run(&w, root);
    for (unsigned i = 0; i < 9; i++)
        emit_at(&w,
                (struct rvemu_event){
                    .kind = RVEMU_EVENT_page_fault,
                    .page_fault = {0, RVEMU_ACCESS_FETCH, RVEMU_REASON_INVALID,
                                   2, root << 12, 0, SV39 | root, 0}},
                1, 0);
    assert_string_equal(last(), "The kernel jumps to address 0x0: nothing is "
                                "mapped there. The same again and again, and "
                                "nothing changes in between: an endless loop.");
    assert_int_equal(w.lines, 1);
    rvemu_explain_finish(w.explain);
    assert_int_equal(w.lines, 3);
    world_close(&w);
}

static void kernel_fault(u64 root, u64 pc, u64 va)
{
    emit_at(&w,
            (struct rvemu_event){.kind = RVEMU_EVENT_page_fault,
                                 .page_fault = {va, RVEMU_ACCESS_LOAD,
                                                RVEMU_REASON_INVALID, 2,
                                                root << 12, 0, SV39 | root, 0}},
            1, pc);
}

/* A program's fault, a fault in its handler, and back to the program: over and
 * over. */
static void two_faults_in_turn(void **state)
{
    u64 root;

    world_open(&w, false);
    root = new_program(&w);
    run(&w, root);
    for (unsigned i = 0; i < 9; i++) {
        fault(&w, root, 0x14000, RVEMU_ACCESS_STORE, RVEMU_REASON_INVALID);
        kernel_fault(root, 0xffffffc080001000, 0x8);
        EMIT(&w, xret, 0x10200, 0);
    }
    settle(&w);
    assert_int_equal(w.lines, 3);
    assert_string_equal(
        last(), "space 1 stores to 0x14000: nothing is mapped there. This "
                "fault and one at 0x8, in 0xffffffc080001000, take turns, and "
                "nothing changes in between: an endless loop.");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_third_time_of_the_first, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_has_a_next, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_shows_that_the_guest_gets_on,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_does_not, set_up, tear_down),
        cmocka_unit_test(the_same_fault_for_ever),
        cmocka_unit_test(two_faults_in_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
