/*
 * Unit tests of emu/analysis/folds.h: what becomes one line and what does
 * not, in which order, and that nothing is lost on the way.
 */
#include "analysis/folds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define KEPT 1024
#define BASE_VA 0x100000ull

struct kept {
    struct folds folds;
    struct line_kept {
        enum sentence sentence;
        struct facts facts;
    } line[KEPT];
    unsigned lines;
    u64 time;
};

static struct kept k;
static const struct wording plain = {RVEMU_LANG_EN, false};

static void keep(void *arg, u64 time, enum sentence sentence,
                 const struct facts *facts)
{
    struct kept *kept = arg;

    assert_true(kept->lines < KEPT);
    assert_true(time > 0 && time <= kept->time);
    kept->line[kept->lines++] = (struct line_kept){sentence, *facts};
}

static void begin(void)
{
    k = (struct kept){.folds = {.say = keep, .arg = &k}};
}

static struct space_name pid(u64 pid, const char *program)
{
    struct space_name name = {.has_pid = true, .pid = pid};

    strcpy(name.program, program);
    return name;
}

/* A copy of pid 3's page, so many KiB large. */
static struct facts copy_facts(u64 va, u64 kib)
{
    return (struct facts){.who = pid(3, "cow"),
                          .other = pid(4, "cow"),
                          .permissions = "rw-",
                          .old_permissions = "r--",
                          .others = 1,
                          .va = va,
                          .size = kib << 10,
                          .frame = va >> 12,
                          .say_act = SAY_ACT,
                          .say_does = SAY_STORES,
                          .say_at = SAY_AT,
                          .say_shared_with = SAY_SHARED_ONE,
                          .say_keeps = SAY_KEEPS_ONE};
}

static void take(enum sentence sentence, const struct facts *facts)
{
    folds_take(&k.folds, ++k.time, sentence, facts);
}

/* A store to the page of this number, somewhere in it. */
static void copy(u64 page)
{
    struct facts facts = copy_facts(BASE_VA + page * 4096 + page % 100, 4);

    take(SAY_COPY, &facts);
}

static void copy_of(struct space_name who, u64 page)
{
    struct facts facts = copy_facts(BASE_VA + page * 4096, 4);

    facts.who = who;
    take(SAY_COPY, &facts);
}

static void copies(u64 from, u64 to)
{
    for (u64 page = from; page < to; page++)
        copy(page);
}

static const char *said(unsigned line)
{
    static char text[512];
    char *out = text;

    assert_true(line < k.lines);
    sentence_write(text, sizeof(text), k.line[line].sentence,
                   &k.line[line].facts, plain);
    for (const char *at = text; *at; at++)
        if (*at != NAME_BEGIN && *at != NAME_END)
            *out++ = *at;
    *out = '\0';
    return text;
}

static void is_run(unsigned line, u64 first, u64 pages)
{
    const struct line_kept *kept = &k.line[line];

    assert_true(line < k.lines);
    assert_int_equal(kept->sentence, SAY_COPY_RUN);
    assert_int_equal(kept->facts.pages, pages);
    assert_int_equal(kept->facts.va, BASE_VA + first * 4096);
    assert_int_equal(kept->facts.end, BASE_VA + (first + pages) * 4096 - 1);
}

static void is_one(unsigned line, u64 page)
{
    assert_true(line < k.lines);
    assert_int_equal(k.line[line].sentence, SAY_COPY);
    assert_int_equal(k.line[line].facts.va >> 12, (BASE_VA >> 12) + page);
}

static void runs_go_up_and_down(void **state)
{
    begin();
    copies(0, 16);
    assert_int_equal(k.lines, 0);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 1);
    assert_string_equal(said(0),
                        "pid 3 (cow) stores to 16 pages, 0x100000 to 0x10ffff. "
                        "They are shared with pid 4 (cow), so W=0: page "
                        "faults. The kernel copies each (64 KiB; r-- → rw-); "
                        "pid 4 (cow) keeps the old frames.");
    for (u64 page = 30; page > 20; page--)
        copy(page);
    folds_flush(&k.folds);
    is_run(1, 21, 10);
    /* A run that turns is two. */
    copies(50, 60);
    copy(49);
    folds_flush(&k.folds);
    is_run(2, 50, 10);
    is_one(3, 49);
    assert_int_equal(k.lines, 4);
}

