/*
 * Unit tests of rvemu/expect.h: what is read of a rule, and what becomes of
 * rules by what a kernel does.
 */
#include "fake_kernel.h"

#include "analysis/expect.h"

static struct world w;

static struct rvemu_expect *good(const char *text)
{
    struct rvemu_expect *expect;
    struct rvemu_error error;

    assert_int_equal(
        rvemu_expect_read(&expect, "f", text, strlen(text), &error), 0);
    return expect;
}

static void bad(const char *text, const char *about)
{
    struct rvemu_expect *expect;
    struct rvemu_error error;

    assert_int_equal(
        rvemu_expect_read(&expect, "f", text, strlen(text), &error), -1);
    assert_null(expect);
    if (!strstr(error.text, about))
        fail_msg("'%s' is not in: %s", about, error.text);
}

/* ---- reading ---- */

static void rules_are_read(void **state)
{
    struct rvemu_expect *e = good("# all\n"
                                  "\t12\tpage  faults in f( ) in program a-b.c"
                                  "  <=\t16 \"m # n\" # c\r\n"
                                  "no findings of broken\n"
                                  "exactly two copies in program a in f()\n"
                                  "store to shared page in program p : at most "
                                  "one copy\n"
                                  "frames at exit<=frames at start+4\n"
                                  "time to \"x\" < 3 us");
    const struct rule *r = e->rule;

    assert_int_equal(rvemu_expect_count(e), 6);
    assert_int_equal(r[0].line, 2);
    assert_int_equal(r[0].points, 12);
    assert_int_equal(r[0].quantity, QUANTITY_FAULTS);
    assert_string_equal(r[0].function, "f");
    assert_string_equal(r[0].program, "a-b.c");
    assert_int_equal(r[0].comparison, AT_MOST);
    assert_int_equal(r[0].number, 16);
    assert_string_equal(r[0].message, "m # n");
    assert_string_equal(r[0].text,
                        "page  faults in f( ) in program a-b.c  <=\t16");
    assert_int_equal(r[1].points, 1);
    assert_int_equal(r[1].comparison, IS);
    assert_string_equal(r[1].kind, "broken");
    assert_string_equal(r[1].message, "no findings of broken");
    assert_int_equal(r[2].number, 2);
    assert_string_equal(r[2].program, "a");
    assert_int_equal(r[3].event, STORE_TO_SHARED);
    assert_string_equal(r[3].program, "p");
    assert_true(r[4].has_other && r[4].other == QUANTITY_AT_START);
    assert_int_equal(r[4].number, 4);
    assert_string_equal(r[5].wanted, "x");
    assert_int_equal(r[5].number, 3000);
    rvemu_expect_free(e);
}

static void rules_are_refused(void **state)
{
    char many[600];

    bad("", "f: there is no rule in it");
    bad("\n #\n", "f: there is no rule in it");
    bad("status == 0\n  nope == 1\n", "f:2:3: 'nope' is not a quantity");
    bad("cop == 1\n", "f:1:1: 'cop'");
    bad("copiesx == 1\n", "f:1:1: 'copiesx'");
    bad("no", "f:1:3: the rule ends where it needs a quantity");
    bad("nothing", "f:1:1: 'nothing'");
    bad("after fork", "f:1:11: the rule ends where it needs ':'");
    bad("after fork in f(): no copies", "f:1:15: 'f' is not program NAME");
    bad("page faults in () == 1", "f:1:16: '(' is not a function");
    bad("page faults in f() in program", "f:1:30: the rule ends");
    bad("frames at exit == copies", "f:1:19: frames are compared");
    bad("frames at exit == frames at start + x", "f:1:37: 'x' is not a number");
    bad("no finding of fork_unborn", "f:1:15: 'fork_unborn' is no kind");
    bad("time to \"a\" < 18446744073709551615 s", "the time is too long");
    bad("copies == 0 0", "f:1:13: '0' is too much");
    bad("\xff == 0", "f:1:1: ");
    memset(many, 'x', sizeof(many));
    memcpy(many, "page faults in ", 15);
    many[100] = '\0';
    bad(many, "f:1:16: the name has more than 63 bytes");
}

/* Whatever stands in a file, it is read or refused: rules that are cut off, or
 * have other bytes in them. */
