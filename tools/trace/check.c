/*
 * check: whether the file is whole and its events make sense.
 *
 * The first contradiction ends it, since what comes behind one would be judged
 * by what is wrong. What is judged:
 *
 *   the file      it was ended, nothing is damaged, its kinds are known
 *   every event   its kind is one that the trace was to hold; time does not go
 *                 back in a boot; hart and privilege exist
 *   enumerations  access, reason, priv, origin, scope are in range
 *   page_fault    the reason fits the entry (privileged specification, "Virtual
 *                 Address Translation Process")
 *   findings      findings.h, if nothing of that is wrong
 *   tables        rebuilt.h, if the trace was to hold what tells of them, in
 *                 boots whose beginning it has
 */
#include <inttypes.h>
#include <string.h>

#include "trace/commands.h"
#include "trace/json.h"
#include "trace/event_line.h"
#include "trace/findings.h"
#include "trace/rebuilt.h"

#define PTE_V 1u
#define PTE_R 2u
#define PTE_W 4u
#define PTE_X 8u
#define PTE_U 0x10u
#define PTE_A 0x40u
#define PTE_D 0x80u

/* The kinds that tables are rebuilt from. */
#define TELLING                                           \
    (RVEMU_EVENT_BIT(satp) | RVEMU_EVENT_BIT(pte_write) | \
     RVEMU_EVENT_BIT(pte_found) | RVEMU_EVENT_BIT(root_lost))

struct checking {
    struct source s;
    struct rebuilt tables;  /* of this boot */
    bool knows_tables;      /* in this boot */
    bool has_begun;         /* an event that tells of tables has come, in it */
    unsigned boots;         /* that have events, it among them */
    unsigned rebuilt_boots; /* before it, whose tables were known */
    uint64_t events;
    struct findings findings;
    unsigned boot;
    uint64_t time;          /* of the last event */
    char why[REBUILT_TEXT]; /* "": no fault yet */
    bool has_event;         /* the fault is in the last event */
};

static bool say(struct checking *c, const char *what)
{
    snprintf(c->why, sizeof(c->why), "%s", what);
    return false;
}

/* Whether a translation that ends at this entry may be refused so. */
static bool fits(const struct rvemu_ev_page_fault *e)
{
    uint64_t pte = e->pte;
    bool leaf = pte & (PTE_R | PTE_W | PTE_X);

    if (e->reason != RVEMU_REASON_NON_CANONICAL &&
        e->reason != RVEMU_REASON_INVALID && !(pte & PTE_V))
        return false;
    switch (e->reason) {
    case RVEMU_REASON_NON_CANONICAL: return !e->pte_pa;
    case RVEMU_REASON_INVALID: return !(pte & PTE_V);
    case RVEMU_REASON_NO_LEAF: return !leaf && !e->level;
    case RVEMU_REASON_MISALIGNED: return leaf;
    case RVEMU_REASON_NOT_USER: return leaf && !(pte & PTE_U);
    case RVEMU_REASON_USER: return leaf && (pte & PTE_U);
    case RVEMU_REASON_NOT_READABLE: return leaf && !(pte & PTE_R);
    case RVEMU_REASON_NOT_WRITABLE: return leaf && !(pte & PTE_W);
    case RVEMU_REASON_NOT_EXECUTABLE: return leaf && !(pte & PTE_X);
    case RVEMU_REASON_A_CLEAR: return leaf && !(pte & PTE_A);
    case RVEMU_REASON_D_CLEAR: return leaf && !(pte & PTE_D);
    default: return true;
    }
}

/* Whether a word is one that its unit has. */
static bool is_in_range(unsigned unit, uint64_t word)
{
    switch (unit) {
    case RVEMU_UNIT_ACCESS: return word <= RVEMU_ACCESS_AHEAD;
    case RVEMU_UNIT_REASON: return word < RVEMU_REASONS;
    case RVEMU_UNIT_PRIV: return word < 4 && word != RVEMU_NO_PRIV;
    case RVEMU_UNIT_ORIGIN: return word <= RVEMU_ORIGIN_HOST;
    case RVEMU_UNIT_SCOPE: return word <= RVEMU_SCOPE_VA_ASID;
    case RVEMU_UNIT_LEVEL: return word < 5;
    case RVEMU_UNIT_REG: return word < 64;
    default: return true;
    }
}