/* Whatever folds has a range, a count and no single page's frame. */
static void every_kind_has_a_plural(void **state)
{
    static const enum sentence acts[] = {SAY_ACT, SAY_ACT_CALL, SAY_ACT_KERNEL,
                                         SAY_ACT_ALONE, SAY_ACT_PAGE};
    unsigned kinds = 0;

    for (enum sentence s = SAY_NOTHING + 1; s < SAY_ACT; s++) {
        for (unsigned act = 0; act < 5; act++) {
            begin();
            for (u64 page = 0; page < FOLDS_LEAST; page++) {
                struct facts facts = copy_facts(BASE_VA + page * 4096, 4);

                facts.say_act = acts[act];
                facts.say_gives = act % 2 ? SAY_GIVES : SAY_GIVES_CALL;
                facts.say_at = act % 2 ? SAY_AT : SAY_AT_NAME;
                facts.say_where = act % 2 ? SAY_NOTHING : SAY_WHERE_AREA;
                facts.say_area = facts.say_where;
                facts.say_kind = SAY_AREA_HEAP;
                take(s, &facts);
            }
            folds_flush(&k.folds);
            assert_true(k.lines == 1 || k.lines == FOLDS_LEAST);
            if (k.lines > 1)
                continue;
            kinds += act == 0;
            assert_non_null(strstr(said(0), "4 pages"));
            assert_non_null(strstr(said(0), act % 2 ? ", 0x100000 to 0x103fff"
                                                    : "0x103fff (heap)"));
            assert_null(strchr(said(0), '#'));
        }
    }
    assert_int_equal(kinds, 26);
}

static void few_are_told_one_by_one(void **state)
{
    for (u64 pages = 1; pages <= FOLDS_LEAST; pages++) {
        begin();
        copies(0, pages);
        folds_flush(&k.folds);
        if (pages == FOLDS_LEAST) {
            assert_int_equal(k.lines, 1);
            is_run(0, 0, pages);
            continue;
        }
        assert_int_equal(k.lines, pages);
        for (unsigned i = 0; i < pages; i++)
            is_one(i, i);
    }
}

/* Any other sentence may be why things are different behind it. */
static void others_end_runs(void **state)
{
    struct facts facts = {.who = pid(4, "cow"), .pages = 3};

    begin();
    copies(0, 8);
    take(SAY_END, &facts);
    copies(8, 16);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 3);
    is_run(0, 0, 8);
    assert_int_equal(k.line[1].sentence, SAY_END);
    is_run(2, 8, 8);
}

static void other_facts_make_other_runs(void **state)
{
    struct facts facts;

    begin();
    copies(0, 8);
    for (u64 page = 8; page < 16; page++) {
        facts = copy_facts(BASE_VA + page * 4096, 4);
        facts.other.pid = 5;
        take(SAY_COPY, &facts);
    }
    for (u64 page = 16; page < 24; page++) {
        facts = copy_facts(BASE_VA + page * 4096, 4);
        facts.others = 2;
        facts.say_shared_with = SAY_SHARED_MANY;
        take(SAY_COPY, &facts);
    }
    for (u64 page = 24; page < 32; page++) {
        facts = copy_facts(BASE_VA + page * 4096, 4);
        strcpy(facts.permissions, "rwx");
        take(SAY_COPY, &facts);
    }
    for (u64 page = 32; page < 40; page++) {
        facts = copy_facts(BASE_VA + page * 4096, 4);
        strcpy(facts.permissions, "rwx");
        strcpy(facts.caller, "copyout");
        take(SAY_COPY, &facts);
    }
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 5);
    for (unsigned i = 0; i < 5; i++)
        is_run(i, i * 8, 8);
}

/* A run tells its source, and its addresses in place of names. */
static void a_run_has_one_source(void **state)
{
    begin();
    for (u64 page = 0; page < 16; page++) {
        struct facts facts = copy_facts(BASE_VA + page * 4096, 4);

        facts.say_at = SAY_AT_NAME;
        facts.say_where = SAY_WHERE_SOURCE;
        facts.say_source = SAY_SOURCE_LINE;
        snprintf(facts.place.name, PLACE_TEXT, "array[%u]", (unsigned)page);
        strcpy(facts.place.line, page < 8 ? "lab.c:13" : "lab.c:14");
        take(SAY_COPY, &facts);
    }
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 2);
    is_run(0, 0, 8);
    is_run(1, 8, 8);
    assert_non_null(strstr(said(0), " stores to 8 pages, 0x100000 to 0x107fff "
                                    "(lab.c:13). They"));
}