static void anything_is_taken(void **state)
{
    static const char text[] =
        "10 after fork in program a: no copies \"m\"\n"
        "page faults in f() in program b <= 16 # c\n"
        "frames at exit == frames at start + 3\nno finding of broken\n"
        "console has \"x\"\ntime to \"y\" < 3 ms\nexactly two copies";
    char changed[sizeof(text)];
    struct rvemu_expect *expect;
    struct rvemu_error error;
    u64 random = 1, read = 0;

    for (size_t size = 0; size < sizeof(text); size++)
        for (unsigned round = 0; round < 64; round++) {
            memcpy(changed, text, sizeof(text));
            random = random * 6364136223846793005u + 1442695040888963407u;
            if (size && round)
                changed[(random >> 33) % size] = (char)(random >> 25);
            if (rvemu_expect_read(&expect, "f", changed, size, &error) == 0)
                read++;
            rvemu_expect_free(expect);
        }
    assert_in_range(read, 1, 64 * sizeof(text) / 2);
}

static void ground_is_checked(void **state)
{
    struct rvemu_expect_ground ground = {.frames = false};
    struct rvemu_expect *e = good("no lost frames\nno finding of may_frame");
    struct rvemu_error error;

    assert_int_equal(rvemu_expect_check(e, &ground, &error), -1);
    assert_string_equal(error.text,
                        "f:1:4: frames are counted with emu --frames alone");
    ground.frames = true;
    assert_int_equal(rvemu_expect_check(e, &ground, &error), -1);
    assert_non_null(strstr(error.text, "f:2:15: "));
    ground.check[RVEMU_CHECK_TLB] = RVEMU_CHECK_MAY;
    assert_int_equal(rvemu_expect_check(e, &ground, &error), 0);
    rvemu_expect_free(e);
}

/* ---- what becomes of them ---- */

/* A kernel whose explainer says no line: in a pause, and all is filtered. */
static void open_world(const char *rules, bool full)
{
    memset(&w, 0, sizeof(w));
    w.options.expect = good(rules);
    w.options.full = full;
    w.options.line = keep_line;
    w.options.arg = &w;
    w.options.filter.spaces = 1;
    w.options.filter.space[0].number = 99;
    w.explain = rvemu_explain_new(&w.options);
    assert_non_null(w.explain);
    rvemu_explain_pause(w.explain, true);
}

/* Ends the run; the rules that passed are one each of `passed`, "+" or "-". */
static void close_world(const char *passed)
{
    struct rvemu_expect *e = w.options.expect;
    struct rvemu_expect_rule rule;

    rvemu_explain_finish(w.explain);
    rvemu_explain_free(w.explain);
    rvemu_expect_end(e, 0);
    assert_int_equal(strlen(passed), rvemu_expect_count(e));
    for (unsigned i = 0; passed[i]; i++) {
        rvemu_expect_rule(e, i, &rule);
        if (rule.passed != (passed[i] == '+'))
            fail_msg("%s: %s %s", rule.rule, rule.why, rule.sentence);
    }
}

static struct rvemu_expect_rule result(unsigned index)
{
    struct rvemu_expect_rule rule;

    rvemu_expect_rule(w.options.expect, index, &rule);
    return rule;
}

static u64 forked(u64 *child)
{
    u64 parent = new_program(&w);

    run(&w, parent);
    *child = fork_cow(&w, parent);
    run(&w, *child);
    return parent;
}

static const char rules[] = "after fork: no copies\n"
                            "after fork: no open pages\n"
                            "store to shared page: exactly one copy\n"
                            "store to shared page: at least one copy\n"
                            "exactly 1 fork\n"
                            "copies == 1\n"
                            "no needless copy\n"
                            "page faults <= 2\n"
                            "reuses == 1\n"
                            "no finding\n";

/* The child copies, the parent keeps its page. */
static void right(bool full)
{
    u64 parent, child;

    open_world(rules, full);
    parent = forked(&child);
    cow_store(&w, child, data_va);
    run(&w, parent);
    reuse_store(&w, parent, data_va);
    close_world("++++++++++");
    assert_int_equal(w.lines, 3); /* totals */
    rvemu_expect_free(w.options.expect);
}

static void the_right_one_passes(void **state)
{
    right(false);
    right(true);
}

/* The parent gets W back while the child runs. */
static void broken_is_no_copy(void **state)
{
    u64 parent, child;
    struct rvemu_expect_rule rule;

    open_world(rules, false);
    parent = forked(&child);
    run(&w, parent);
    reuse_store(&w, parent, data_va);
    run(&w, child);
    close_world("++--+-++--");
    rule = result(2);
    assert_string_equal(rule.why, "copies: 0");
    assert_true(rule.has_time && rule.boot == 1);
    assert_non_null(strstr(rule.sentence, "no copy, though"));
    assert_string_equal(result(5).sentence, ""); /* too few have none */
    rvemu_expect_free(w.options.expect);
}

