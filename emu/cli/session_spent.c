/*
 * What a session has used: steps, instructions and time of all its boots.
 */
#include "cli/session_priv.h"

/* What the harts have done together since the machine was made. */
static uint64_t sum(const struct session *s,
                    uint64_t (*of)(const rvemu *machine, unsigned hart))
{
    uint64_t all = 0;

    for (unsigned hart = 0; hart < rvemu_harts(s->machine); hart++)
        all += of(s->machine, hart);
    return all;
}

uint64_t session_retired(const struct session *s)
{
    return s->before.retired + sum(s, rvemu_retired);
}

struct session_spent session_spent(const struct session *s)
{
    return (struct session_spent){
        .steps = s->before.steps + sum(s, rvemu_steps),
        .retired = session_retired(s),
        .time = s->before.time + rvemu_time(s->machine),
    };
}
