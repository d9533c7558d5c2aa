/*
 * perfetto: a run drawn for Perfetto (tracks.h says in which format, and why).
 *
 * A hart has a track for each privilege, with a slice for each time that it is
 * in it, and one for its traps, which nest: a trap begins a slice, a return
 * from it ends one, and a return to U-mode ends all, since a kernel that has
 * switched to another process within a handler never returns from that one.
 * Page faults are instants among the traps. Spaces are processes (flows.h).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "trace/commands.h"
#include "trace/flows.h"
#include "trace/json.h"

#define TRAPS_DEEP 16
#define COUNTS 1000        /* looks at the counters in a boot, at most */
#define BETWEEN_BOOTS 1000 /* ns */

struct open_trap {
    struct rvemu_ev_trap trap;
    uint64_t time;
};

struct hart {
    bool is_known;
    unsigned priv;
    uint64_t since;          /* in this privilege */
    const struct life *life; /* whose program runs, in U-mode */
    unsigned deep;           /* traps that were not returned from */
    struct open_trap trap[TRAPS_DEEP];
};

struct drawing {
    struct source s;
    struct tracks tracks;
    struct flows flows;
    unsigned boot;
    uint64_t last; /* time of the last event that was drawn in it */
    bool is_shown; /* that event is asked for */
    struct hart hart[OPTIONS_HARTS];
};

static void put_address(struct drawing *d, const char *key, uint64_t address)
{
    uint64_t offset;
    const char *name = rvemu_emt_symbol(d->s.trace, address, &offset);
    char text[256];

    if (name)
        snprintf(text, sizeof(text), "0x%" PRIx64 " %s+0x%" PRIx64, address,
                 name, offset);
    else
        snprintf(text, sizeof(text), "0x%" PRIx64, address);
    json_member(d->tracks.out, key, text);
}

/* What the hart did since the last change of privilege. */
static void put_stretch(struct drawing *d, unsigned number, uint64_t end)
{
    struct hart *hart = &d->hart[number];
    struct tracks_place place = {TRACKS_MACHINE,
                                 TRACKS_HART(number, hart->priv), hart->since};
    const char *priv = rvemu_priv_name(hart->priv);
    char name[64];
    unsigned process;

    if (!hart->is_known || end == hart->since)
        return;
    snprintf(name, sizeof(name), "hart %u, %s-mode", number, priv);
    tracks_name_thread(&d->tracks, TRACKS_MACHINE, place.thread, name);
    if (hart->priv == 0 && hart->life)
        lives_name(hart->life, name, sizeof(name));
    else
        snprintf(name, sizeof(name), "%s", priv);
    tracks_slice(&d->tracks, place, end, name);
    tracks_end_event(&d->tracks);
    process = hart->priv ? 0 : flows_process(&d->tracks, &d->s, hart->life);
    if (!process)
        return;
    place = (struct tracks_place){process, TRACKS_RUNS(number), hart->since};
    snprintf(name, sizeof(name), "runs on hart %u", number);
    tracks_name_thread(&d->tracks, process, place.thread, name);
    tracks_slice(&d->tracks, place, end, "runs");
    tracks_end_event(&d->tracks);
}

static void name_traps(struct drawing *d, unsigned hart)
{
    char name[32];

    snprintf(name, sizeof(name), "hart %u, traps", hart);
    tracks_name_thread(&d->tracks, TRACKS_MACHINE, TRACKS_TRAPS(hart), name);
}

/* The innermost trap has ended. */
static void pop_trap(struct drawing *d, unsigned number, uint64_t end,
                     bool is_shown)
{
    struct hart *hart = &d->hart[number];
    const struct open_trap *open;

    if (!hart->deep)
        return;
    open = &hart->trap[--hart->deep];
    if (!is_shown)
        return;
    name_traps(d, number);
    tracks_slice(
        &d->tracks,
        (struct tracks_place){TRACKS_MACHINE, TRACKS_TRAPS(number), open->time},
        end, rvemu_cause_name(open->trap.cause));
    put_address(d, "epc", open->trap.epc);
    fprintf(d->tracks.out, ",\"tval\":\"0x%" PRIx64 "\"", open->trap.tval);
    json_member(d->tracks.out, "handled_by",
                rvemu_priv_name((unsigned)open->trap.target));
    tracks_end_event(&d->tracks);
}

/* The outermost trap makes room for another. */
static void push_trap(struct drawing *d, unsigned number, bool is_shown)
{
    struct hart *hart = &d->hart[number];
    const struct rvemu_event *event = &d->s.event;

    if (event->priv == 0)
        while (hart->deep)
            pop_trap(d, number, event->time, is_shown);
    if (hart->deep == TRAPS_DEEP)
        pop_trap(d, number, event->time, is_shown);
    hart->trap[hart->deep++] = (struct open_trap){event->trap, event->time};
}

