/*
 * Rules that a run is held to: read from text, judged by what an explainer
 * concludes (explain.h), by what the guest prints and by how the run ends.
 * docs/expect.md is their manual.
 *
 * A set of rules is read once and lives through all boots of a run. It is
 * lent to each boot's explainer, which tells it of each conclusion once,
 * whatever form, filter or pause keeps back. All that is judged is machine
 * time's, so that a run made again is judged the same.
 */
#ifndef RVEMU_EXPECT_H
#define RVEMU_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rvemu/check.h>
#include <rvemu/error.h>

struct rvemu_expect;

#define RVEMU_EXPECT_RULES 256      /* at most, in a file */
#define RVEMU_EXPECT_LINE 512       /* bytes of a line of it, at most */
#define RVEMU_EXPECT_POINTS 1000000 /* of a rule, at most */

/* Reads the rules in `size` bytes of text, a rule a line; `name` is what
 * messages call the file. Returns 0, or -1 with error: "NAME:LINE:COLUMN: what
 * is wrong, and what to say", columns counted in bytes from 1 on; or memory is
 * lacking. */
int rvemu_expect_read(struct rvemu_expect **expect, const char *name,
                      const char *text, size_t size, struct rvemu_error *error);

/* The same of a file of up to 1 MiB; or it cannot be read. */
int rvemu_expect_open(struct rvemu_expect **expect, const char *path,
                      struct rvemu_error *error);

/* Frees the rules. NULL is none. */
void rvemu_expect_free(struct rvemu_expect *expect);

/* What there is for rules to rest on. */
struct rvemu_expect_ground {
    bool frames;                 /* the explainer knows the allocator */
    uint8_t check[RVEMU_CHECKS]; /* the levels of its checks */
    bool functions; /* it is told the functions that faults are raised in */
    void *arg;
    /* Whether a file at hand has a function of this name, where program is not
     * NULL the file of that program. NULL: that is not known. */
    bool (*has_function)(void *arg, const char *program, const char *function);
};

/* Says whether each rule can be judged on this ground. Returns 0, or -1 with
 * error, as rvemu_expect_read(), for the first that cannot. */
int rvemu_expect_check(const struct rvemu_expect *expect,
                       const struct rvemu_expect_ground *ground,
                       struct rvemu_error *error);

/* The guest has written a byte to its console, at this machine time in ns since
 * the run began. */
void rvemu_expect_console(struct rvemu_expect *expect, uint8_t byte,
                          uint64_t time);

/* The run is over and its explainer has finished: judges. status is the
 * guest's, as emu would exit without rules and findings. */
void rvemu_expect_end(struct rvemu_expect *expect, int status);

/* A rule, and after rvemu_expect_end() what became of it. Strings live as long
 * as the rules; "" where there is nothing to say. */
struct rvemu_expect_rule {
    unsigned line; /* of the file, from 1 on */
    unsigned points;
    const char *rule;    /* as it stands in the file */
    const char *message; /* what the file says of it; else the rule */
    bool passed;
    const char *why;      /* what was found instead: "copies: 2" */
    const char *sentence; /* the conclusion that it failed by */
    bool has_time;
    uint64_t time; /* of what that tells, in ns of machine time … */
    unsigned boot; /* … of this boot, from 1 on */
};

/* How many rules there are; the one of this index, below that. */
unsigned rvemu_expect_count(const struct rvemu_expect *expect);
void rvemu_expect_rule(const struct rvemu_expect *expect, unsigned index,
                       struct rvemu_expect_rule *rule);

#define RVEMU_EXPECT_TEXT 2600 /* more than is said of a rule */

/* Writes what is said of a rule that failed: the rule, what was found, and in
 * another line the sentence; `lead`, up to 40 bytes, begins each. */
void rvemu_expect_failure(const struct rvemu_expect_rule *rule,
                          const char *lead, char out[RVEMU_EXPECT_TEXT]);

/* What all rules come to. */
struct rvemu_expect_sum {
    unsigned passed, failed;
    uint64_t points, of; /* that were got, of so many */
};
void rvemu_expect_sum(const struct rvemu_expect *expect,
                      struct rvemu_expect_sum *sum);

/* Prints a line for each rule, more for those that failed, and the sum. */
void rvemu_expect_print(const struct rvemu_expect *expect, FILE *out);

#endif
