/*
 * stats: how many events of what, and where most of them were.
 *
 * What is counted by function is counted by the symbol of the event's pc or,
 * where that has none, by what names.h knows of a program's code.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "trace/commands.h"
#include "trace/json.h"

#define MOST 8 /* rows of a list of what is most frequent */
#define NAME_MAX_BYTES 160
#define PAGE_MASK UINT64_C(0xfff)

struct boot {
    uint64_t events, first, last;
};

enum list { FAULTS, WRITES, FENCES, PAGES, REASONS, LISTS };

static const struct {
    const char *key, *title;
} lists[LISTS] = {
    [FAULTS] = {"page_faults_by_function", "page faults, by function"},
    [WRITES] = {"pte_writes_by_function", "page-table writes, by function"},
    [FENCES] = {"tlb_flushes_by_function", "fences, by function"},
    [PAGES] = {"page_faults_by_page", "page faults, by page"},
    [REASONS] = {"page_faults_by_reason", "page faults, by reason"},
};

struct stats {
    struct source s;
    uint64_t events;
    uint64_t kind[RVEMU_EVENT_KINDS];
    uint64_t hart[OPTIONS_HARTS];
    uint64_t priv[4];
    struct boot *boot;
    unsigned boots;
    struct counts list[LISTS];
    uint64_t filled[RVEMU_ACCESSES]; /* TLB entries, by what asked for them */
    uint64_t flushed;                /* TLB entries that fences removed */
    bool failed;                     /* memory is lacking */
};

static void name_code(struct stats *st, char *name, size_t size)
{
    const struct rvemu_event *event = &st->s.event;
    const struct rvemu_names *names = rvemu_emt_names(st->s.trace);
    uint64_t offset;
    const char *symbol;

    symbol = rvemu_emt_symbol(st->s.trace, event->pc, &offset);
    if (symbol)
        snprintf(name, size, "%s", symbol);
    else if (event->priv || !names->name_function ||
             !names->name_function(names->arg, st->s.place.root_ppn, event->pc,
                                   name, size))
        snprintf(name, size, event->priv ? "(no name)" : "(a program)");
}

static void count_code(struct stats *st, enum list list)
{
    char name[NAME_MAX_BYTES];

    name_code(st, name, sizeof(name));
    st->failed |= !counts_add(&st->list[list], name, 1);
}

static void count_fault(struct stats *st)
{
    const struct rvemu_ev_page_fault *fault = &st->s.event.page_fault;
    char name[NAME_MAX_BYTES];

    count_code(st, FAULTS);
    snprintf(name, sizeof(name), "0x%" PRIx64 " of root 0x%" PRIx64,
             fault->va & ~PAGE_MASK, st->s.place.root_ppn);
    st->failed |= !counts_add(&st->list[PAGES], name, 1);
    st->failed |= !counts_add(&st->list[REASONS],
                              rvemu_reason_name((unsigned)fault->reason), 1);
}

static void count_boot(struct stats *st)
{
    unsigned at = st->s.place.boot;

    if (at >= st->boots) {
        struct boot *boot = realloc(st->boot, (at + 1) * sizeof(*boot));

        if (!boot) {
            st->failed = true;
            return;
        }
        memset(boot + st->boots, 0, (at + 1 - st->boots) * sizeof(*boot));
        st->boot = boot;
        st->boots = at + 1;
    }
    if (!st->boot[at].events++)
        st->boot[at].first = st->s.event.time;
    st->boot[at].last = st->s.event.time;
}

static void count(struct stats *st)
{
    const struct rvemu_event *event = &st->s.event;

    st->events++;
    count_boot(st);
    st->kind[event->kind]++;
    st->hart[event->hart]++;
    st->priv[event->priv & 3]++;
    switch (event->kind) {
    case RVEMU_EVENT_page_fault: count_fault(st); break;
    case RVEMU_EVENT_pte_write: count_code(st, WRITES); break;
    case RVEMU_EVENT_tlb_flush:
        count_code(st, FENCES);
        st->flushed += event->tlb_flush.entries;
        break;
    case RVEMU_EVENT_tlb_fill:
        if (event->tlb_fill.access < RVEMU_ACCESSES)
            st->filled[event->tlb_fill.access]++;
        break;
    default: break;
    }
}