static bool check_form(struct checking *c)
{
    const struct rvemu_event *event = &c->s.event;
    const struct rvemu_event_info *info = rvemu_event_info(event->kind);
    char what[128];

    if (!(c->s.about->kinds & RVEMU_EVENT_SET(event->kind)))
        return say(c, "the trace was not to hold events of this kind");
    if (event->priv > 3 ||
        (event->priv == RVEMU_NO_PRIV) != (event->hart == RVEMU_NO_HART))
        return say(c, "there is no such privilege");
    for (unsigned i = 0; i < info->fields; i++) {
        if (is_in_range(info->field[i].unit, event->word[i]))
            continue;
        snprintf(what, sizeof(what), "%s cannot be %" PRIu64,
                 info->field[i].name, event->word[i]);
        return say(c, what);
    }
    return true;
}

/* Tables are known from the first satp of a run on. A trace that begins with
 * anything else that tells of them, or with a satp that was not 0, begins
 * within the run: what the tables held by then is not in it. */
static bool take_tables(struct checking *c)
{
    const struct rvemu_event *event = &c->s.event;

    if (!c->knows_tables)
        return true;
    if (!c->has_begun &&
        ((TELLING | RVEMU_EVENT_BIT(tlb_fill) | RVEMU_EVENT_BIT(page_fault)) &
         RVEMU_EVENT_SET(event->kind))) {
        c->has_begun = true;
        c->knows_tables = event->kind == RVEMU_EVENT_satp && !event->satp.old;
    }
    return !c->knows_tables || rebuilt_take(&c->tables, event, c->why);
}

static bool tells_of_tables(const struct checking *c)
{
    return (c->s.about->kinds & TELLING) == TELLING;
}

/* Another boot: what was cut off of the first one is not missing in it. */
static void begin_boot(struct checking *c)
{
    bool is_first = !c->boots++;

    c->rebuilt_boots += !is_first && c->knows_tables;
    c->boot = c->s.place.boot;
    c->time = 0;
    c->has_begun = false;
    c->knows_tables =
        tells_of_tables(c) && !(is_first && c->s.about->has_begun_late);
    rebuilt_free(&c->tables);
}

static bool check_event(struct checking *c)
{
    const struct rvemu_event *event = &c->s.event;

    if (!c->boots || c->s.place.boot != c->boot)
        begin_boot(c);
    if (event->time < c->time)
        return say(c, "time goes back");
    c->time = event->time;
    if (!check_form(c))
        return false;
    if (event->kind == RVEMU_EVENT_page_fault && !fits(&event->page_fault))
        return say(c, "the reason does not fit the entry");
    if (event->kind == RVEMU_EVENT_stale_use &&
        event->stale_use.since > event->time)
        return say(c, "since is in the future");
    return take_tables(c);
}

/* Everything that is wrong with the file but not with an event. */
static void check_file(struct checking *c)
{
    const struct rvemu_emt_about *about = c->s.about;
    struct rvemu_emt_losses losses;

    rvemu_emt_losses(c->s.trace, &losses);
    if (losses.damaged)
        snprintf(c->why, sizeof(c->why),
                 "%" PRIu64 " pieces of the file are damaged, the first at "
                 "offset %" PRIu64,
                 losses.damaged, losses.at);
    else if (!about->is_whole && about->cut)
        snprintf(c->why, sizeof(c->why),
                 "it breaks off: %" PRIu64 " bytes at its end are no whole "
                 "piece",
                 about->cut);
    else if (!about->is_whole)
        say(c, "it was not ended: nothing is missing that could be seen");
    else if (losses.unknown)
        snprintf(c->why, sizeof(c->why),
                 "%" PRIu64 " events are of kinds that a newer emu knows",
                 losses.unknown);
    else if (c->events != about->events)
        snprintf(c->why, sizeof(c->why),
                 "it has %" PRIu64 " events and says that it has %" PRIu64,
                 c->events, about->events);
}

