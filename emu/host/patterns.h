/* Looking for a pattern in what the guest prints. See patterns.c. */
#ifndef HOST_PATTERNS_H
#define HOST_PATTERNS_H

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include <rvemu/error.h>

#define PATTERNS_LINE 4096
#define PATTERNS_QUOTE 160

enum patterns_verdict {
    PATTERNS_NOTHING,
    PATTERNS_STOP, /* a line matches the pattern to stop on */
    PATTERNS_FAIL  /* a line matches the pattern to fail on */
};

/* Whatever of it is NULL or 0 is not looked for. */
struct patterns_config {
    const char *stop_on;
    const char *fail_on;
    const char *const *milestone; /* to be told of once each, in this order */
    unsigned milestones;
    void (*reached)(void *self, unsigned milestone);
    void *self;
    bool keeps_line; /* even if nothing is looked for: patterns_line() */
};

struct patterns_milestone {
    regex_t regex;
    bool is_reached;
};

struct patterns {
    bool has_stop, has_fail, keeps_line;
    regex_t stop, fail;
    unsigned milestones;
    struct patterns_milestone *milestone;
    void (*reached)(void *self, unsigned milestone);
    void *self;
    enum patterns_verdict verdict; /* once found, it stays */
    bool fresh; /* something was printed since the last look */
    bool open;  /* the line that matched the pattern to fail on goes on */
    char failed[PATTERNS_QUOTE + 1]; /* what there is of it */
    size_t length;
    char line[PATTERNS_LINE + 1]; /* the line being printed */
};

/* Patterns are POSIX extended regular expressions. Returns 0, or -1 with
 * error. */
int patterns_open(struct patterns *patterns,
                  const struct patterns_config *config,
                  struct rvemu_error *error);
void patterns_close(struct patterns *patterns);

/* How far the guest has got with a line, for another process to go on there. */
struct patterns_place {
    const char *line; /* what there is of it */
    size_t length;    /* at most PATTERNS_LINE */
    bool fresh;       /* something of it has not been looked at */
    enum patterns_verdict verdict;
};

struct patterns_place patterns_place(const struct patterns *patterns);
void patterns_go_on(struct patterns *patterns,
                    const struct patterns_place *place);

/* A byte was printed. A line is looked at when it ends. Milestones are told of
 * when a line is looked at. */
void patterns_put(struct patterns *patterns, uint8_t byte);

/* Looks at the line as far as it has got, for a prompt without a newline. */
enum patterns_verdict patterns_check(struct patterns *patterns);

/* Whether the verdict is PATTERNS_FAIL and the line that it is about has not
 * ended yet. */
bool patterns_is_open(const struct patterns *patterns);

/* The line that matched the pattern to fail on, as far as it was printed: its
 * first PATTERNS_QUOTE bytes at most, without blanks at its ends, and with a
 * period for each control character. "" when none matched. */
const char *patterns_failed(const struct patterns *patterns);

#endif
