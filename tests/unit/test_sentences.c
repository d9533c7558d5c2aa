/*
 * Unit tests of emu/analysis/sentences.h: that each can be said, whatever the
 * facts, and that counts have their words.
 */
#include "analysis/sentences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* No template names a fact that does not exist, and none overruns. */
static void every_sentence_can_be_said(void **state)
{
    struct facts facts = {.who = "W", .other = "O", .permissions = "rwx"};
    char whole[1024], out[1024];

    facts.say_act = SAY_ACT_CALL;
    facts.say_does = SAY_STORES;
    facts.say_at = SAY_AT_AREA;
    facts.say_kind = SAY_AREA_HEAP;
    facts.say_tail = SAY_ENDS;
    facts.say_reason = SAY_REASON_LAST;
    for (enum sentence s = SAY_NOTHING + 1; s < SENTENCES; s++) {
        sentence_write(whole, sizeof(whole), s, &facts, false);
        assert_true(s == SAY_AREA || strlen(whole) > 0);
        assert_null(strpbrk(whole, "{}*\33"));
        sentence_write(out, sizeof(out), s, &facts, true);
        if (strchr(out, '\33'))
            assert_string_equal(strrchr(out, 0x1b), strstr(out, "\33[0m"));
        for (size_t size = 1; size <= strlen(whole); size++) {
            out[size] = '#';
            sentence_write(out, size, s, &facts, false);
            assert_int_equal(strlen(out), size - 1);
            assert_int_equal(out[size], '#');
        }
    }
}

static void counts_have_words(void **state)
{
    struct facts facts = {.shared = 1, .own = 2};
    char out[256];

    sentence_write(out, sizeof(out), SAY_COPIED_SOME, &facts, false);
    assert_non_null(strstr(out, "the same 1 frame; at 2 pages"));
    facts.shared = 2;
    facts.own = 1;
    sentence_write(out, sizeof(out), SAY_COPIED_SOME, &facts, false);
    assert_non_null(strstr(out, "the same 2 frames; at 1 page "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sentence_can_be_said),
        cmocka_unit_test(counts_have_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
