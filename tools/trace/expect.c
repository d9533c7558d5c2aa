/*
 * expect: the rules of emu --expect, judged by a file.
 *
 * The trace has to be of a whole run, with all kinds of events that rules rest
 * on. It is told to an explainer that says nothing, boot by boot.
 */
#include <string.h>

#include "trace/commands.h"
#include "trace/findings.h"
#include "trace/source.h"

struct judging {
    struct source s;
    struct rvemu_explain_options options;
    struct rvemu_explain *explain;
    unsigned boot;
    uint64_t before; /* machine time of the boots before */
};

static int begin(struct judging *j, struct rvemu_error *error)
{
    j->explain = rvemu_explain_new(&j->options);
    return j->explain ? 0 : rvemu_error_set(error, "no memory for the rules");
}

static void finish(struct judging *j)
{
    if (j->explain)
        rvemu_explain_finish(j->explain);
    rvemu_explain_free(j->explain);
    j->explain = NULL;
}

/* Goes on to a boot; the one before ended with its last event. */
static int go_to(struct judging *j, unsigned boot, struct rvemu_error *error)
{
    uint64_t first, last;

    while (j->boot < boot) {
        finish(j);
        if (rvemu_emt_span(j->s.trace, j->boot++, &first, &last) == 0)
            j->before += last;
        if (begin(j, error) < 0)
            return -1;
    }
    return 0;
}

static int tell(struct judging *j, struct rvemu_error *error)
{
    const struct rvemu_event *event = &j->s.event;

    if (begin(j, error) < 0)
        return -1;
    while (source_next(&j->s)) {
        if (go_to(j, j->s.place.boot, error) < 0)
            return -1;
        rvemu_explain_feed(j->explain, event);
        if (event->kind == RVEMU_EVENT_console)
            rvemu_expect_console(j->options.expect,
                                 (uint8_t)event->console.byte,
                                 j->before + event->time);
    }
    finish(j);
    return 0;
}

/* The status of the run without what was found: that is for rules to judge. */
static int status_of(const struct rvemu_emt_end *end)
{
    return !strcmp(end->reason, "frames") || !strcmp(end->reason, "check") ||
                   !strcmp(end->reason, "expect")
               ? STATUS_OK
               : end->status;
}

/* Whether it holds all that rules rest on, from the beginning to the end. */
static bool is_whole(const struct rvemu_emt_about *about)
{
    return findings_can_be_known(about) && about->is_whole &&
           about->end.reason && about->kinds & RVEMU_EVENT_BIT(console) &&
           about->kinds & RVEMU_EVENT_BIT(alias_store);
}

static int judge(struct judging *j, FILE *out, struct rvemu_error *error)
{
    const struct rvemu_expect_ground ground = {.check[RVEMU_CHECK_TLB] =
                                                   RVEMU_CHECK_MAY};
    struct rvemu_expect_sum sum;

    if (rvemu_expect_check(j->options.expect, &ground, error) < 0)
        return -1;
    if (!is_whole(j->s.about))
        return rvemu_error_set(
            error,
            "%s: rules need a trace of a whole run, with all "
            "that emu --trace writes by itself",
            j->s.path);
    j->options.names = rvemu_emt_names(j->s.trace);
    if (tell(j, error) < 0)
        return -1;
    rvemu_expect_end(j->options.expect, status_of(&j->s.about->end));
    rvemu_expect_print(j->options.expect, out);
    rvemu_expect_sum(j->options.expect, &sum);
    return sum.failed ? STATUS_FOUND : STATUS_OK;
}

int command_expect(const struct options *o, FILE *out,
                   struct rvemu_error *error)
{
    const struct options all = {.explained.json = false};
    struct judging j = {.options = {.check[RVEMU_CHECK_TLB] = RVEMU_CHECK_MAY}};
    int status;

    j.options.lang = o->explained.lang;
    if (rvemu_expect_open(&j.options.expect, o->file[1], error) < 0)
        return -1;
    if (source_open(&j.s, &all, o->file[0], out, SOURCE_ALL,
                    rvemu_explain_kinds(&j.options) | RVEMU_EVENT_BIT(console),
                    false, error) < 0) {
        rvemu_expect_free(j.options.expect);
        return -1;
    }
    status = judge(&j, out, error);
    rvemu_explain_free(j.explain);
    rvemu_expect_free(j.options.expect);
    source_close(&j.s);
    return status;
}