static double bytes_each(const struct rvemu_emt_about *about)
{
    return about->events ? (double)about->bytes / (double)about->events : 0;
}

static void put_head(FILE *out, const struct stats *st)
{
    const struct rvemu_emt_about *about = st->s.about;

    fprintf(out, "%s: %" PRIu64 " events", st->s.path, about->events);
    fprintf(out, ", %u boot%s, %" PRIu64 " bytes, %.2f an event%s\n",
            about->boots, about->boots == 1 ? "" : "s", about->bytes,
            bytes_each(about), about->is_whole ? "" : ", not ended");
    if (about->title[0])
        fprintf(out, "%s\n", about->title);
    if (about->has_begun_late)
        fputs("what came first was not kept\n", out);
    if (about->end.reason)
        fprintf(out, "ended: %s, status %d%s%s\n", about->end.reason,
                about->end.status, about->end.text[0] ? ": " : "",
                about->end.text);
    if (st->events != about->events)
        fprintf(out, "counted here: %" PRIu64 " events\n", st->events);
    for (unsigned i = 0; i < st->boots; i++)
        if (st->boot[i].events)
            fprintf(out,
                    "boot %u: %" PRIu64 " events from %" PRIu64 " to %" PRIu64
                    " ns\n",
                    i, st->boot[i].events, st->boot[i].first, st->boot[i].last);
}

static void put_row(FILE *out, uint64_t number, uint64_t of, const char *what)
{
    fprintf(out, "%12" PRIu64 " %5.1f%%  %s\n", number,
            of ? 100.0 * (double)number / (double)of : 0, what);
}

static uint64_t total_of(const struct counts *counts)
{
    uint64_t total = 0;

    for (size_t i = 0; i < counts->used; i++)
        total += counts->list[i].number;
    return total;
}

static void put_list(FILE *out, const char *title, const struct counts *counts)
{
    uint64_t total = total_of(counts), rest = total;

    if (!total)
        return;
    fprintf(out, "\n%s\n", title);
    for (size_t i = 0; i < counts->used && i < MOST; i++) {
        put_row(out, counts->list[i].number, total, counts->list[i].text);
        rest -= counts->list[i].number;
    }
    if (rest)
        put_row(out, rest, total, "others");
}

static void put_harts(FILE *out, const struct stats *st)
{
    char what[32];

    fputs("\nby hart and privilege\n", out);
    for (unsigned i = 0; i < OPTIONS_HARTS; i++) {
        snprintf(what, sizeof(what), i == RVEMU_NO_HART ? "no hart" : "hart %u",
                 i);
        if (st->hart[i])
            put_row(out, st->hart[i], st->events, what);
    }
    for (unsigned i = 0; i < 4; i++)
        if (st->priv[i] && i != RVEMU_NO_PRIV)
            put_row(out, st->priv[i], st->events, rvemu_priv_name(i));
}

static void put_text(FILE *out, const struct stats *st)
{
    put_head(out, st);
    fputs("\nby kind\n", out);
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS; kind++)
        if (st->kind[kind])
            put_row(out, st->kind[kind], st->events,
                    rvemu_event_info(kind)->name);
    if (st->events)
        put_harts(out, st);
    for (unsigned i = 0; i < LISTS; i++)
        put_list(out, lists[i].title, &st->list[i]);
    if (!st->kind[RVEMU_EVENT_tlb_fill] && !st->kind[RVEMU_EVENT_tlb_flush])
        return;
    fputs("\nTLB entries\n", out);
    for (unsigned i = 0; i < RVEMU_ACCESSES; i++)
        if (st->filled[i])
            fprintf(out, "%12" PRIu64 "         filled for a %s\n",
                    st->filled[i], rvemu_access_name(i));
    fprintf(out, "%12" PRIu64 "         removed by fences\n", st->flushed);
    fprintf(out, "%12" PRIu64 "         evicted\n",
            st->kind[RVEMU_EVENT_tlb_evict]);
}

