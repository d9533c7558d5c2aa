/*
 * diff: where two runs first differ.
 *
 * Both are read side by side, each by its own source, an event of the one
 * against an event of the other: every field counts, and so does the boot. A
 * few lines before the place are kept, so that memory does not depend on how
 * long the runs are.
 */
#include <inttypes.h>
#include <string.h>

#include "trace/commands.h"
#include "trace/json.h"
#include "trace/event_line.h"

#define AROUND 5 /* events that are shown before the place, and behind it */
#define SIDES 2

struct comparison {
    struct source side[SIDES];
    bool has[SIDES]; /* an event: the trace has not ended */
    uint64_t equal;  /* events that are the same */
    char before[AROUND][EVENT_LINE_MAX];
    unsigned count; /* of those before, up to AROUND */
};

static bool is_same(const struct source *a, const struct source *b)
{
    const struct rvemu_event *x = &a->event, *y = &b->event;

    return a->place.boot == b->place.boot && x->time == y->time &&
           x->pc == y->pc && x->kind == y->kind && x->hart == y->hart &&
           x->priv == y->priv && !memcmp(x->word, y->word, sizeof(x->word));
}

static void advance(struct comparison *c)
{
    for (unsigned i = 0; i < SIDES; i++)
        c->has[i] = source_next(&c->side[i]);
}

/* What is kept of the events before costs a line of text each, which is made
 * when it is known to be wanted: then their places are looked up again. */
static void find(struct comparison *c, uint64_t recent[AROUND])
{
    for (advance(c); c->has[0] && c->has[1]; advance(c)) {
        if (!is_same(&c->side[0], &c->side[1]))
            return;
        recent[c->equal++ % AROUND] = c->side[0].place.number;
    }
}

/* The lines of the events before the place, from a reading of their own. */
static int read_before(struct comparison *c, const struct options *o, FILE *out,
                       const uint64_t recent[AROUND], struct rvemu_error *error)
{
    uint64_t first = c->equal > AROUND ? c->equal - AROUND : 0;
    struct source s;

    c->count = (unsigned)(c->equal - first);
    if (!c->count)
        return 0;
    if (source_open(&s, o, o->file[0], out, SOURCE_WANTED, 0, false, error) < 0)
        return -1;
    rvemu_emt_seek_event(s.trace, recent[first % AROUND]);
    for (unsigned i = 0; i < c->count && source_next(&s);)
        if (s.place.number == recent[(first + i) % AROUND])
            event_line_format(c->before[i++], &s);
    source_close(&s);
    return 0;
}

static const char *function_of(const struct source *s)
{
    uint64_t offset;
    const char *name = rvemu_emt_symbol(s->trace, s->event.pc, &offset);

    return name ? name : "?";
}

static void put_side(FILE *out, struct comparison *c, unsigned side)
{
    struct source *s = &c->side[side];
    char mark = side ? '>' : '<';

    if (!c->has[side]) {
        fprintf(out, "%c %s ends here\n", mark, s->path);
        return;
    }
    fprintf(out, "%c %s, event %" PRIu64 ", in %s:\n", mark, s->path,
            s->place.number, function_of(s));
    for (unsigned i = 0; i <= AROUND && c->has[side]; i++) {
        char line[EVENT_LINE_MAX];

        event_line_format(line, s);
        fprintf(out, "%c%c%s\n", mark, i ? ' ' : mark, line);
        c->has[side] = source_next(s);
    }
}

static void put_text(FILE *out, struct comparison *c)
{
    const char *title[SIDES] = {c->side[0].about->title,
                                c->side[1].about->title};

    if (strcmp(title[0], title[1]))
        fprintf(out, "the titles differ:\n< %s\n> %s\n", title[0], title[1]);
    if (!c->has[0] && !c->has[1]) {
        fprintf(out, "no difference in %" PRIu64 " events\n", c->equal);
        return;
    }
    if (!c->has[0] || !c->has[1])
        fprintf(out, "%s is how %s begins: %" PRIu64 " events are the same\n",
                c->side[c->has[0] ? 1 : 0].path,
                c->side[c->has[0] ? 0 : 1].path, c->equal);
    else
        fprintf(out,
                "they differ behind %" PRIu64 " events, in boot %u at "
                "%" PRIu64 " ns\n",
                c->equal, c->side[0].place.boot, c->side[0].event.time);
    for (unsigned i = 0; i < c->count; i++)
        fprintf(out, "  %s\n", c->before[i]);
    put_side(out, c, 0);
    put_side(out, c, 1);
}

static void put_json_side(FILE *out, struct comparison *c, unsigned side)
{
    struct source *s = &c->side[side];

    json_member(out, side ? "b_file" : "a_file", s->path);
    json_member(out, side ? "b_title" : "a_title", s->about->title);
    fprintf(out, ",\"%c\":[", side ? 'b' : 'a');
    for (unsigned i = 0; i <= AROUND && c->has[side]; i++) {
        fputs(i ? "," : "", out);
        json_event(out, s);
        c->has[side] = source_next(s);
    }
    fputc(']', out);
}

static void put_json(FILE *out, struct comparison *c)
{
    const char *how = !c->has[0] && !c->has[1] ? "same"
                      : !c->has[0]             ? "a_is_prefix"
                      : !c->has[1]             ? "b_is_prefix"
                                               : "differ";

    fprintf(out, "{\"result\":\"%s\",\"equal\":%" PRIu64 ",\"before\":[", how,
            c->equal);
    for (unsigned i = 0; i < c->count; i++) {
        fputs(i ? "," : "", out);
        json_text(out, c->before[i]);
    }
    fputc(']', out);
    put_json_side(out, c, 0);
    put_json_side(out, c, 1);
    fputs("}\n", out);
}

static int compare(struct comparison *c, const struct options *o, FILE *out,
                   struct rvemu_error *error)
{
    uint64_t recent[AROUND] = {0};
    bool differ;

    find(c, recent);
    progress_quiet(&c->side[0].progress, false);
    differ = c->has[0] || c->has[1];
    if (differ && read_before(c, o, out, recent, error) < 0)
        return -1;
    if (o->explained.json)
        put_json(out, c);
    else
        put_text(out, c);
    source_tell_losses(&c->side[0]);
    source_tell_losses(&c->side[1]);
    return differ ? STATUS_DIFFERS : STATUS_OK;
}

int command_diff(const struct options *o, FILE *out, struct rvemu_error *error)
{
    struct comparison c = {.equal = 0};
    int status;

    if (source_open(&c.side[0], o, o->file[0], out, SOURCE_WANTED, 0, false,
                    error) < 0)
        return -1;
    if (source_open(&c.side[1], o, o->file[1], out, SOURCE_WANTED, 0, false,
                    error) < 0) {
        source_close(&c.side[0]);
        return -1;
    }
    c.side[1].progress.shows = false; /* one of them is enough */
    progress_quiet(&c.side[0].progress, true);
    status = compare(&c, o, out, error);
    source_close(&c.side[0]);
    source_close(&c.side[1]);
    return status;
}
