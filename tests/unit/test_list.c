/*
 * Unit tests of cli/list.c: where the items of "a=b,c" begin and end.
 */
#include "cli/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The items of a list with bars behind them, values in parentheses. */
static void expect(const char *list, const char *items)
{
    struct list_item item;
    char text[128] = "";
    size_t used = 0;

    while (list_next(&list, &item)) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%.*s",
                                 (int)item.length, item.name);
        if (item.value)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "(%.*s)",
                                     (int)item.value_length, item.value);
        used += (size_t)snprintf(text + used, sizeof(text) - used, "|");
    }
    assert_string_equal(text, items);
}

static void items_have_names_and_values(void **state)
{
    expect("a", "a|");
    expect("a=b,c=d", "a(b)|c(d)|");
    expect("4,cores=2", "4|cores(2)|");
    expect("a=b=c,d", "a(b=c)|d|");
    expect("a=,=b", "a()|(b)|");
}

static void empty_items_count(void **state)
{
    expect("", "|");
    expect("a,", "a||");
    expect(",,", "|||");
    expect(NULL, "");
}

static void words_are_whole(void **state)
{
    const char *list = "type=virt,ty";
    struct list_item item;

    assert_true(list_next(&list, &item));
    assert_true(list_is(&item, "type"));
    assert_false(list_is(&item, "ty"));
    assert_false(list_is(&item, "type="));
    assert_true(list_has(&item, "virt"));
    assert_false(list_has(&item, "vir"));
    assert_true(list_next(&list, &item));
    assert_true(list_is(&item, "ty"));
    assert_false(list_has(&item, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_have_names_and_values),
        cmocka_unit_test(empty_items_count),
        cmocka_unit_test(words_are_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
