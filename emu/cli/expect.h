/*
 * --expect: the rules of a file, and what became of them: a table for people,
 * JUnit's XML and Gradescope's results.json for graders. docs/expect.md is the
 * manual.
 */
#ifndef CLI_EXPECT_H
#define CLI_EXPECT_H

#include <rvemu/expect.h>

#include "host/outfile.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/session.h"

/* All zero is one without rules. */
struct expect {
    struct rvemu_expect *rules; /* NULL: none */
    const char *path;           /* the options' */
    struct outfile junit, gradescope;
};

/* Reads the rules, and opens what is to be written. Returns 0, or -1 with error
 * and nothing left behind. */
int expect_open(struct expect *expect, const struct options *options,
                struct rvemu_error *error);

/* Says whether a run with these options and names can be judged by the rules.
 * Returns 0, or -1 with error. */
int expect_check(const struct rvemu_expect *rules,
                 const struct options *options, const struct names *names,
                 struct rvemu_error *error);

/* Writes the files of a run that was judged. Returns 0, or -1 with error. */
int expect_write(struct expect *expect, const struct session_result *result,
                 struct rvemu_error *error);

/* Frees the rules; files that were not written are given up. */
void expect_close(struct expect *expect);

#endif
