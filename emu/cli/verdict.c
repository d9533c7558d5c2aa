/* What the end of a run means; see verdict.h. */
#include "cli/verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void say(struct session_result *result, int status, const char *reason,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

static void say(struct session_result *result, int status, const char *reason,
                const char *format, ...)
{
    va_list arguments;

    result->status = status;
    result->reason = reason;
    va_start(arguments, format);
    vsnprintf(result->text, sizeof(result->text), format, arguments);
    va_end(arguments);
}

/* The host ended the run: which part of it, and what that means. */
static void judge_host(const struct verdict_case *c,
                       struct session_result *result)
{
    switch (c->console) {
    case CONSOLE_STOP_ON: say(result, STATUS_OK, "stop-on", "%s", ""); break;
    case CONSOLE_FAIL_ON:
        say(result, STATUS_FAILED, "fail-on",
            "the console printed what --fail-on looks for: \"%s\"", c->failed);
        break;
    case CONSOLE_TIMEOUT:
        say(result, STATUS_LIMIT, "timeout", "stopped by --timeout");
        break;
    case CONSOLE_SIGNAL:
        say(result, 128 + c->signal, "signal", "ended by signal %d", c->signal);
        break;
    case CONSOLE_GO_ON:  /* the observer is broken */
    case CONSOLE_BROKEN: /* leave() says what cannot be written */
        say(result, STATUS_USAGE, "output", "%s", "");
        break;
    default: say(result, STATUS_OK, "quit", "%s", ""); break;
    }
}

static void judge_failure(unsigned code, struct session_result *result)
{
    int status = code & 0xff ? (int)(code & 0xff) : STATUS_FAILED;

    say(result, status, "fail", "the guest failed with code %u", code);
}

/* How long the first line of what the machine says is: the rest is told by the
 * report. */
static int first_line(const struct rvemu_stop *stop)
{
    return (int)strcspn(stop->text, "\n");
}

static void judge(const struct verdict_case *c, struct session_result *result)
{
    switch (c->stop->reason) {
    case RVEMU_STOP_STEPS:
        say(result, STATUS_LIMIT, "max-insns",
            "stopped by --max-insns after %" PRIu64 " instructions",
            c->retired);
        break;
    case RVEMU_STOP_FAIL: judge_failure(c->stop->code, result); break;
    case RVEMU_STOP_RESET:
        say(result, STATUS_OK, "reset", "%s",
            c->options->restored
                ? "the guest asked for a reset: a snapshot has nothing to "
                  "start it with"
                : "");
        break;
    case RVEMU_STOP_DEADLOCK:
        say(result, STATUS_LIMIT, "deadlock", "deadlock: %.*s",
            first_line(c->stop), c->stop->text);
        break;
    case RVEMU_STOP_LOST:
        say(result, STATUS_FAILED, "lost", "%.*s", first_line(c->stop),
            c->stop->text);
        break;
    case RVEMU_STOP_REFUSED:
        say(result, STATUS_FAILED, "refused", "%s", c->stop->text);
        break;
    case RVEMU_STOP_HOST: judge_host(c, result); break;
    default: say(result, STATUS_OK, "pass", "%s", ""); break;
    }
}

/* Adds to what is said of the end; `lead` goes before what is said first. */
__attribute__((format(printf, 3, 4))) static void
add_text(struct session_result *result, const char *lead, const char *format,
         ...)
{
    size_t used = strlen(result->text), room = sizeof(result->text) - used;
    int said = snprintf(result->text + used, room, "%s", used ? "; " : lead);
    va_list arguments;

    if (said < 0 || (size_t)said >= room)
        return;
    va_start(arguments, format);
    vsnprintf(result->text + used + said, room - (size_t)said, format,
              arguments);
    va_end(arguments);
}

/* Adds which hart did nothing but trap, if the run was ended from outside. */
static void add_loop(const struct verdict_case *c,
                     struct session_result *result)
{
    if (c->stop->text[0] && (c->stop->reason == RVEMU_STOP_STEPS ||
                             c->stop->reason == RVEMU_STOP_HOST))
        add_text(result, "", "%.*s", first_line(c->stop), c->stop->text);
}

/* An end without the line that --stop-on waits for is no success, and says so;
 * --fail-on and output that cannot be written say enough. */
