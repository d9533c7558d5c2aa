/*
 * Unit tests of base/error.c: that what is said is one line, and fits.
 */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_line_stays_one_whatever_it_quotes(void **state)
{
    struct rvemu_error error;

    assert_int_equal(error_set(&error, "%s: no such file", "a\nb\033[2Jc\x7f"),
                     -1);
    assert_string_equal(error.text, "a?b?[2Jc?: no such file");
    error_set(&error, "%s", "\xe6\x96\x87.elf");
    assert_string_equal(error.text, "\xe6\x96\x87.elf");
}

static void what_does_not_fit_is_cut_off(void **state)
{
    struct rvemu_error error;
    char text[2 * sizeof(error.text)];

    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    error_set(&error, "%s", text);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_stays_one_whatever_it_quotes),
        cmocka_unit_test(what_does_not_fit_is_cut_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