/* Two spaces in turns, and one that stores to three arrays. */
static void runs_may_be_interleaved(void **state)
{
    begin();
    for (u64 page = 0; page < 100; page++) {
        copy(page);
        copy_of(pid(4, "cow"), page);
    }
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 2);
    is_run(0, 0, 100);
    is_run(1, 0, 100);
    assert_int_equal(k.line[0].facts.who.pid, 3);
    assert_int_equal(k.line[1].facts.who.pid, 4);
    for (u64 page = 0; page < 10; page++) {
        copy(page);
        copy(100 + page);
        copy(300 - page);
    }
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 5);
    is_run(2, 0, 10);
    is_run(3, 100, 10);
    is_run(4, 291, 10);
}

/* Two in turns may each leave out pages. */
static void runs_may_leave_out_pages(void **state)
{
    for (u64 pages = 5; pages <= FOLDS_SPARSE; pages++) {
        begin();
        for (u64 page = 0; page < pages; page++)
            copy(2 * page);
        folds_flush(&k.folds);
        assert_int_equal(k.lines, pages < FOLDS_SPARSE ? pages : 1);
    }
    assert_non_null(strstr(said(0), " stores to 8 of 15 pages, 0x100000 to "
                                    "0x10efff. They are shared"));
    assert_non_null(strstr(said(0), "(32 KiB;"));
    /* Downwards, and behind pages without a gap. */
    begin();
    for (u64 page = 20; page > 10; page--)
        copy(page);
    copy(5);
    copy(4);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 1);
    assert_non_null(strstr(said(0), "12 of 17 pages, 0x104000 to 0x114fff"));
    begin();
    copies(0, 5);
    copy(7);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 1);
    assert_non_null(strstr(said(0), "6 of 8 pages, 0x100000 to 0x107fff"));
}

static void not_too_many_pages_are_left_out(void **state)
{
    begin();
    copy(0);
    copy(FOLDS_SPARSE + 2);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 2);
    copies(0, 20);
    copy(20 + FOLDS_GAP);
    copy(21 + 2 * FOLDS_GAP + 1);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 4);
    assert_int_equal(k.line[2].facts.pages, 21);
}

/* Arrays near each other that a loop goes through at once. */
static void the_nearest_run_goes_on(void **state)
{
    begin();
    for (u64 page = 0; page < 20; page++) {
        copy(page);
        copy(20 + page);
        copy(40 + page);
    }
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 3);
    for (unsigned i = 0; i < 3; i++)
        is_run(i, 20 * i, 20);
}

/* The order is that of the firsts, also of runs too short to be told. */
static void order_is_kept(void **state)
{
    begin();
    copy(0);
    copy(50);
    copy(1);
    copies(100, 110);
    copy(51);
    copy(2);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 6);
    is_one(0, 0);
    is_one(1, 50);
    is_one(2, 1);
    is_run(3, 100, 10);
    is_one(4, 51);
    is_one(5, 2);
}

/* A page that comes again is no part of the run that it is in already. */
static void a_page_twice_is_told_twice(void **state)
{
    begin();
    copies(5, 7);
    copy(5);
    copies(7, 9);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 2);
    is_run(0, 5, 4);
    is_one(1, 5);
}

/* A copy into a frame that is in use is a mistake, and pages without a size
 * are of no run. */
static void some_never_fold(void **state)
{
    begin();
    for (u64 page = 0; page < 20; page++) {
        struct facts facts = copy_facts(BASE_VA + page * 4096, 4);

        if (page < 10)
            facts.say_tail = SAY_USED_INSIDE;
        else
            facts.size = 0;
        take(SAY_COPY, &facts);
        is_one((unsigned)page, page);
    }
}

static void larger_pages_have_larger_neighbours(void **state)
{
    struct facts facts;

    begin();
    for (u64 page = 0; page < 5; page++) {
        facts = copy_facts(0x400000 + page * 0x200000 + 0x1234 * page, 2048);
        take(SAY_COPY, &facts);
    }
    facts = copy_facts(0x400000 + 5 * 0x200000, 4);
    take(SAY_COPY, &facts);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 2);
    assert_non_null(strstr(said(0), "5 pages, 0x400000 to 0xdfffff."));
    assert_non_null(strstr(said(0), "(10240 KiB; r-- → rw-)"));
    assert_int_equal(k.line[1].sentence, SAY_COPY);
}