static void judge_pattern(const struct verdict_case *c,
                          struct session_result *result)
{
    if (!c->options->stop_on ||
        (c->stop->reason == RVEMU_STOP_HOST &&
         (c->console == CONSOLE_STOP_ON || c->console == CONSOLE_FAIL_ON ||
          result->status == STATUS_USAGE)))
        return;
    if (result->status == STATUS_OK) {
        result->status = STATUS_FAILED;
        result->reason = "no-stop-on";
    }
    add_text(result, "the run ended, and ", "no line matched --stop-on '%s'",
             c->options->stop_on);
}

/* A line of --input whose time never came is told of; what that means, who
 * wrote it knows. */
static void judge_input(const struct verdict_case *c,
                        struct session_result *result)
{
    char expected[256];
    unsigned line;

    if (c->input && script_waits(c->input, &line, expected, sizeof(expected)))
        add_text(result, "the run ended, and ",
                 "line %u of --input %s still waited for '%s'", line,
                 c->options->input, expected);
}

bool verdict_is_reported(const struct rvemu_stop *stop,
                         enum console_verdict console, enum mortem_end *end)
{
    switch (stop->reason) {
    case RVEMU_STOP_STEPS: *end = MORTEM_LIMIT; return true;
    case RVEMU_STOP_LOST: *end = MORTEM_LOST; return true;
    case RVEMU_STOP_DEADLOCK: *end = MORTEM_DEADLOCK; return true;
    case RVEMU_STOP_HOST:
        *end = console == CONSOLE_FAIL_ON ? MORTEM_FAIL_ON : MORTEM_LIMIT;
        return console == CONSOLE_FAIL_ON || console == CONSOLE_TIMEOUT;
    default: return false;
    }
}

void verdict_judge(const struct verdict_case *c, struct session_result *result)
{
    judge(c, result);
    judge_pattern(c, result);
    judge_input(c, result);
    add_loop(c, result);
}

void verdict_judge_rules(const struct rvemu_expect *rules,
                         struct session_result *result)
{
    rvemu_expect_sum(rules, &result->rules);
    if (!result->rules.failed || result->status != STATUS_OK)
        return;
    result->status = STATUS_FOUND;
    result->reason = "expect";
}

/* How many findings of a check its level makes failures. What --frames has told
 * of already is not counted again. */
static uint64_t count_found(const struct options *o, unsigned check,
                            const struct observe_end *end)
{
    const struct rvemu_check_totals *found = &end->checks[check];
    unsigned level = o->explained.check[check];
    uint64_t count = 0;

    if (!level)
        return 0;
    if (check == RVEMU_CHECK_TLB)
        return end->stale.certain +
               (level >= RVEMU_CHECK_MAY ? end->stale.may : 0) +
               (level >= RVEMU_CHECK_POSSIBLE ? end->stale.possible : 0);
    if (check != RVEMU_CHECK_REFS && (check != RVEMU_CHECK_UAF || !o->frames))
        count = found->certain;
    return count + (level >= RVEMU_CHECK_POSSIBLE ? found->possible : 0);
}

static void say_found(struct session_result *result, unsigned check,
                      uint64_t count, bool is_first)
{
    bool fence = check == RVEMU_CHECK_TLB || check == RVEMU_CHECK_ICACHE;

    add_text(result, is_first ? "" : ", ", "--check %s found %" PRIu64 " %s%s",
             rvemu_check_name(check), count,
             fence ? "missing fence" : "mistake", count == 1 ? "" : "s");
}

void verdict_judge_findings(const struct options *o,
                            const struct observe_end *end,
                            struct session_result *result)
{
    uint64_t mistakes = end->mistakes, found = 0;
    bool is_first = !mistakes;

    result->has_mistakes = o->frames != NULL;
    result->mistakes = mistakes;
    result->check = o->explained.check;
    result->stale = end->stale;
    memcpy(result->checks, end->checks, sizeof(result->checks));
    for (unsigned i = 0; i < RVEMU_CHECKS; i++)
        found += count_found(o, i, end);
    if ((!mistakes && !found) || result->status != STATUS_OK)
        return;
    result->status = STATUS_FOUND;
    result->reason = mistakes ? "frames" : "check";
    if (mistakes)
        add_text(result, "", "--frames found %" PRIu64 " mistake%s", mistakes,
                 mistakes == 1 ? "" : "s");
    for (unsigned i = 0; i < RVEMU_CHECKS; i++) {
        uint64_t count = count_found(o, i, end);

        if (count)
            say_found(result, i, count, is_first);
        is_first &= !count;
    }
}
