/*
 * --expect; see expect.h.
 *
 * JUnit's XML is what CI systems read: a testsuite with a testcase for each
 * rule. Gradescope's results.json is as its documentation of autograders has
 * it: score, and tests with score, max_score, name, status and output. What is
 * written may hold names that the guest made up; bytes that are no UTF-8, and
 * control characters, become '?'.
 */
#include "cli/expect.h"

#include <inttypes.h>
#include <string.h>

/* ---- rules ---- */

static int open_output(struct outfile *out, const char *path,
                       struct rvemu_error *error)
{
    return path[0] ? outfile_open(out, path, OUTFILE_WHEN_WHOLE, error) : 0;
}

int expect_open(struct expect *expect, const struct options *o,
                struct rvemu_error *error)
{
    *expect = (struct expect){.path = o->expect.rules};
    if (!o->expect.rules[0])
        return 0;
    if (rvemu_expect_open(&expect->rules, expect->path, error) < 0 ||
        open_output(&expect->junit, o->expect.junit, error) < 0 ||
        open_output(&expect->gradescope, o->expect.gradescope, error) < 0) {
        expect_close(expect);
        return -1;
    }
    return 0;
}

void expect_close(struct expect *expect)
{
    outfile_drop(&expect->junit);
    outfile_drop(&expect->gradescope);
    rvemu_expect_free(expect->rules);
    expect->rules = NULL;
}

static bool has_function(void *names, const char *program, const char *function)
{
    return names_have_function(names, program, function);
}

int expect_check(const struct rvemu_expect *rules, const struct options *o,
                 const struct names *names, struct rvemu_error *error)
{
    struct rvemu_expect_ground ground = {
        .frames = o->frames != NULL,
        .functions = true,
        .arg = (struct names *)names,
        .has_function = has_function,
    };

    memcpy(ground.check, o->explained.check, sizeof(ground.check));
    return rvemu_expect_check(rules, &ground, error);
}

/* ---- files ---- */

/* How many bytes the character at text has; 0: it is none of UTF-8, or is a
 * control character that neither format takes. */
static unsigned character(const char *text)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*text;
    unsigned length = first < 0x80         ? 1
                      : first >> 5 == 6    ? 2
                      : first >> 4 == 0xe  ? 3
                      : first >> 3 == 0x1e ? 4
                                           : 0;
    unsigned value = length > 1 ? first & (0x7fu >> length) : first;

    for (unsigned i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | ((unsigned char)text[i] & 0x3f);
    }
    if (length == 1)
        return value >= ' ' || value == '\n' ? 1 : 0;
    if (!length || value < least[length] || value > 0x10ffff ||
        (value >= 0xd800 && value < 0xe000) || value >> 1 == 0x7fff)
        return 0;
    return length;
}

/* Puts text into a file, with what the format has in place of some
 * characters. */
static void put(FILE *out, const char *text, const char *(*escape)(char c))
{
    while (*text) {
        unsigned length = character(text);
        const char *instead = length == 1 ? escape(*text) : NULL;

        if (!length)
            fputc('?', out);
        else if (instead)
            fputs(instead, out);
        else
            fwrite(text, 1, length, out);
        text += length ? length : 1;
    }
}

static const char *escape_xml(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\n': return "&#10;";
    default: return NULL;
    }
}

static const char *escape_json(char c)
{
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    default: return NULL;
    }
}

static void put_xml(FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    put(out, text, escape_xml);
    fputc('"', out);
}

static void put_json(FILE *out, const char *name, const char *text)
{
    fprintf(out, ", \"%s\": \"", name);
    put(out, text, escape_json);
    fputc('"', out);
}

static void write_junit(FILE *out, const struct expect *expect,
                        const struct session_result *result)
{
    const struct rvemu_expect_sum *sum = &result->rules;
    struct rvemu_expect_rule rule;
    char text[RVEMU_EXPECT_TEXT];

    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                 "<testsuite");
    put_xml(out, "name", expect->path);
    fprintf(out,
            " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"0\""
            " time=\"%.6f\">\n",
            sum->passed + sum->failed, sum->failed,
            (double)result->spent.time / 1e9);
    for (unsigned i = 0; i < rvemu_expect_count(expect->rules); i++) {
        rvemu_expect_rule(expect->rules, i, &rule);
        fprintf(out, "<testcase classname=\"emu\"");
        put_xml(out, "name", rule.message);
        fprintf(out, " time=\"0\"");
        if (rule.passed) {
            fprintf(out, "/>\n");
            continue;
        }
        rvemu_expect_failure(&rule, "", text);
        fprintf(out, "><failure");
        put_xml(out, "message", rule.why);
        fputc('>', out);
        put(out, text, escape_xml);
        fprintf(out, "</failure></testcase>\n");
    }
    fprintf(out, "</testsuite>\n</testsuites>\n");
}

static void write_gradescope(FILE *out, const struct expect *expect,
                             const struct session_result *result)
{
    struct rvemu_expect_rule rule;
    char text[RVEMU_EXPECT_TEXT];

    fprintf(out, "{\"score\": %" PRIu64 ", \"tests\": [", result->rules.points);
    for (unsigned i = 0; i < rvemu_expect_count(expect->rules); i++) {
        rvemu_expect_rule(expect->rules, i, &rule);
        fprintf(out, "%s\n  {\"score\": %u, \"max_score\": %u", i ? "," : "",
                rule.passed ? rule.points : 0, rule.points);
        put_json(out, "name", rule.message);
        put_json(out, "status", rule.passed ? "passed" : "failed");
        rvemu_expect_failure(&rule, "", text);
        put_json(out, "output", rule.passed ? rule.rule : text);
        fputc('}', out);
    }
    fprintf(out, "\n]}\n");
}

int expect_write(struct expect *expect, const struct session_result *result,
                 struct rvemu_error *error)
{
    if (expect->junit.file)
        write_junit(expect->junit.file, expect, result);
    if (expect->gradescope.file)
        write_gradescope(expect->gradescope.file, expect, result);
    if (outfile_close(&expect->junit, error) < 0)
        return -1;
    return outfile_close(&expect->gradescope, error);
}
