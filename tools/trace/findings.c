/* Findings in a trace; see findings.h. */
#include "trace/findings.h"

#include <string.h>

#include "trace/source.h"

/* A boot at a time. */
struct finding {
    struct source s;
    struct rvemu_explain_options options;
    struct rvemu_explain *explain;
    struct findings *all;
    unsigned boot;
};

static void put_line(void *arg, const char *line)
{
    const struct finding *f = arg;

    fprintf(f->s.out, "%s\n", line);
}

bool findings_can_be_known(const struct rvemu_emt_about *about)
{
    const struct rvemu_explain_options options = {.check[RVEMU_CHECK_TLB] =
                                                      RVEMU_CHECK_MAY};
    rvemu_event_set needed = rvemu_explain_kinds(&options) &
                             ~(RVEMU_EVENT_BIT(mark) | RVEMU_EVENT_BIT(probe) |
                               RVEMU_EVENT_BIT(alias_store));

    return (about->kinds & needed) == needed && !about->has_begun_late;
}

static int begin(struct finding *f, struct rvemu_error *error)
{
    f->explain = rvemu_explain_new(&f->options);
    return f->explain ? 0 : rvemu_error_set(error, "no memory for the checks");
}

static void finish(struct finding *f)
{
    if (!f->explain)
        return;
    rvemu_explain_finish(f->explain);
    rvemu_explain_add_stale(f->explain, &f->all->stale);
    rvemu_explain_add_checks(f->explain, f->all->checks);
    rvemu_explain_free(f->explain);
    f->explain = NULL;
}

static int tell(struct finding *f, struct rvemu_error *error)
{
    if (begin(f, error) < 0)
        return -1;
    while (source_next(&f->s)) {
        if (f->s.place.boot != f->boot) {
            f->boot = f->s.place.boot;
            finish(f);
            if (begin(f, error) < 0)
                return -1;
        }
        rvemu_explain_feed(f->explain, &f->s.event);
    }
    finish(f);
    return 0;
}

/* All, unless some are named; what a kernel frees, no trace tells. */
static void choose(uint8_t level[RVEMU_CHECKS], const uint8_t asked[])
{
    bool any = false;

    for (unsigned i = 0; i < RVEMU_CHECKS; i++)
        any |= asked[i] != RVEMU_CHECK_OFF;
    for (unsigned i = 0; i < RVEMU_CHECKS; i++)
        level[i] = any ? asked[i] : RVEMU_CHECK_MAY;
    level[RVEMU_CHECK_REFS] = RVEMU_CHECK_OFF;
}

/* What the trace has no events for. */
static void leave_out(uint8_t level[RVEMU_CHECKS],
                      const struct rvemu_emt_about *about)
{
    if (!(about->kinds & RVEMU_EVENT_BIT(stale_fetch)) ||
        !(about->kinds & RVEMU_EVENT_BIT(fence_i)))
        level[RVEMU_CHECK_ICACHE] = RVEMU_CHECK_OFF;
    if (!(about->kinds & RVEMU_EVENT_BIT(alias_store)))
        level[RVEMU_CHECK_COW] = RVEMU_CHECK_OFF;
}

uint64_t findings_count(const struct findings *f)
{
    uint64_t count = 0;

    for (unsigned i = 0; i < RVEMU_CHECKS; i++) {
        unsigned level = f->level[i];

        if (level && i != RVEMU_CHECK_TLB)
            count +=
                f->checks[i].certain +
                (level >= RVEMU_CHECK_POSSIBLE ? f->checks[i].possible : 0);
    }
    if (!f->level[RVEMU_CHECK_TLB])
        return count;
    count += f->stale.certain;
    if (f->level[RVEMU_CHECK_TLB] >= RVEMU_CHECK_MAY)
        count += f->stale.may;
    if (f->level[RVEMU_CHECK_TLB] >= RVEMU_CHECK_POSSIBLE)
        count += f->stale.possible;
    return count;
}

int findings_tell(struct findings *findings, const struct options *o, FILE *out,
                  struct rvemu_error *error)
{
    const struct options all = {.explained.json = o->explained.json};
    struct finding f = {.all = findings};
    int failed;

    *findings = (struct findings){.known = false};
    f.options = (struct rvemu_explain_options){.line = put_line,
                                               .arg = &f,
                                               .json = o->explained.json,
                                               .lang = o->explained.lang,
                                               .only_checks = true};
    choose(f.options.check, o->explained.check);
    if (source_open(&f.s, &all, o->file[0], out, SOURCE_ALL,
                    rvemu_explain_kinds(&f.options), false, error) < 0)
        return -1;
    findings->known = findings_can_be_known(f.s.about);
    leave_out(f.options.check, f.s.about);
    memcpy(findings->level, f.options.check, sizeof(findings->level));
    f.options.names = rvemu_emt_names(f.s.trace);
    failed = findings->known ? tell(&f, error) : 0;
    source_close(&f.s);
    return failed;
}