static void time_ends_runs(void **state)
{
    begin();
    copies(0, 8);
    folds_advance(&k.folds, k.time + FOLDS_HOLD - 1);
    assert_int_equal(k.lines, 0);
    folds_advance(&k.folds, k.time + FOLDS_HOLD);
    assert_int_equal(k.lines, 1);
    copies(8, 16);
    k.time += 2 * FOLDS_HOLD;
    copies(16, 24);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, 3);
    is_run(2, 16, 8);
}

/* Of many that nothing follows the oldest are told. */
static void only_so_many_are_held(void **state)
{
    begin();
    for (u64 page = 0; page < 3 * FOLDS_HELD; page++)
        copy(100 * page);
    assert_int_equal(k.lines, 2 * FOLDS_HELD);
    folds_flush(&k.folds);
    for (unsigned i = 0; i < 3 * FOLDS_HELD; i++)
        is_one(i, 100 * i);
}

static void the_full_form_has_all(void **state)
{
    begin();
    k.folds.full = true;
    copies(0, 3 * FOLDS_BUDGET);
    assert_int_equal(k.lines, 3 * FOLDS_BUDGET);
}

static void what_is_left_out_is_counted(void **state)
{
    struct facts total = {.pages = 1};

    begin();
    for (u64 page = 0; page < FOLDS_BUDGET + 50; page++)
        copy(100 * page);
    for (u64 page = 0; page < 10; page++)
        copy_of(pid(9, "sh"), 100 * page);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, FOLDS_BUDGET + 1 + 10);
    assert_int_equal(k.folds.left_out, 50);
    assert_string_equal(said(FOLDS_BUDGET),
                        "That was line 200 of this kind for cow: further ones "
                        "are left out until none comes for 1 s of machine "
                        "time; --explain=full lists them.");
    /* A run is one of them; and of totals there are as many as there are. */
    copies(0, 100);
    folds_flush(&k.folds);
    assert_int_equal(k.folds.left_out, 51);
    for (unsigned i = 0; i < 2 * FOLDS_BUDGET; i++)
        take(SAY_TOTAL_FORK, &total);
    assert_int_equal(k.lines, 3 * FOLDS_BUDGET + 1 + 10);
}

static void a_rest_renews_the_budget(void **state)
{
    begin();
    for (u64 page = 0; page < FOLDS_BUDGET + 50; page++)
        copy(100 * page);
    folds_flush(&k.folds);
    k.time += FOLDS_REST;
    copies(0, 10);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, FOLDS_BUDGET + 2);
    is_run(FOLDS_BUDGET + 1, 0, 10);
    assert_int_equal(k.folds.left_out, 50);
}

static void spaces_without_names_are_one_program(void **state)
{
    begin();
    for (u64 page = 0; page < FOLDS_BUDGET + 50; page++)
        copy_of((struct space_name){.number = page + 1}, page);
    folds_flush(&k.folds);
    assert_int_equal(k.lines, FOLDS_BUDGET + 1);
    assert_int_equal(k.folds.left_out, 50);
    assert_non_null(strstr(said(FOLDS_BUDGET), "of this kind: further"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_go_up_and_down),
        cmocka_unit_test(every_kind_has_a_plural),
        cmocka_unit_test(few_are_told_one_by_one),
        cmocka_unit_test(others_end_runs),
        cmocka_unit_test(other_facts_make_other_runs),
        cmocka_unit_test(a_run_has_one_source),
        cmocka_unit_test(runs_may_be_interleaved),
        cmocka_unit_test(runs_may_leave_out_pages),
        cmocka_unit_test(not_too_many_pages_are_left_out),
        cmocka_unit_test(the_nearest_run_goes_on),
        cmocka_unit_test(order_is_kept),
        cmocka_unit_test(a_page_twice_is_told_twice),
        cmocka_unit_test(some_never_fold),
        cmocka_unit_test(larger_pages_have_larger_neighbours),
        cmocka_unit_test(time_ends_runs),
        cmocka_unit_test(only_so_many_are_held),
        cmocka_unit_test(the_full_form_has_all),
        cmocka_unit_test(what_is_left_out_is_counted),
        cmocka_unit_test(a_rest_renews_the_budget),
        cmocka_unit_test(spaces_without_names_are_one_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
