/*
 * Rules between files and people: read from a file, and told in text.
 */
#include <rvemu/expect.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define FILE_MAX (1 << 20) /* bytes of rules */
#define MS 1000000

/* Reads to the end, and one byte more than there may be. */
static int read_all(struct rvemu_expect **expect, const char *path, FILE *in,
                    struct rvemu_error *error)
{
    char *text = malloc(FILE_MAX + 1);
    size_t size = text ? fread(text, 1, FILE_MAX + 1, in) : 0;
    int failed;

    if (!text)
        failed = error_set(error, "no memory for rules");
    else if (ferror(in))
        failed = error_set(error, "cannot read %s: %s", path, strerror(errno));
    else if (size > FILE_MAX)
        failed = error_set(error, "%s: has more than %d bytes", path, FILE_MAX);
    else
        failed = rvemu_expect_read(expect, path, text, size, error);
    free(text);
    return failed;
}

int rvemu_expect_open(struct rvemu_expect **expect, const char *path,
                      struct rvemu_error *error)
{
    FILE *in = fopen(path, "r");
    int failed;

    *expect = NULL;
    if (!in)
        return error_set(error, "cannot read %s: %s", path, strerror(errno));
    failed = read_all(expect, path, in, error);
    fclose(in);
    return failed;
}

void rvemu_expect_failure(const struct rvemu_expect_rule *rule,
                          const char *lead, char out[RVEMU_EXPECT_TEXT])
{
    const size_t size = RVEMU_EXPECT_TEXT;
    size_t used =
        (size_t)snprintf(out, size, "%s%s: %s", lead, rule->rule, rule->why);

    if (rule->has_time && used < size)
        used += (size_t)snprintf(out + used, size - used,
                                 ", at %" PRIu64 ".%06" PRIu64 " ms",
                                 rule->time / MS, rule->time % MS);
    if (rule->has_time && rule->boot > 1 && used < size)
        used += (size_t)snprintf(out + used, size - used, " of boot %u",
                                 rule->boot);
    if (rule->sentence[0] && used < size)
        snprintf(out + used, size - used, "\n%s%s", lead, rule->sentence);
}

void rvemu_expect_sum(const struct rvemu_expect *expect,
                      struct rvemu_expect_sum *sum)
{
    struct rvemu_expect_rule rule;

    *sum = (struct rvemu_expect_sum){0};
    for (unsigned i = 0; i < rvemu_expect_count(expect); i++) {
        rvemu_expect_rule(expect, i, &rule);
        sum->passed += rule.passed;
        sum->failed += !rule.passed;
        sum->points += rule.passed ? rule.points : 0;
        sum->of += rule.points;
    }
}

void rvemu_expect_print(const struct rvemu_expect *expect, FILE *out)
{
    struct rvemu_expect_rule rule;
    struct rvemu_expect_sum sum;
    char text[RVEMU_EXPECT_TEXT];

    for (unsigned i = 0; i < rvemu_expect_count(expect); i++) {
        rvemu_expect_rule(expect, i, &rule);
        fprintf(out, "  %s %5u/%-5u %s\n", rule.passed ? "passed" : "FAILED",
                rule.passed ? rule.points : 0, rule.points, rule.message);
        if (rule.passed)
            continue;
        rvemu_expect_failure(&rule, "                     ", text);
        fprintf(out, "%s\n", text);
    }
    rvemu_expect_sum(expect, &sum);
    fprintf(out, "emu: %" PRIu64 " of %" PRIu64 " points, %u of %u rules\n",
            sum.points, sum.of, sum.passed, sum.passed + sum.failed);
}
