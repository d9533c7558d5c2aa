/*
 * Patterns on console output, line by line (--stop-on, --fail-on).
 *
 * Carriage returns are dropped, so that `$` means the end of the line
 * whatever the guest ends it with, and NULs too. Of a line longer than
 * WATCH_LINE the earlier half is given up. When both patterns match, failure
 * wins.
 */
#include "watch.h"

#include <string.h>

static int compile(regex_t *regex, const char *option, const char *pattern,
                   struct rvemu_error *error)
{
    int code = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);
    char why[256];

    if (code == 0)
        return 0;
    regerror(code, regex, why, sizeof(why));
    return error_set(error, "%s '%s': %s", option, pattern, why);
}

int watch_open(struct watch *w, const char *stop_on, const char *fail_on,
               struct rvemu_error *error)
{
    *w = (struct watch){0};
    if (stop_on) {
        if (compile(&w->stop, "--stop-on", stop_on, error) < 0)
            return -1;
        w->has_stop = true;
    }
    if (fail_on) {
        if (compile(&w->fail, "--fail-on", fail_on, error) < 0) {
            watch_close(w);
            return -1;
        }
        w->has_fail = true;
    }
    return 0;
}

void watch_close(struct watch *w)
{
    if (w->has_stop)
        regfree(&w->stop);
    if (w->has_fail)
        regfree(&w->fail);
    *w = (struct watch){0};
}

enum watch_verdict watch_check(struct watch *w)
{
    if (w->verdict != WATCH_NOTHING || !w->fresh)
        return w->verdict;
    w->fresh = false;
    w->line[w->length] = '\0';
    if (w->has_fail && regexec(&w->fail, w->line, 0, NULL, 0) == 0)
        w->verdict = WATCH_FAIL;
    else if (w->has_stop && regexec(&w->stop, w->line, 0, NULL, 0) == 0)
        w->verdict = WATCH_STOP;
    return w->verdict;
}

void watch_put(struct watch *w, u8 byte)
{
    if ((!w->has_stop && !w->has_fail) || byte == '\r' || byte == '\0')
        return;
    w->fresh = true;
    if (byte == '\n') {
        watch_check(w);
        w->fresh = false;
        w->length = 0;
        return;
    }
    if (w->length == WATCH_LINE) {
        watch_check(w);
        w->length /= 2;
        memmove(w->line, w->line + w->length, w->length);
    }
    w->line[w->length++] = (char)byte;
}
