/* How far a command has read; see progress.h. */
#include "trace/progress.h"

#include <inttypes.h>
#include <unistd.h>

#define LOOK_EVERY 4096     /* events */
#define PAUSE 200000000LL   /* ns before progress is shown */
#define BETWEEN 100000000LL /* ns between two times it is shown */

void progress_begin(struct progress *p, const char *path, uint64_t bytes,
                    const FILE *out)
{
    *p = (struct progress){.path = path,
                           .bytes = bytes,
                           .shows = isatty(STDERR_FILENO) && bytes,
                           .shares = out == stdout && isatty(STDOUT_FILENO)};
    clock_gettime(CLOCK_MONOTONIC, &p->begun);
}

static long long since(const struct timespec *then, const struct timespec *now)
{
    return (long long)(now->tv_sec - then->tv_sec) * 1000000000 +
           (now->tv_nsec - then->tv_nsec);
}

void progress_look(struct progress *p, uint64_t offset)
{
    struct timespec now;

    p->until_look = LOOK_EVERY;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if ((p->shares && !p->is_quiet) || since(&p->begun, &now) < PAUSE ||
        since(&p->shown, &now) < BETWEEN)
        return;
    p->shown = now;
    p->has_shown = true;
    fprintf(stderr, "\r\33[K%s: %" PRIu64 " %%", p->path,
            100 * offset / p->bytes);
    fflush(stderr);
}

void progress_quiet(struct progress *p, bool is_quiet)
{
    p->is_quiet = is_quiet;
    if (!is_quiet && p->shares)
        progress_end(p);
}

void progress_end(struct progress *p)
{
    if (p->has_shown)
        fputs("\r\33[K", stderr);
    p->has_shown = false;
}
