/* Looking for a pattern in what the guest prints. See watch.c. */
#ifndef WATCH_H
#define WATCH_H

#include <regex.h>

#include "base/error.h"
#include "base/types.h"

#define WATCH_LINE 4096

enum watch_verdict {
    WATCH_NOTHING,
    WATCH_STOP, /* a line matches the pattern to stop on */
    WATCH_FAIL  /* a line matches the pattern to fail on */
};

struct watch {
    bool has_stop, has_fail;
    regex_t stop, fail;
    enum watch_verdict verdict; /* once found, it stays */
    bool fresh;                 /* something was printed since the last look */
    size_t length;
    char line[WATCH_LINE + 1]; /* the line being printed */
};

/* Patterns are POSIX extended regular expressions, or NULL. Returns 0, or -1
 * with error. */
int watch_open(struct watch *watch, const char *stop_on, const char *fail_on,
               struct rvemu_error *error);
void watch_close(struct watch *watch);

/* A byte was printed. A line is looked at when it ends. */
void watch_put(struct watch *watch, u8 byte);

/* Looks at the line as far as it has got, for a prompt without a newline. */
enum watch_verdict watch_check(struct watch *watch);

#endif
