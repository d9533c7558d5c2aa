/*
 * Unit tests of emu/analysis/json.h: what a line has in it, and that whatever
 * bytes a guest puts into names come out as a JSON string. That readers of JSON
 * can read it, the suite explain tests.
 */
#include "analysis/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void facts_are_typed(void **state)
{
    struct facts facts = {
        .who = {.number = 2, .has_pid = true, .pid = 3, .program = "cow"},
        .other = {.number = 1},
        .permissions = "rw-",
        .old_permissions = "r--",
        .hart = 2,
        .va = 0xffffffffffffff08,
        .frame = 0x80007,
        .old = 0x80004,
        .say_act = SAY_ACT,
        .say_does = SAY_STORES,
        .say_at = SAY_AT_NAME,
        .place = {.name = "heap[2]", .function = "f", .line = "lab.c:13"},
        .say_where = SAY_WHERE_AREA_LINE,
        .say_source = SAY_SOURCE_LINE,
        .say_kind = SAY_AREA_HEAP,
        .say_shared_with = SAY_SHARED_ONE,
        .say_keeps = SAY_KEEPS_ONE,
    };
    char out[JSON_LINE];

    json_write(out, SAY_COPY, &facts, 17, "It is copied.");
    assert_string_equal(
        out, "{\"kind\":\"copy\",\"time_ns\":17,\"hart\":1,\"by\":\"program\","
             "\"space\":{\"number\":2,\"pid\":3,\"name\":\"cow\"},"
             "\"access\":\"store\",\"va\":\"0xffffffffffffff08\","
             "\"symbol\":\"heap[2]\",\"area\":\"heap\",\"line\":\"lab.c:"
             "13\",\"other\":{\"number\":1},\"frame\":\"0x80007\","
             "\"old_permissions\":\"r--\",\"permissions\":\"rw-\","
             "\"old_frame\":\"0x80004\",\"text\":\"It is copied.\"}");
}

/* What a line does not tell is not in it; totals have no time. */
static void facts_untold_are_left_out(void **state)
{
    struct facts facts = {
        .who = {.number = 1}, .other = {.alike = 3}, .shared = 7, .va = 0x1000};
    char out[JSON_LINE];

    json_write(out, SAY_TOTAL_FORK, &facts, UINT64_MAX, "");
    assert_string_equal(out,
                        "{\"kind\":\"total_fork\",\"other\":{\"one_of\":3},"
                        "\"space\":{\"number\":1},\"shared\":7,\"protected\":0,"
                        "\"copies\":0,\"reuses\":0,\"text\":\"\"}");
    facts.who.number = 0;
    json_write(out, SAY_SPACE_UNKNOWN, &facts, 0, "");
    assert_string_equal(out, "{\"kind\":\"\",\"time_ns\":0,\"text\":\"\"}");
}

#define LOST "\\ufffd"

static void any_bytes_make_a_string(void **state)
{
    static const struct {
        const char *bytes;
        const char *string;
    } cases[] = {
        {"a\"b\\c", "a\\\"b\\\\c"},
        {"\1\n\r\t\37\177", "\\u0001\\u000a\\u000d\\u0009\\u001f\177"},
        {"→ 页 \xf0\x9f\x98\x80", "→ 页 \xf0\x9f\x98\x80"},
        {"\x80\xff", LOST LOST},                   /* no lead */
        {"a\xe9\xa1", "a" LOST LOST},              /* cut off */
        {"\xc0\xaf", LOST LOST},                   /* overlong: '/' */
        {"\xe0\x80\xaf", LOST LOST LOST},          /* the same in three */
        {"\xed\xa0\x80", LOST LOST LOST},          /* a surrogate */
        {"\xf4\x90\x80\x80", LOST LOST LOST LOST}, /* behind the last */
        {"\xc3(", LOST "("},
    };
    char out[JSON_LINE], wanted[256];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct facts facts = {.program = ""};

        snprintf(wanted, sizeof(wanted),
                 "{\"kind\":\"failed\",\"time_ns\":1,\"text\":\"%s\"}",
                 cases[i].string);
        json_write(out, SAY_FAILED, &facts, 1, cases[i].bytes);
        assert_string_equal(out, wanted);
    }
}

static void the_first_line_has_the_version(void **state)
{
    char out[JSON_LINE];

    json_begin(out, RVEMU_LANG_ZH, "x \"y\"");
    assert_string_equal(out, "{\"v\":1,\"kind\":\"begin\",\"lang\":\"zh\","
                             "\"text\":\"x \\\"y\\\"\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_typed),
        cmocka_unit_test(facts_untold_are_left_out),
        cmocka_unit_test(any_bytes_make_a_string),
        cmocka_unit_test(the_first_line_has_the_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
