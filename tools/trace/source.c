/*
 * A trace that a command reads; see source.h.
 *
 * Where nothing has to be known of what was before --from, reading begins
 * there. Whoever asks for spaces has all of the trace read before, for their
 * lives.
 */
#include "trace/source.h"

#include <inttypes.h>
#include <string.h>

#include "trace/reach.h"

static bool wants_spaces(const struct options *o)
{
    return o->pids || o->explained.filter.spaces;
}

int source_open(struct source *s, const struct options *options,
                const char *path, FILE *out, enum source_mode mode,
                rvemu_event_set kinds, bool names, struct rvemu_error *error)
{
    struct rvemu_emt_filter filter = {.kinds = kinds};

    *s = (struct source){
        .path = path, .options = options, .out = out, .mode = mode};
    if (rvemu_emt_open(path, &s->trace, error) < 0)
        return -1;
    s->about = rvemu_emt_about(s->trace);
    progress_begin(&s->progress, path, s->about->bytes, out);
    s->has_lives = names || wants_spaces(options);
    progress_quiet(&s->progress, true);
    if (s->has_lives &&
        lives_read(&s->lives, s->trace, options, &s->progress, error) < 0) {
        source_close(s);
        return -1;
    }
    progress_quiet(&s->progress, false);
    if (mode == SOURCE_WANTED)
        filter.kinds = options->kinds;
    rvemu_emt_want(s->trace, filter.kinds ? &filter : NULL);
    if (mode == SOURCE_WANTED)
        rvemu_emt_seek(s->trace, options->from.boot, options->from.time);
    return 0;
}

/* Whether a place is behind a moment. */
static bool is_behind(unsigned boot, uint64_t time,
                      const struct options_moment *moment)
{
    return boot != moment->boot ? boot > moment->boot : time > moment->time;
}

bool source_has_begun(const struct source *s)
{
    const struct options_moment *from = &s->options->from;

    return is_behind(s->place.boot, s->event.time, from) ||
           (s->place.boot == from->boot && s->event.time == from->time);
}

static bool take(struct source *s)
{
    if (ferror(s->out) || !rvemu_emt_next(s->trace, &s->event, &s->place))
        return false;
    if (s->options->has_to &&
        is_behind(s->place.boot, s->event.time, &s->options->to))
        return false;
    progress_at(&s->progress, s->place.offset);
    return true;
}

bool source_next(struct source *s)
{
    while (take(s))
        if (s->mode == SOURCE_ALL || source_is_wanted(s))
            return true;
    return false;
}

const struct life *source_life(struct source *s)
{
    uint64_t root = s->place.root_ppn;

    return root ? lives_find(&s->lives, root, s->place.number) : NULL;
}

/* Whether it is about a space that is asked for. */
static bool is_of_space(const struct source *s)
{
    struct lives *lives =
        (struct lives *)&s->lives; /* it keeps what it found */
    const struct life *life =
        lives_find(lives, s->place.root_ppn, s->place.number);
    uint64_t old = 0;

    if (life && life->is_wanted)
        return true;
    if (s->event.kind == RVEMU_EVENT_satp)
        old = rvemu_satp_root(s->event.satp.old);
    life = old ? lives_find(lives, old, s->place.number) : NULL;
    return life && life->is_wanted;
}

bool source_is_wanted(const struct source *s)
{
    const struct options *o = s->options;

    if (o->kinds && !(o->kinds & RVEMU_EVENT_SET(s->event.kind)))
        return false;
    if (o->has_hart && !o->hart[s->event.hart])
        return false;
    return source_has_begun(s) &&
           (!o->explained.filter.ranges ||
            reach_any(&o->explained.filter, &s->event)) &&
           (!wants_spaces(o) || is_of_space(s));
}

void source_tell_losses(struct source *s)
{
    struct rvemu_emt_losses losses;

    progress_end(&s->progress);
    rvemu_emt_losses(s->trace, &losses);
    if (losses.damaged)
        fprintf(stderr,
                "emu-trace: %s: passed over %" PRIu64
                " damaged pieces, the first at offset %" PRIu64 "\n",
                s->path, losses.damaged, losses.at);
    if (losses.unknown)
        fprintf(stderr,
                "emu-trace: %s: passed over %" PRIu64
                " events of kinds that a newer emu knows\n",
                s->path, losses.unknown);
    if (!s->about->is_whole)
        fprintf(stderr,
                "emu-trace: %s: it was not ended: the run goes on "
                "behind what is here\n",
                s->path);
}

void source_close(struct source *s)
{
    if (!s)
        return;
    progress_end(&s->progress);
    lives_free(&s->lives);
    rvemu_emt_free(s->trace);
    s->trace = NULL;
}