static void put_json_head(FILE *out, const struct stats *st)
{
    const struct rvemu_emt_about *about = st->s.about;

    fputs("{\"file\":", out);
    json_text(out, st->s.path);
    json_member(out, "title", about->title);
    fprintf(out,
            ",\"version\":%u,\"events\":%" PRIu64 ",\"counted\":%" PRIu64
            ",\"bytes\":%" PRIu64 ",\"bytes_per_event\":%.3f,\"whole\":%s"
            ",\"begun_late\":%s",
            about->version, about->events, st->events, about->bytes,
            bytes_each(about), about->is_whole ? "true" : "false",
            about->has_begun_late ? "true" : "false");
    if (about->end.reason) {
        json_member(out, "end", about->end.reason);
        json_member(out, "end_text", about->end.text);
        fprintf(out, ",\"status\":%d", about->end.status);
    }
    fputs(",\"boots\":[", out);
    for (unsigned i = 0; i < st->boots; i++)
        fprintf(out,
                "%s{\"events\":%" PRIu64 ",\"first_ns\":%" PRIu64
                ",\"last_ns\":%" PRIu64 "}",
                i ? "," : "", st->boot[i].events, st->boot[i].first,
                st->boot[i].last);
    fputs("]", out);
}

static void put_json_list(FILE *out, const char *key,
                          const struct counts *counts)
{
    fprintf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < counts->used; i++) {
        fprintf(out, "%s{\"count\":%" PRIu64, i ? "," : "",
                counts->list[i].number);
        json_member(out, "what", counts->list[i].text);
        fputc('}', out);
    }
    fputc(']', out);
}

/* A member of an object that is a count, if it is not 0. */
static void put_count(FILE *out, bool *first, const char *key, uint64_t number)
{
    if (!number)
        return;
    fprintf(out, "%s\"%s\":%" PRIu64, *first ? "" : ",", key, number);
    *first = false;
}

static void put_json(FILE *out, const struct stats *st)
{
    bool first = true;
    char key[16];

    put_json_head(out, st);
    fputs(",\"by_kind\":{", out);
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS; kind++)
        if (st->kind[kind])
            put_count(out, &first, rvemu_event_info(kind)->name,
                      st->kind[kind]);
    fputs("},\"by_hart\":{", out);
    first = true;
    for (unsigned i = 0; i < OPTIONS_HARTS; i++) {
        snprintf(key, sizeof(key), i == RVEMU_NO_HART ? "none" : "%u", i);
        put_count(out, &first, key, st->hart[i]);
    }
    fputs("},\"by_privilege\":{", out);
    first = true;
    for (unsigned i = 0; i < 4; i++)
        put_count(out, &first, rvemu_priv_name(i), st->priv[i]);
    fputs("},\"tlb_fills\":{", out);
    first = true;
    for (unsigned i = 0; i < RVEMU_ACCESSES; i++)
        put_count(out, &first, rvemu_access_name(i), st->filled[i]);
    fprintf(out, "},\"tlb_removed\":%" PRIu64 ",\"tlb_evicted\":%" PRIu64,
            st->flushed, st->kind[RVEMU_EVENT_tlb_evict]);
    for (unsigned i = 0; i < LISTS; i++)
        put_json_list(out, lists[i].key, &st->list[i]);
    fputs("}\n", out);
}

int command_stats(const struct options *o, FILE *out, struct rvemu_error *error)
{
    struct stats st = {.events = 0};
    int status = STATUS_OK;

    if (source_open(&st.s, o, o->file[0], out, SOURCE_WANTED, 0, false, error) <
        0)
        return -1;
    progress_quiet(&st.s.progress, true); /* until all is counted */
    while (source_next(&st.s))
        count(&st);
    source_tell_losses(&st.s);
    for (unsigned i = 0; i < LISTS; i++)
        counts_sort(&st.list[i]);
    if (st.failed)
        status = rvemu_error_set(error, "no memory for the counts");
    else if (o->explained.json)
        put_json(out, &st);
    else
        put_text(out, &st);
    for (unsigned i = 0; i < LISTS; i++)
        counts_free(&st.list[i]);
    free(st.boot);
    source_close(&st.s);
    return status;
}
