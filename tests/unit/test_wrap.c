/*
 * Unit tests of emu/cli/wrap.h: where lines are broken, and what they lose
 * there.
 */
#include "host/wrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rvemu/explain.h>

#define RED "\33[31m"
#define PLAIN "\33[0m"
#define GUTTER RVEMU_EXPLAIN_GUTTER

static void expect(const char *line, unsigned columns, const char *wanted)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    wrap_line(out, line, columns);
    fclose(out);
    assert_string_equal(text, wanted);
    free(text);
}

static void lines_break_at_spaces(void **state)
{
    expect("", 20, "");
    expect("one two three", 13, "one two three");
    expect("one two three", 12, "one two\n  three");
    expect("one two three four", 9, "one two\n  three\n  four");
    expect("a  bbbb cc", 5, "a\n  bbbb\n  cc");
    expect("  space 1 -> 2", 12, "  space 1 ->\n  2");
    expect("end. ", 4, "end.");
}

static void long_words_stay_whole(void **state)
{
    expect("abcdefghij", 4, "abcdefghij");
    expect("a bcdefghij k", 5, "a\n  bcdefghij\n  k");
}

/* They take no column, and what is accented stays so. */
static void accents_go_on(void **state)
{
    expect(RED "one two" PLAIN " three", 13, RED "one two" PLAIN " three");
    expect(RED "one two three" PLAIN " four", 8,
           RED "one two" PLAIN "\n  " RED "three" PLAIN "\n  four");
    expect("one " RED "two" PLAIN ".", 6, "one\n  " RED "two" PLAIN ".");
    expect(GUTTER "one " RED "two six" PLAIN, 10,
           GUTTER "one " RED "two" PLAIN "\n" GUTTER "  " RED "six" PLAIN);
    expect("one\33[", 6, "one\33[");
}

/* Two columns each; punctuation stays with what it belongs to. */
static void chinese_breaks_between_characters(void **state)
{
    expect("内核复制该页", 12, "内核复制该页");
    expect("内核复制该页", 11, "内核复制该\n  页");
    expect("内核复制该页", 4, "内核\n  复\n  制\n  该\n  页");
    expect("内核。复制", 6, "内核。\n  复制");
    expect("内核。复制", 5, "内\n  核。\n  复\n  制");
    expect("内核（复制", 6, "内核\n  （复\n  制");
    expect("写入 0x10008（栈）。", 13, "写入 0x10008\n  （栈）。");
    expect("复制到#8000e上", 13, "复制到#8000e\n  上");
}

static void no_bytes_are_lost(void **state)
{
    expect("\xe9\xa1 x \xff", 3, "\xe9\xa1\n  x\n  \xff");
    expect("ab\xf0", 2, "ab\xf0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_break_at_spaces),
        cmocka_unit_test(long_words_stay_whole),
        cmocka_unit_test(accents_go_on),
        cmocka_unit_test(chinese_breaks_between_characters),
        cmocka_unit_test(no_bytes_are_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