static void enter(struct drawing *d, unsigned number, uint64_t priv)
{
    struct hart *hart = &d->hart[number];

    hart->is_known = true;
    hart->priv = (unsigned)priv & 3;
    hart->since = d->s.event.time;
    hart->life = source_life(&d->s);
}

static void put_fault(struct drawing *d)
{
    const struct rvemu_event *event = &d->s.event;
    const struct rvemu_ev_page_fault *fault = &event->page_fault;
    char name[64], process[64];

    snprintf(name, sizeof(name), "page fault: %s",
             rvemu_reason_name((unsigned)fault->reason));
    name_traps(d, event->hart);
    tracks_instant(&d->tracks,
                   (struct tracks_place){
                       TRACKS_MACHINE, TRACKS_TRAPS(event->hart), event->time},
                   name);
    put_address(d, "pc", event->pc);
    if (source_life(&d->s)) {
        lives_name(source_life(&d->s), process, sizeof(process));
        json_member(d->tracks.out, "space", process);
    }
    fputs(",\"fault\":{", d->tracks.out);
    json_fields(d->tracks.out, event);
    fputc('}', d->tracks.out);
    tracks_end_event(&d->tracks);
}

static void draw_event(struct drawing *d)
{
    const struct rvemu_event *event = &d->s.event;
    unsigned number = event->hart;
    struct hart *hart = &d->hart[number];
    bool is_shown = source_is_wanted(&d->s);

    if (event->hart == RVEMU_NO_HART)
        return;
    if (!hart->is_known)
        enter(d, number, event->priv);
    if (event->kind == RVEMU_EVENT_page_fault && is_shown)
        put_fault(d);
    if (event->kind != RVEMU_EVENT_trap && event->kind != RVEMU_EVENT_xret)
        return;
    if (is_shown)
        put_stretch(d, number, event->time);
    if (event->kind == RVEMU_EVENT_trap) {
        push_trap(d, number, is_shown);
        enter(d, number, event->trap.target);
        return;
    }
    pop_trap(d, number, event->time, is_shown);
    while (!event->xret.target && hart->deep)
        pop_trap(d, number, event->time, is_shown);
    enter(d, number, event->xret.target);
}

static int begin_boot(struct drawing *d)
{
    uint64_t first, last;

    if (rvemu_emt_span(d->s.trace, d->boot, &first, &last) < 0)
        first = last = 0;
    memset(d->hart, 0, sizeof(d->hart));
    return flows_begin(&d->flows, &d->s, &d->tracks, (last - first) / COUNTS);
}

/* What is still open ends with the boot: the event behind its last one is of
 * another, or there is none. */
static void end_boot(struct drawing *d)
{
    for (unsigned i = 0; i < OPTIONS_HARTS; i++) {
        if (d->hart[i].is_known && d->is_shown)
            put_stretch(d, i, d->last);
        while (d->hart[i].deep)
            pop_trap(d, i, d->last, d->is_shown);
    }
    flows_end(&d->flows);
}

/* Goes on to a boot; each has its place behind all those before it. */
static int go_to(struct drawing *d, unsigned boot)
{
    uint64_t first, last;

    for (; d->boot < boot; d->boot++)
        if (rvemu_emt_span(d->s.trace, d->boot, &first, &last) == 0)
            d->tracks.base += last + BETWEEN_BOOTS;
    return begin_boot(d);
}

static int draw(struct drawing *d, struct rvemu_error *error)
{
    bool has_event = source_next(&d->s), failed;

    failed = go_to(d, d->s.place.boot) < 0;
    tracks_name_process(&d->tracks, TRACKS_MACHINE, "harts");
    for (; has_event && !failed && !d->flows.failed;
         has_event = source_next(&d->s)) {
        if (d->s.place.boot != d->boot) {
            end_boot(d);
            failed = go_to(d, d->s.place.boot) < 0;
        }
        if (failed)
            break;
        draw_event(d);
        flows_take(&d->flows);
        d->last = d->s.event.time;
        d->is_shown = source_is_wanted(&d->s);
    }
    failed |= d->flows.failed;
    end_boot(d);
    return failed ? rvemu_error_set(error, "no memory for the drawing") : 0;
}

int command_perfetto(const struct options *o, FILE *out,
                     struct rvemu_error *error)
{
    struct drawing *d = calloc(1, sizeof(*d));
    int failed;

    if (!d)
        return rvemu_error_set(error, "no memory for the drawing");
    failed = source_open(&d->s, o, o->file[0], out, SOURCE_ALL,
                         rvemu_explain_kinds(&o->explained), true, error);
    if (!failed) {
        rvemu_emt_seek(d->s.trace, o->from.boot, 0);
        tracks_begin(&d->tracks, out, d->s.about->title);
        failed = draw(d, error);
        tracks_end(&d->tracks);
        source_tell_losses(&d->s);
        source_close(&d->s);
    }
    free(d);
    return failed < 0 ? -1 : STATUS_OK;
}
