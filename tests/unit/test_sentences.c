/*
 * Unit tests of emu/analysis/sentences.h: that each can be said in each
 * language, whatever the facts, that languages tell the same, and that counts
 * have their words.
 */
#include "analysis/sentences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct wording plain = {RVEMU_LANG_EN, false};

/* No template names a fact that does not exist, and none overruns. */
static void can_be_said(enum rvemu_lang lang)
{
    struct facts facts = {.who = {.number = 1},
                          .other = {.number = 2},
                          .permissions = "rwx",
                          .writer = "store",
                          .place = {.name = "table[3]",
                                    .function = "memcpy",
                                    .line = "lab.c:13"}};
    struct wording wording = {lang, false}, colored = {lang, true};
    char whole[1024], out[1024];

    facts.say_act = SAY_ACT_CALL;
    facts.say_does = SAY_STORES;
    facts.say_its = SAY_ITS_PAGE;
    facts.say_at = SAY_AT_NAME;
    facts.say_where = SAY_WHERE_AREA_LINE;
    facts.say_source = SAY_SOURCE_BOTH;
    facts.say_written = SAY_WRITTEN_LINE;
    facts.say_kind = SAY_AREA_HEAP;
    facts.say_tail = SAY_ENDS;
    facts.say_reason = SAY_REASON_LAST;
    for (enum sentence s = SAY_NOTHING + 1; s < SENTENCES; s++) {
        sentence_write(whole, sizeof(whole), s, &facts, wording);
        assert_true(s == SAY_AREA || strlen(whole) > 0);
        assert_null(strpbrk(whole, "{}*\33"));
        sentence_write(out, sizeof(out), s, &facts, colored);
        if (strchr(out, '\33'))
            assert_string_equal(strrchr(out, 0x1b), strstr(out, "\33[0m"));
        for (size_t size = 1; size <= strlen(whole); size++) {
            out[size] = '#';
            sentence_write(out, size, s, &facts, wording);
            assert_int_equal(strlen(out), size - 1);
            assert_int_equal(out[size], '#');
        }
    }
}

static void every_sentence_can_be_said(void **state)
{
    for (unsigned lang = 0; lang < RVEMU_LANGS; lang++)
        can_be_said((enum rvemu_lang)lang);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

#define MARKS_MAX 32
#define MARK_TEXT 32

/* Lists, sorted, what a template has that is no word: {facts} without the
 * words for counts, stars, and digits outside of facts. */
static unsigned list_marks(const char *at, char marks[MARKS_MAX][MARK_TEXT],
                           bool *counts)
{
    unsigned count = 0;

    for (*counts = false; *at; at++) {
        size_t length = *at == '{' ? strcspn(at, "|}") : 1;

        if (!strchr("{*0123456789", *at))
            continue;
        assert_true(count < MARKS_MAX && length < MARK_TEXT);
        memset(marks[count], 0, MARK_TEXT);
        memcpy(marks[count++], at, length);
        *counts |= at[length] == '|';
        if (*at == '{')
            at += strcspn(at, "}");
    }
    qsort(marks, count, MARK_TEXT, by_text);
    return count;
}

/* Every row is there in every language and tells the same facts; Chinese has
 * one word for one and for many. */
static void languages_tell_the_same(void **state)
{
    char marks[MARKS_MAX][MARK_TEXT], others[MARKS_MAX][MARK_TEXT];
    const char *const *english = sentences_in(RVEMU_LANG_EN);
    bool counts;

    for (unsigned lang = 0; lang < RVEMU_LANGS; lang++) {
        const char *const *table = sentences_in((enum rvemu_lang)lang);

        for (enum sentence s = 0; s < SENTENCES; s++) {
            unsigned count;

            if (!table[s])
                fail_msg("%s: row %d is missing", rvemu_lang_code(lang), s);
            count = list_marks(english[s], marks, &counts);
            if (list_marks(table[s], others, &counts) != count ||
                memcmp(marks, others, count * MARK_TEXT))
                fail_msg("not the same facts: %s", table[s]);
            assert_false(counts && lang == RVEMU_LANG_ZH);
        }
    }
    assert_null(rvemu_lang_code(RVEMU_LANGS));
    assert_ptr_equal(sentences_in(RVEMU_LANGS), english);
}

/* A name in JSON belongs to one line, and no clause takes it for another; what
 * JSON never has has none. */
static void lines_have_kinds(void **state)
{
    for (enum sentence s = SAY_FORK; s <= SAY_TOTAL_UNTOLD; s++) {
        const char *kind = sentence_kind(s);

        assert_true(strlen(kind) > 0);
        assert_int_equal(strspn(kind, "abcdefghijklmnopqrstuvwxyz_"),
                         strlen(kind));
        assert_int_equal(sentence_is_total(s), s >= SAY_FAILED);
        for (enum sentence t = SAY_FORK; t < s; t++)
            assert_string_not_equal(kind, sentence_kind(t));
    }
    for (enum sentence s = SAY_COPY_RUN; s < SENTENCES; s++) {
        assert_string_equal(sentence_kind(s), "");
        assert_int_equal(sentence_is_total(s), s == SAY_TOTAL_LEFT_OUT);
    }
}

static void counts_have_words(void **state)
{
    struct facts facts = {.shared = 1, .own = 2};
    char out[256];

    sentence_write(out, sizeof(out), SAY_COPIED_SOME, &facts, plain);
    assert_non_null(strstr(out, "the same 1 frame; at 2 pages"));
    facts.shared = 2;
    facts.own = 1;
    sentence_write(out, sizeof(out), SAY_COPIED_SOME, &facts, plain);
    assert_non_null(strstr(out, "the same 2 frames; at 1 page "));
}

/* What hands a line on finds the names of spaces by their marks. */
static void names_are_marked(void **state)
{
    struct facts facts = {.who = {.number = 1, .program = "a"}, .pages = 2};
    char out[256];

    sentence_write(out, sizeof(out), SAY_END, &facts, plain);
    assert_string_equal(out, "\1space 1 (a)\2 ends: 2 pages unmapped.");
}

static void titles_are_in_every_language(void **state)
{
    for (unsigned title = 0; title < RVEMU_TITLES; title++) {
        const char *english = rvemu_title_text(title, RVEMU_LANG_EN);

        for (unsigned lang = 0; lang < RVEMU_LANGS; lang++) {
            const char *text = rvemu_title_text(title, lang);

            assert_true(text && *text);
            assert_ptr_equal(rvemu_title_find(english, lang), text);
            assert_true(lang == RVEMU_LANG_EN || strcmp(text, english) != 0);
        }
    }
    assert_string_equal(rvemu_title_find("a bench", RVEMU_LANG_ZH), "a bench");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sentence_can_be_said),
        cmocka_unit_test(languages_tell_the_same),
        cmocka_unit_test(lines_have_kinds),
        cmocka_unit_test(counts_have_words),
        cmocka_unit_test(names_are_marked),
        cmocka_unit_test(titles_are_in_every_language),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
