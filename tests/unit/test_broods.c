/*
 * Unit tests of emu/analysis/broods.h: what becomes one line, what does not,
 * and that in sum and order nothing is lost.
 */
#include "analysis/broods.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define KEPT 4096

struct line_kept {
    enum sentence sentence;
    struct facts facts;
};

static struct {
    struct broods broods;
    struct line_kept in[KEPT];
    struct line_kept out[KEPT];
    unsigned ins, outs;
    u64 time;
    u64 latest; /* time of a line that came out */
} k;

static void keep(void *arg, u64 time, enum sentence sentence,
                 const struct facts *facts)
{
    assert_true(k.outs < KEPT && time >= k.latest && time <= k.time);
    k.latest = time;
    k.out[k.outs++] = (struct line_kept){sentence, *facts};
}

static void begin(void)
{
    broods_free(&k.broods);
    memset(&k, 0, sizeof(k));
    k.broods.say = keep;
}

static void finish(void)
{
    broods_flush(&k.broods);
    broods_free(&k.broods);
    k.broods.line = NULL;
}

static void take(enum sentence sentence, const struct facts *facts)
{
    assert_true(k.ins < KEPT);
    k.in[k.ins++] = (struct line_kept){sentence, *facts};
    broods_take(&k.broods, ++k.time, sentence, facts);
}

static struct space_name pid(unsigned number)
{
    return (struct space_name){.has_pid = true, .pid = number};
}

static void fork_of(unsigned parent, unsigned child, enum sentence sentence)
{
    struct facts facts = {.who = pid(child),
                          .other = pid(parent),
                          .shared = 5,
                          .protected = 2,
                          .say_copied = SAY_COPIED_NOTHING};

    take(sentence, &facts);
}

static void copy_by(unsigned who)
{
    struct facts facts = {
        .who = pid(who), .say_act = SAY_ACT, .size = 4096, .va = 0x1000 * who};

    take(SAY_COPY, &facts);
}

static void end_of(unsigned who, enum sentence sentence)
{
    struct facts facts = {.who = pid(who), .pages = 7};

    take(sentence, &facts);
}

static void cycles(unsigned from, unsigned to)
{
    for (unsigned child = from; child <= to; child++) {
        fork_of(1, child, SAY_FORK);
        copy_by(1);
        copy_by(child);
        end_of(child, SAY_END);
    }
}

static const char *said(unsigned line)
{
    static char text[1024];
    char *out = text;

    assert_true(line < k.outs);
    sentence_write(text, sizeof(text), k.out[line].sentence, &k.out[line].facts,
                   (struct wording){RVEMU_LANG_EN, false});
    for (const char *at = text; *at; at++)
        if (*at != NAME_BEGIN && *at != NAME_END)
            *out++ = *at;
    *out = '\0';
    return text;
}

static void a_thousand_forks(void **state)
{
    begin();
    for (unsigned round = 0; round < 10; round++)
        cycles(3 + 100 * round, 102 + 100 * round);
    finish();
    assert_int_equal(k.outs, 4);
    assert_int_equal(k.out[0].sentence, SAY_FORK);
    assert_string_equal(
        said(3), "pid 1 forks 999 times more in a row: pid 4 to pid 1002. "
                 "Nothing is copied by that: 4995 pages are shared, 1998 of "
                 "them write-protected. Stores among these copy 1998 pages "
                 "(7992 KiB). 1000 spaces end, with 7000 pages unmapped.");
}

static void few_are_told_one_by_one(void **state)
{
    for (unsigned children = 1; children <= BROODS_LEAST + 1; children++) {
        begin();
        for (unsigned i = 0; i < children; i++) {
            fork_of(1, 3 + i, SAY_FORK);
            copy_by(3 + i);
        }
        finish();
        assert_int_equal(k.outs, children <= BROODS_LEAST ? 2 * children : 3);
    }
}

/* A fork bomb: its children fork, too, and its parents do not return. */
static void a_family(void **state)
{
    begin();
    for (unsigned i = 0; i < 64; i++)
        fork_of(1 + i / 2, 3 + i, i % 3 ? SAY_FORK : SAY_MOVED);
    end_of(3, SAY_EXEC);
    end_of(4, SAY_END);
    finish();
    assert_int_equal(k.outs, 2);
    assert_string_equal(
        said(1), "63 more spaces begin after ecalls of pid 1 and others, as "
                 "forked children do: pid 4 to pid 66. Nothing is copied by "
                 "that: 315 pages are shared, 126 of them write-protected. 2 "
                 "spaces end (1 as by an exec), with 14 pages unmapped.");
}

static void ends_in_a_row(void **state)
{
    begin();
    for (unsigned i = 60; i > 0; i--)
        end_of(i, SAY_END);
    finish();
    assert_int_equal(k.outs, 2);
    assert_string_equal(said(1), "59 spaces end in a row: pid 1 to pid 59, "
                                 "with 413 pages unmapped.");
}

/* Mistakes, what the guest prints and a rest end a row: what comes then is
 * told of again. */