static void put_text(FILE *out, const struct checking *c)
{
    unsigned rebuilt = c->rebuilt_boots + c->knows_tables;
    uint64_t known, valid;
    char line[EVENT_LINE_MAX];

    rebuilt_count(&c->tables, &known, &valid);
    fprintf(out, "%s: %" PRIu64 " events", c->s.path, c->events);
    if (c->why[0] && c->has_event) {
        event_line_format(line, &c->s);
        fprintf(out,
                " are well, then, in boot %u, event %" PRIu64
                " (piece at offset %" PRIu64 "): %s\n%s\n",
                c->s.place.boot, c->s.place.number, c->s.place.offset, c->why,
                line);
    } else if (c->why[0]) {
        fprintf(out, " are well, but %s\n", c->why);
    } else {
        fputs(": whole and well\n", out);
    }
    fprintf(out, "page tables %srebuilt", rebuilt ? "" : "not ");
    if (rebuilt && c->boots > 1)
        fprintf(out, " in %u of %u boots", rebuilt, c->boots);
    if (rebuilt)
        fprintf(out,
                ": %" PRIu64 " at the end, with %" PRIu64 " valid entries\n",
                known, valid);
    else
        fprintf(out, ": %s\n",
                tells_of_tables(c)
                    ? "the trace begins within the run"
                    : "the trace was not to hold what tells of them");
    if (!c->why[0] && !c->findings.known)
        fputs("missing fences not looked for: the trace does not hold all that "
              "they show in, from the beginning of the run\n",
              out);
}

static void put_findings(FILE *out, const struct findings *found)
{
    fprintf(out, ",\"findings\":{\"certain\":%" PRIu64 ",\"may\":%" PRIu64,
            found->stale.certain, found->stale.may);
    for (unsigned i = RVEMU_CHECK_TLB + 1; i < RVEMU_CHECKS; i++)
        if (found->level[i])
            fprintf(out,
                    ",\"%s\":{\"certain\":%" PRIu64 ",\"possible\":%" PRIu64
                    "}",
                    rvemu_check_name(i), found->checks[i].certain,
                    found->checks[i].possible);
    fputc('}', out);
}

static void put_json(FILE *out, const struct checking *c)
{
    uint64_t known, valid;

    rebuilt_count(&c->tables, &known, &valid);
    fputs("{\"file\":", out);
    json_text(out, c->s.path);
    fprintf(out, ",\"well\":%s,\"whole\":%s,\"events\":%" PRIu64,
            c->why[0] ? "false" : "true",
            c->s.about->is_whole ? "true" : "false", c->events);
    if (c->why[0])
        json_member(out, "fault", c->why);
    if (c->why[0] && c->has_event) {
        fprintf(out, ",\"offset\":%" PRIu64 ",\"event\":", c->s.place.offset);
        json_event(out, &c->s);
    }
    if (c->knows_tables)
        fprintf(out, ",\"tables\":%" PRIu64 ",\"valid_entries\":%" PRIu64,
                known, valid);
    if (c->findings.known)
        put_findings(out, &c->findings);
    fputs("}\n", out);
}

int command_check(const struct options *o, FILE *out, struct rvemu_error *error)
{
    /* All of the file is looked at, whatever is asked for. */
    const struct options all = {.explained.json = o->explained.json};
    struct checking c = {.events = 0};
    int status, failed = 0;
    bool found;

    if (source_open(&c.s, &all, o->file[0], out, SOURCE_ALL, 0, false, error) <
        0)
        return -1;
    c.knows_tables = tells_of_tables(&c) && !c.s.about->has_begun_late;
    progress_quiet(&c.s.progress, true); /* until all is known */
    while (!c.has_event && source_next(&c.s)) {
        if (check_event(&c))
            c.events++;
        else
            c.has_event = true;
    }
    progress_quiet(&c.s.progress, false);
    if (!c.has_event)
        check_file(&c);
    if (!c.why[0])
        failed = findings_tell(&c.findings, o, out, error);
    if (o->explained.json)
        put_json(out, &c);
    else
        put_text(out, &c);
    found = c.why[0] || findings_count(&c.findings);
    status = failed ? -1 : found ? STATUS_FOUND : STATUS_OK;
    if (c.tables.failed)
        status = rvemu_error_set(error, "no memory for the page tables");
    rebuilt_free(&c.tables);
    source_close(&c.s);
    return status;
}
