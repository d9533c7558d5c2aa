/*
 * Unit tests of emu/analysis/asides.h: what is an aside, when it is told, and
 * that nothing is lost.
 */
#include "analysis/asides.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define KEPT 2048

static struct {
    struct asides asides;
    struct line_kept {
        enum sentence sentence;
        struct facts facts;
    } line[KEPT];
    unsigned lines;
    u64 time;
} k;

static void keep(void *arg, u64 time, enum sentence sentence,
                 const struct facts *facts)
{
    assert_true(k.lines < KEPT && time <= k.time);
    k.line[k.lines++] = (struct line_kept){sentence, *facts};
}

static void begin(void)
{
    memset(&k, 0, sizeof(k));
    k.asides.say = keep;
}

static struct facts store_facts(unsigned space, const char *function)
{
    struct facts facts = {.who = {.number = space},
                          .place = {.is_library = true},
                          .size = 4096,
                          .va = 0x10000,
                          .say_act = SAY_ACT,
                          .say_does = SAY_STORES};

    snprintf(facts.place.function, PLACE_TEXT, "%s", function);
    return facts;
}

static void take(enum sentence sentence, const struct facts *facts)
{
    asides_take(&k.asides, ++k.time, sentence, facts);
}

static void library(enum sentence sentence, unsigned space,
                    const char *function)
{
    struct facts facts = store_facts(space, function);

    take(sentence, &facts);
}

static void end(unsigned space)
{
    struct facts facts = {.who = {.number = space}, .pages = 3};

    take(SAY_END, &facts);
}

static const char *said(unsigned line)
{
    static char text[512];
    char *out = text;

    assert_true(line < k.lines);
    sentence_write(text, sizeof(text), k.line[line].sentence,
                   &k.line[line].facts, (struct wording){RVEMU_LANG_EN, false});
    for (const char *at = text; *at; at++)
        if (*at != NAME_BEGIN && *at != NAME_END)
            *out++ = *at;
    *out = '\0';
    return text;
}

static void one_line_before_the_end(void **state)
{
    begin();
    library(SAY_COPY, 3, "__fork");
    library(SAY_REUSE, 4, "printf");
    library(SAY_COPY, 3, "printf");
    library(SAY_REUSE_UNSHARED, 3, "__fork");
    assert_int_equal(k.lines, 0);
    end(3);
    assert_int_equal(k.lines, 2);
    assert_string_equal(said(0),
                        "Library code of space 3 (__fork, printf) meets 3 "
                        "copy-on-write faults that this line alone tells of: 2 "
                        "pages are copied (8 KiB), 1 page is "
                        "shared no more (no copy, W=1 again).");
    assert_int_equal(k.line[1].sentence, SAY_END);
    library(SAY_COPY_UNSEEN, 5, "exit");
    asides_flush(&k.asides);
    assert_int_equal(k.lines, 4);
    assert_string_equal(said(2), "Library code of space 4 (printf) meets 1 "
                                 "copy-on-write fault that this line alone "
                                 "tells of: 1 page is "
                                 "shared no more (no copy, W=1 again).");
    assert_string_equal(said(3), "Library code of space 5 (exit) meets 1 "
                                 "copy-on-write fault that this line alone "
                                 "tells of: 1 page is copied (4 "
                                 "KiB).");
    asides_flush(&k.asides);
    assert_int_equal(k.lines, 4);
}

/* What the user has to do with, and what is no mere copy, stays a line. */
static void others_stay(void **state)
{
    for (unsigned kind = 0; kind < 7; kind++) {
        struct facts facts = store_facts(3, "memcpy");
        enum sentence sentence = SAY_COPY;

        switch (kind) {
        case 0: facts.place.is_library = false; break;
        case 1: facts.say_kind = SAY_AREA_STACK; break;
        case 2: facts.say_act = SAY_ACT_CALL; break;
        case 3: facts.say_tail = SAY_USED_INSIDE; break;
        case 4: sentence = SAY_BROKEN; break;
        case 5: sentence = SAY_REFUSED; break;
        default: k.asides.full = true; break;
        }
        begin();
        k.asides.full = kind == 6;
        take(sentence, &facts);
        assert_int_equal(k.lines, 1);
        assert_int_equal(k.line[0].sentence, sentence);
        asides_flush(&k.asides);
        assert_int_equal(k.lines, 1);
    }
}

/* At most three functions are named, each once, as they come. */
static void few_functions_are_named(void **state)
{
    char name[PLACE_TEXT];

    begin();
    library(SAY_COPY, 1, "memcpy");
    library(SAY_COPY, 1, "mem");
    library(SAY_COPY, 1, "memcpy");
    library(SAY_COPY, 1, "");
    library(SAY_COPY, 1, "cpy");
    end(1);
    assert_string_equal(k.line[0].facts.done_in, "memcpy, mem, cpy");
    begin();
    for (unsigned i = 0; i < 9; i++) {
        snprintf(name, sizeof(name), "f%u", i);
        library(SAY_COPY, 1, name);
    }
    end(1);
    assert_string_equal(k.line[0].facts.done_in, "f0, f1, f2, …");
    begin();
    for (unsigned i = 0; i < 3; i++) {
        memset(name, 'a' + (int)i, sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        library(SAY_COPY, 1, name);
    }
    end(1);
    assert_non_null(strstr(k.line[0].facts.done_in, "a, …"));
    assert_null(strchr(k.line[0].facts.done_in, 'b'));
}

/* Random lines of many processes: those that are no asides come as they went
 * in; the asides of a process, wherever they are told, add up. */
static void nothing_is_lost(void **state)
{
    enum { SPACES = 2 * ASIDES_HELD, LINES = 900 };
    u64 wanted[SPACES][3] = {{0}}, told[SPACES][3] = {{0}};
    unsigned random = 12345, others = 0, next = 0;

    begin();
    for (unsigned i = 0; i < LINES; i++) {
        unsigned space, kind;

        random = random * 1103515245 + 12345;
        space = random >> 8 & (SPACES - 1);
        kind = random >> 24 & 3;
        if (kind == 3) {
            struct facts facts = {.who = {.number = space}, .pages = i};

            take(space & 1 ? SAY_END : SAY_EXEC, &facts);
            others++;
            continue;
        }
        library(kind == 0   ? SAY_COPY
                : kind == 1 ? SAY_REUSE
                            : SAY_COPY_UNSEEN,
                space, "f");
        wanted[space][kind == 1]++;
        wanted[space][2] += kind == 1 ? 0 : 4;
    }
    asides_flush(&k.asides);
    for (unsigned i = 0; i < k.lines; i++) {
        const struct facts *facts = &k.line[i].facts;

        if (k.line[i].sentence != SAY_ASIDE) {
            assert_true(facts->pages >= next);
            next = (unsigned)facts->pages + 1;
            others--;
            continue;
        }
        told[facts->who.number][0] += facts->copies;
        told[facts->who.number][1] += facts->reuses;
        told[facts->who.number][2] += facts->bytes;
        assert_int_equal(facts->lines, facts->copies + facts->reuses);
    }
    assert_int_equal(others, 0);
    assert_memory_equal(wanted, told, sizeof(told));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_before_the_end),
        cmocka_unit_test(others_stay),
        cmocka_unit_test(few_functions_are_named),
        cmocka_unit_test(nothing_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
