/*
 * Unit tests of emu/analysis/filter.h and of how its lists are read
 * (rvemu_explain_read()).
 */
#include "analysis/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct rvemu_explain_options good(const char *list)
{
    struct rvemu_explain_options options = {.json = false};
    struct rvemu_error error;

    assert_int_equal(rvemu_explain_read(&options, list, &error), 0);
    return options;
}

static void bad(const char *list, const char *about)
{
    struct rvemu_explain_options options = {.json = false};
    struct rvemu_error error;

    assert_int_equal(rvemu_explain_read(&options, list, &error), -1);
    assert_non_null(strstr(error.text, about));
}

static void lists_are_read(void **state)
{
    struct rvemu_explain_options options = good("full,json,space=3,space=cow");

    assert_true(options.full);
    assert_true(options.json);
    assert_int_equal(options.filter.spaces, 2);
    assert_int_equal(options.filter.space[0].number, 3);
    assert_string_equal(options.filter.space[0].name, "");
    assert_string_equal(options.filter.space[1].name, "cow");
    options = good("addr=0x10008,addr=4096-0x1fff,full,json,short,text");
    assert_false(options.full);
    assert_false(options.json);
    assert_int_equal(options.filter.ranges, 2);
    assert_int_equal(options.filter.range[0].first, 0x10000);
    assert_int_equal(options.filter.range[0].last, 0x10fff);
    assert_int_equal(options.filter.range[1].first, 0x1000);
    assert_int_equal(options.filter.range[1].last, 0x1fff);
    assert_int_equal(good("addr=0-0xffffffffffffffff").filter.range[0].last,
                     UINT64_MAX);
    assert_string_equal(good("space=3d").filter.space[0].name, "3d");
    assert_string_equal(good("space=a,,b").filter.space[0].name, "a,b");
    good(NULL);
}

static void lists_are_refused(void **state)
{
    char many[17 * 8] = "";

    bad("", "short, full");
    bad("loud", "'loud'");
    bad("full=1", "'full'");
    bad("space", "'space'");
    bad("space=", "space=");
    bad("space=abcdefghijklmnop", "space=");
    bad("addr=", "addr=");
    bad("addr=x", "addr=");
    bad("addr=1-", "addr=");
    bad("addr=1-x", "addr=");
    bad("addr=2-1", "addr=");
    bad("addr=1-2-3", "addr=");
    bad("addr=0x10000000000000000", "addr=");
    bad("short,", "''");
    for (unsigned i = 0; i < 17; i++)
        strcat(many, i ? ",space=1" : "space=1");
    bad(many, "16 of space=");
}

/* A line by what it tells: not by what only surrounds it. */
static void lines_are_chosen(void **state)
{
    struct rvemu_explain_options options;
    struct facts facts = {
        .who = {.number = 2, .has_pid = true, .pid = 3, .program = "cow"},
        .other = {.number = 4},
        .va = 0x10008,
        .say_act = SAY_ACT,
        .say_at = SAY_AT,
        .say_keeps = SAY_KEEPS_ONE,
        .say_shared_with = SAY_SHARED_ONE,
    };
    static const struct {
        const char *list;
        enum sentence sentence;
        bool taken;
    } cases[] = {
        {"short", SAY_COPY, true},
        {"space=3", SAY_COPY, true},
        {"space=2", SAY_COPY, false}, /* sentences call it by its pid */
        {"space=4", SAY_COPY, true},
        {"space=cow", SAY_COPY, true},
        {"space=cowl", SAY_COPY, false},
        {"space=5,space=cow", SAY_COPY, true},
        {"space=4", SAY_OPEN, false}, /* it tells of no other */
        {"addr=0x10000-0x10008", SAY_COPY, true},
        {"addr=0x10000-0x10007", SAY_COPY, false},
        {"addr=0x10fff", SAY_COPY, true},
        {"addr=1-2,addr=0x10008-0x10008", SAY_COPY, true},
        {"addr=0x10008", SAY_FORK, false}, /* it has no address */
        {"addr=0-0", SAY_FORK, false},
        {"space=3,addr=0x10000", SAY_COPY, true},
        {"space=3,addr=0x11000", SAY_COPY, false},
        {"space=5,addr=0x10000", SAY_COPY, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        options = good(cases[i].list);
        if (filter_takes(&options.filter, cases[i].sentence, &facts) !=
            cases[i].taken)
            fail_msg("%s", cases[i].list);
    }
    facts.who = (struct space_name){.number = 0};
    facts.say_keeps = facts.say_shared_with = SAY_NOTHING;
    options = good("space=0");
    assert_false(filter_takes(&options.filter, SAY_COPY, &facts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(lists_are_refused),
        cmocka_unit_test(lines_are_chosen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
