/* Whether parts from outside can be; see parts_check.h. */
#include "machine/parts_check.h"

#include <string.h>

#include "machine/machine.h"

/* A bool that is neither is one the compiler counts on not to be there. */
static bool is_bool(const bool *flag)
{
    return *(const u8 *)flag <= 1;
}

static bool is_machine_sound(const struct rvemu *m)
{
    const struct machine_state *s = &m->s;

    return s->steps <= INT64_MAX && s->stopped <= 1 && s->idle <= 1 &&
           s->idle_from <= m->clock.s.now &&
           (unsigned)s->stop.reason <= RVEMU_STOP_BROKEN &&
           memchr(s->stop.text, 0, sizeof(s->stop.text));
}

/* Steps of the harts are those of the machine. */
static bool are_steps_sound(const struct rvemu *m)
{
    u64 steps = 0;

    for (unsigned i = 0; i < m->harts.count; i++)
        steps += m->hart[i].s.slice.end;
    return steps == m->s.steps;
}

static bool is_turn_sound(const struct rvemu *m)
{
    const struct turn_state *s = &m->turn.s;

    return s->hart < m->harts.count && s->quantum >= QUANTUM_LEAST &&
           s->quantum <= QUANTUM_MOST && s->made <= m->s.steps;
}

/* Only timers that somebody has are armed, and none later than any can be. */
static bool is_clock_sound(const struct clock *clock)
{
    if (clock->s.now > CLOCK_LAST)
        return false;
    for (unsigned i = 0; i < CLOCK_TIMERS_MAX; i++) {
        const struct clock_timer *timer = &clock->s.timer[i];

        if (timer->due == CLOCK_NEVER && !timer->order)
            continue;
        if (i >= clock->timers || timer->due > CLOCK_LAST ||
            timer->order > clock->s.armings)
            return false;
    }
    return true;
}

static bool is_input_sound(const struct rvemu *m)
{
    const struct input_state *s = &m->input.s;

    return s->head < INPUT_QUEUE && s->count <= INPUT_QUEUE &&
           is_bool(&s->live) && is_bool(&s->ended) && is_bool(&s->end_due) &&
           is_bool(&s->in_line) && s->wish >= m->clock.s.now;
}

const char *parts_check(struct rvemu *m)
{
    const char *device;

    if (!is_machine_sound(m))
        return "machine";
    if (!is_clock_sound(&m->clock))
        return "clock";
    if (!is_turn_sound(m))
        return "turn";
    if (!is_input_sound(m))
        return "input";
    device = board_unsound(&m->board);
    if (device)
        return device;
    for (unsigned i = 0; i < m->harts.count; i++)
        if (!hart_is_sound(&m->hart[i]))
            return "hart";
    return are_steps_sound(m) ? NULL : "harts";
}