/* The child has gone when its parent's page is copied. */
static void a_needless_copy_is_a_second(void **state)
{
    u64 parent, child;

    open_world(rules, false);
    parent = forked(&child);
    cow_store(&w, child, data_va);
    run(&w, parent);
    cow_store(&w, parent, data_va);
    settle(&w);
    close_world("++-++--+-+");
    assert_string_equal(result(2).why, "copies: 2");
    assert_int_equal(result(5).points, 1);
    rvemu_expect_free(w.options.expect);
}

/* The same, but the parent has forked again, and that child has not run. */
static void a_child_to_come_may_share(void **state)
{
    u64 parent, child;

    open_world(rules, false);
    parent = forked(&child);
    cow_store(&w, child, data_va);
    run(&w, parent);
    cow_store(&w, parent, more_va);
    fork_cow(&w, parent);
    run(&w, parent);
    cow_store(&w, parent, data_va);
    settle(&w);
    close_world("+++++-+--+");
    rvemu_expect_free(w.options.expect);
}

/* A store to a page that a fork took W from is refused, before a child has run:
 * the call took W from all. */
static void a_refusal_is_no_copy(void **state)
{
    u64 parent;

    open_world("store to shared page: at least one copy\nno refusal\n"
               "page faults in program x == 0",
               false);
    parent = new_program(&w);
    run(&w, parent);
    fork_cow(&w, parent);
    run(&w, parent);
    store_fault(&w, parent, data_va);
    EMIT(&w, xret, 0x10300, 0); /* to a handler of signals */
    close_world("---");
    assert_non_null(strstr(result(0).sentence, "refuses"));
    assert_string_equal(result(2).why, "that program was not seen");
    rvemu_expect_free(w.options.expect);
}

/* A child runs long before its parent goes on: told as a move at first, it is a
 * fork from then on. */
static void a_late_parent_makes_a_fork(void **state)
{
    const u64 pages[] = {text_va, data_va, more_va, stack_va};
    u64 parent, child;

    open_world("exactly 1 fork\nafter fork: no open pages\n", false);
    parent = new_program(&w);
    child = new_frame(&w);
    run(&w, parent);
    ecall(&w, FORK_PC);
    for (unsigned i = 0; i < 4; i++) {
        u64 pte = leaf(&w, parent, pages[i]) & ~PTE_W;

        set_leaf(&w, parent, pages[i], 0, pte);
        set_leaf(&w, child, pages[i], 0, pte);
    }
    run(&w, child);
    settle(&w);
    assert_int_equal(w.options.expect->rule[0].value, 0);
    run_at(&w, parent, FORK_PC + 4);
    close_world("++");
    rvemu_expect_free(w.options.expect);
}

static void nothing_was_seen(void **state)
{
    open_world("no finding\nafter fork: no copies\nno refusal\n"
               "store to shared page: exactly one copy\nstatus == 0\n"
               "console has \"ab\"\ntime to \"b\" <= 5",
               false);
    rvemu_expect_console(w.options.expect, 'a', 3);
    rvemu_expect_console(w.options.expect, '\r', 4);
    rvemu_expect_console(w.options.expect, 'b', 5);
    rvemu_expect_console(w.options.expect, 'b', 6);
    close_world("----+++");
    assert_string_equal(result(0).why, "no page table was ever used");
    rvemu_expect_free(w.options.expect);
    open_world("no finding\nafter fork: no copies\n"
               "store to shared page: exactly one copy\nno refusal\n",
               false);
    run(&w, new_program(&w));
    close_world("+--+");
    assert_string_equal(result(1).why, "no fork was seen");
    rvemu_expect_free(w.options.expect);
}

/* Of several that break a bound of 0, the earliest is told; of another bound
 * the one that went beyond it. */
static void the_first_is_told(void **state)
{
    u64 parent, child;

    open_world("no copies\ncopies <= 1\n", false);
    parent = forked(&child);
    cow_store(&w, child, data_va);
    cow_store(&w, child, more_va);
    run(&w, parent);
    close_world("--");
    assert_string_equal(result(0).why, "copies: 2");
    assert_non_null(strstr(result(0).sentence, "0x12000"));
    assert_non_null(strstr(result(1).sentence, "0x13000"));
    rvemu_expect_free(w.options.expect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_read),
        cmocka_unit_test(rules_are_refused),
        cmocka_unit_test(anything_is_taken),
        cmocka_unit_test(ground_is_checked),
        cmocka_unit_test(the_right_one_passes),
        cmocka_unit_test(broken_is_no_copy),
        cmocka_unit_test(a_needless_copy_is_a_second),
        cmocka_unit_test(a_child_to_come_may_share),
        cmocka_unit_test(a_refusal_is_no_copy),
        cmocka_unit_test(a_late_parent_makes_a_fork),
        cmocka_unit_test(nothing_was_seen),
        cmocka_unit_test(the_first_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
