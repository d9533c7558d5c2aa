/*
 * Patterns on console output, line by line (--stop-on, --fail-on,
 * --milestone).
 *
 * Carriage returns are dropped, so that `$` means the end of the line
 * whatever the guest ends it with, and NULs too. Of a line longer than
 * PATTERNS_LINE the earlier half is given up. When both patterns match, failure
 * wins.
 */
#include "host/patterns.h"

#include <stdlib.h>
#include <string.h>

static int compile(regex_t *regex, const char *option, const char *pattern,
                   struct rvemu_error *error)
{
    int code = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);
    char why[256];

    if (code == 0)
        return 0;
    regerror(code, regex, why, sizeof(why));
    return rvemu_error_set(error, "%s '%s': %s", option, pattern, why);
}

static int compile_milestones(struct patterns *p,
                              const struct patterns_config *config,
                              struct rvemu_error *error)
{
    if (!config->milestones)
        return 0;
    p->milestone = calloc(config->milestones, sizeof(*p->milestone));
    if (!p->milestone)
        return rvemu_error_set(error, "no memory for the milestones");
    for (; p->milestones < config->milestones; p->milestones++)
        if (compile(&p->milestone[p->milestones].regex, "--milestone",
                    config->milestone[p->milestones], error) < 0)
            return -1;
    return 0;
}

static int compile_all(struct patterns *p, const struct patterns_config *config,
                       struct rvemu_error *error)
{
    if (config->stop_on) {
        if (compile(&p->stop, "--stop-on", config->stop_on, error) < 0)
            return -1;
        p->has_stop = true;
    }
    if (config->fail_on) {
        if (compile(&p->fail, "--fail-on", config->fail_on, error) < 0)
            return -1;
        p->has_fail = true;
    }
    return compile_milestones(p, config, error);
}

int patterns_open(struct patterns *p, const struct patterns_config *config,
                  struct rvemu_error *error)
{
    *p = (struct patterns){.reached = config->reached,
                           .self = config->self,
                           .keeps_line = config->keeps_line};
    if (compile_all(p, config, error) == 0)
        return 0;
    patterns_close(p);
    return -1;
}

void patterns_close(struct patterns *p)
{
    if (p->has_stop)
        regfree(&p->stop);
    if (p->has_fail)
        regfree(&p->fail);
    for (unsigned i = 0; i < p->milestones; i++)
        regfree(&p->milestone[i].regex);
    free(p->milestone);
    *p = (struct patterns){0};
}

static void look_for_milestones(struct patterns *p)
{
    for (unsigned i = 0; i < p->milestones; i++) {
        struct patterns_milestone *milestone = &p->milestone[i];

        if (milestone->is_reached ||
            regexec(&milestone->regex, p->line, 0, NULL, 0) != 0)
            continue;
        milestone->is_reached = true;
        p->reached(p->self, i);
    }
}

/* Keeps what there is of a line that matched: a whole character at the end. */
static void quote(struct patterns *p)
{
    const char *from = p->line, *end = p->line + p->length;
    size_t used = 0;

    while (from < end && *from == ' ')
        from++;
    while (from < end && end[-1] == ' ')
        end--;
    if (end - from > PATTERNS_QUOTE)
        end = from + PATTERNS_QUOTE;
    while (end < p->line + p->length && end > from && (*end & 0xc0) == 0x80)
        end--;
    for (; from < end; from++)
        p->failed[used++] =
            (unsigned char)*from < ' ' || *from == '\x7f' ? '.' : *from;
    p->failed[used] = '\0';
}

enum patterns_verdict patterns_check(struct patterns *p)
{
    if (p->open && p->fresh)
        quote(p);
    if (p->verdict != PATTERNS_NOTHING || !p->fresh)
        return p->verdict;
    p->fresh = false;
    p->line[p->length] = '\0';
    look_for_milestones(p);
    if (p->has_fail && regexec(&p->fail, p->line, 0, NULL, 0) == 0)
        p->verdict = PATTERNS_FAIL;
    else if (p->has_stop && regexec(&p->stop, p->line, 0, NULL, 0) == 0)
        p->verdict = PATTERNS_STOP;
    p->open = p->verdict == PATTERNS_FAIL;
    if (p->open)
        quote(p);
    return p->verdict;
}

const char *patterns_failed(const struct patterns *p)
{
    return p->failed;
}

bool patterns_is_open(const struct patterns *p)
{
    return p->open;
}

void patterns_put(struct patterns *p, uint8_t byte)
{
    bool wanted = p->has_stop || p->has_fail || p->milestones || p->keeps_line;

    if (!wanted || byte == '\r' || byte == '\0')
        return;
    p->fresh = true;
    if (byte == '\n') {
        patterns_check(p);
        p->fresh = p->open = false;
        p->length = 0;
        return;
    }
    if (p->length == PATTERNS_LINE) {
        patterns_check(p);
        p->length /= 2;
        memmove(p->line, p->line + p->length, p->length);
    }
    p->line[p->length++] = (char)byte;
}

struct patterns_place patterns_place(const struct patterns *p)
{
    return (struct patterns_place){p->line, p->length, p->fresh, p->verdict};
}

/* A verdict that nobody asks for any more is none. */
void patterns_go_on(struct patterns *p, const struct patterns_place *place)
{
    bool wanted = place->verdict == PATTERNS_STOP   ? p->has_stop
                  : place->verdict == PATTERNS_FAIL ? p->has_fail
                                                    : false;

    if (place->length > PATTERNS_LINE)
        return;
    memcpy(p->line, place->line, place->length);
    p->length = place->length;
    p->fresh = place->fresh;
    if (wanted)
        p->verdict = place->verdict;
    p->open = p->verdict == PATTERNS_FAIL && p->length;
    if (p->open)
        quote(p);
}
