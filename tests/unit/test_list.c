/*
 * Unit tests of base/list.c: where the items of "a=b,c" begin and end, and what
 * their values are.
 */
#include <rvemu/list.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The items of a list with bars behind them, values in parentheses as they are
 * in the list. */
static void expect(const char *list, const char *items)
{
    struct rvemu_list_item item;
    char text[128] = "";
    size_t used = 0;

    while (rvemu_list_next(&list, &item)) {
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
    struct rvemu_list_item item;

    assert_true(rvemu_list_next(&list, &item));
    assert_true(rvemu_list_is(&item, "type"));
    assert_false(rvemu_list_is(&item, "ty"));
    assert_false(rvemu_list_is(&item, "type="));
    assert_true(rvemu_list_has(&item, "virt"));
    assert_false(rvemu_list_has(&item, "vir"));
    assert_false(rvemu_list_has(&item, "virtu"));
    assert_true(rvemu_list_next(&list, &item));
    assert_true(rvemu_list_is(&item, "ty"));
    assert_false(rvemu_list_has(&item, ""));
}

static void doubled_commas_belong_to_values(void **state)
{
    expect("a=b,,c,d", "a(b,,c)|d|");
    expect("a=,,,b", "a(,,)|b|");
    expect("a=b,,", "a(b,,)|");
    expect("a=b,,,", "a(b,,)||");
    expect("a,,b=c", "a||b(c)|");
}

/* The value of the only item, cut off at so many bytes. */
static void expect_text(const char *list, size_t size, const char *value,
                        size_t length)
{
    char text[16] = "???????????????";
    struct rvemu_list_item item;

    assert_true(rvemu_list_next(&list, &item));
    assert_null(list);
    assert_int_equal(rvemu_list_value(&item, text, size), length);
    assert_string_equal(text, value);
    assert_int_equal(rvemu_list_has(&item, value),
                     item.value && strlen(value) == length);
    for (size_t i = size; i < sizeof(text) - 1; i++)
        assert_int_equal(text[i], '?');
}

static void values_have_one_of_two_commas(void **state)
{
    expect_text("a=b", 16, "b", 1);
    expect_text("a=b,,c", 16, "b,c", 3);
    expect_text("a=,,,,", 16, ",,", 2);
    expect_text("a=b,,c", 4, "b,c", 3);
    expect_text("a=b,,c", 3, "b,", 3);
    expect_text("a=b,,c", 1, "", 3);
    expect_text("a=", 16, "", 0);
    expect_text("a", 16, "", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_have_names_and_values),
        cmocka_unit_test(empty_items_count),
        cmocka_unit_test(words_are_whole),
        cmocka_unit_test(doubled_commas_belong_to_values),
        cmocka_unit_test(values_have_one_of_two_commas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
