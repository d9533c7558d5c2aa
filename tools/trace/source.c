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
#include <unistd.h>

#include "trace/reach.h"

#define LOOK_EVERY 4096     /* events */
#define PAUSE 500000000LL   /* ns before progress is shown */
#define BETWEEN 100000000LL /* ns between two times it is shown */

static bool wants_spaces(const struct options *o)
{
    return o->pids || o->explained.filter.spaces;
}

/* Not into the lines that go to the same terminal. */
static bool can_show_progress(const FILE *out)
{
    return isatty(STDERR_FILENO) && !(out == stdout && isatty(STDOUT_FILENO));
}

int source_open(struct source *s, const struct options *options,
                const char *path, FILE *out, enum source_mode mode,
                rvemu_event_set kinds, bool names, struct rvemu_error *error)
{
    struct rvemu_emt_filter filter = {.kinds = kinds};

    *s = (struct source){.path = path,
                         .options = options,
                         .out = out,
                         .mode = mode,
                         .shows_progress = can_show_progress(out)};
    clock_gettime(CLOCK_MONOTONIC, &s->begun);
    if (rvemu_emt_open(path, &s->trace, error) < 0)
        return -1;
    s->about = rvemu_emt_about(s->trace);
    s->has_lives = names || wants_spaces(options);
    if (s->has_lives && lives_read(&s->lives, s->trace, options, error) < 0) {
        source_close(s);
        return -1;
    }
    if (mode == SOURCE_WANTED)
        filter.kinds = options->kinds;
    rvemu_emt_want(s->trace, filter.kinds ? &filter : NULL);
    if (mode == SOURCE_WANTED)
        rvemu_emt_seek(s->trace, options->from.boot, options->from.time);
    return 0;
}

static long long since(const struct timespec *then, const struct timespec *now)
{
    return (long long)(now->tv_sec - then->tv_sec) * 1000000000 +
           (now->tv_nsec - then->tv_nsec);
}

static void show_progress(struct source *s)
{
    struct timespec now;

    s->until_look = LOOK_EVERY;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (since(&s->begun, &now) < PAUSE || since(&s->shown, &now) < BETWEEN ||
        !s->about->bytes)
        return;
    s->shown = now;
    s->has_shown = true;
    fprintf(stderr, "\r\33[K%s: %" PRIu64 " %%", s->path,
            100 * s->place.offset / s->about->bytes);
    fflush(stderr);
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
    if (s->shows_progress && !s->until_look--)
        show_progress(s);
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

static void end_progress(const struct source *s)
{
    if (s->has_shown)
        fputs("\r\33[K", stderr);
}

void source_tell_losses(const struct source *s)
{
    struct rvemu_emt_losses losses;

    end_progress(s);
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
    end_progress(s);
    lives_free(&s->lives);
    rvemu_emt_free(s->trace);
    s->trace = NULL;
}