static void what_ends_a_row(void **state)
{
    for (unsigned how = 0; how < 5; how++) {
        struct facts facts = {.who = pid(9), .size = 4096};

        begin();
        cycles(3, 40);
        switch (how) {
        case 0: take(SAY_REFUSED, &facts); break;
        case 1: broods_flush(&k.broods); break;
        case 2: k.time += FOLDS_HOLD; break;
        case 3:
            facts.say_tail = SAY_USED_INSIDE;
            take(SAY_COPY, &facts);
            break;
        default:
            facts.say_open = SAY_OPEN_BOTH;
            take(SAY_FORK, &facts);
            break;
        }
        cycles(41, 80);
        finish();
        assert_int_equal(k.outs, how == 1 || how == 2 ? 8 : 9);
        assert_int_equal(k.out[3].sentence, SAY_BROOD);
        assert_int_equal(k.out[k.outs - 1].sentence, SAY_BROOD);
        assert_int_equal(k.out[k.outs - 1].facts.forks, 39);
    }
}

/* Between few processes there is much to tell: it is not kept for long. */
static void only_so_many_are_held(void **state)
{
    begin();
    fork_of(1, 3, SAY_FORK);
    fork_of(1, 4, SAY_FORK);
    for (unsigned i = 0; i < 2 * BROODS_HELD; i++)
        copy_by(3);
    assert_int_equal(k.outs, k.ins);
    finish();
}

static void the_full_form_has_all(void **state)
{
    begin();
    k.broods.full = true;
    cycles(3, 100);
    assert_int_equal(k.outs, k.ins);
    assert_memory_equal(k.in, k.out, k.ins * sizeof(k.in[0]));
    finish();
}

/* What a line says in sum. */
struct sum {
    u64 forks, shared, protected, own, copies, kib, reuses, ends, unmapped;
};

static void add(struct sum *sum, const struct line_kept *line)
{
    const struct facts *facts = &line->facts;

    switch (line->sentence) {
    case SAY_FORK:
    case SAY_MOVED:
        sum->forks++;
        sum->shared += facts->shared;
        sum->protected += facts->protected;
        sum->own += facts->own;
        break;
    case SAY_COPY:
        sum->copies++;
        sum->kib += facts->size >> 10;
        break;
    case SAY_REUSE: sum->reuses++; break;
    case SAY_ASIDE:
        sum->copies += facts->copies;
        sum->kib += facts->bytes;
        sum->reuses += facts->reuses;
        break;
    case SAY_END:
    case SAY_EXEC:
        sum->ends++;
        sum->unmapped += facts->pages;
        break;
    default: fail_msg("a line that may not be in a brood");
    }
}

/* How many of the lines from `at` on a brood stands for: exactly those whose
 * sums it tells. */
static unsigned length_of(const struct line_kept *brood, unsigned at)
{
    const struct facts *f = &brood->facts;
    const struct sum wanted = {f->forks,  f->shared, f->protected,
                               f->own,    f->copies, f->bytes,
                               f->reuses, f->ended,  f->pages};
    struct sum sum = {0};
    unsigned length = 0;

    while (memcmp(&sum, &wanted, sizeof(sum)) != 0) {
        assert_true(at + length < k.ins);
        add(&sum, &k.in[at + length++]);
    }
    return length;
}

static void take_random(unsigned random, unsigned number)
{
    struct facts facts = {.who = pid(random >> 20),
                          .other = pid(random >> 28),
                          .size = random & 1 ? 4096 : 0x200000,
                          .pages = random >> 9 & 63,
                          .shared = 1 + (random >> 10 & 31),
                          .protected = random >> 11 & 15,
                          .own = random >> 12 & 7,
                          .copies = 1 + (random >> 7 & 3),
                          .bytes = 4,
                          .reuses = random >> 6 & 3,
                          .va = number};
    static const enum sentence kinds[] = {SAY_FORK, SAY_MOVED, SAY_COPY,
                                          SAY_COPY, SAY_REUSE, SAY_ASIDE,
                                          SAY_END,  SAY_EXEC};

    take(random >> 13 & 127 ? kinds[random >> 4 & 7] : SAY_LOOP, &facts);
}

static void nothing_is_lost(void **state)
{
    unsigned random = 1, broods = 0;

    for (unsigned seed = 0; seed < 100; seed++) {
        unsigned at = 0;

        begin();
        random += seed;
        for (unsigned i = 0; i < 800; i++) {
            random = random * 1664525 + 1013904223;
            if (random >> 24 == 0)
                broods_flush(&k.broods);
            if (random >> 24 == 1)
                k.time += FOLDS_HOLD;
            take_random(random >> 3, i);
        }
        finish();
        for (unsigned i = 0; i < k.outs; i++) {
            bool one = k.out[i].sentence == SAY_BROOD ||
                       k.out[i].sentence == SAY_BROOD_ENDS;

            if (one)
                at += length_of(&k.out[i], at);
            else
                assert_memory_equal(&k.out[i], &k.in[at++], sizeof(k.in[0]));
            broods += one;
        }
        assert_int_equal(at, k.ins);
    }
    assert_true(broods > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_forks),
        cmocka_unit_test(few_are_told_one_by_one),
        cmocka_unit_test(a_family),
        cmocka_unit_test(ends_in_a_row),
        cmocka_unit_test(what_ends_a_row),
        cmocka_unit_test(only_so_many_are_held),
        cmocka_unit_test(the_full_form_has_all),
        cmocka_unit_test(nothing_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
