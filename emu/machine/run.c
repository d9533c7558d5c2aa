/*
 * Running a machine: one slice of steps after the other.
 *
 * What a slice is, and how a hart spends it, says hart/state/slice.h; how long
 * it may be is decided here. It goes as far as all of these let it: what the
 * caller still allows (rvemu_run), the next look at the host and its input, at
 * most a million steps after the last (advance), the next deadline of the clock
 * (run_turns), and the end of the hart's turn (turn.h). A deadline that is
 * armed within a slice cuts it.
 *
 * A look follows each deadline, each cut and each time that all harts waited;
 * the end of what the caller allowed is no reason for one, so that in which
 * pieces a machine is run makes no difference. Between slices the clock fires
 * what is due. A waiting hart uses no steps: when all wait, time jumps to the
 * next deadline, or the host sleeps until there is input.
 */
#include <stdio.h>

#include "base/bits.h"
#include "hart/system/interrupts.h"
#include "hart/system/trap.h"
#include "hart/system/waiting.h"
#include "machine/answers.h"
#include "machine/history.h"
#include "machine/machine.h"
#include "machine/move.h"

static u64 progress(void *self)
{
    return hart_progress(self);
}

static void cut(void *self)
{
    hart_cut(self);
}

/* Something has happened that the host, or who hands over input, may want to
 * act on. */
static void look_now(struct rvemu *m)
{
    m->input.s.look = m->clock.s.now;
}

static void stop(struct rvemu *m, enum rvemu_stop_reason reason)
{
    m->s.stopped = true;
    m->s.stop.reason = reason;
}

/* Time that was skipped, however often somebody looked at it in between, ends
 * with a hart that goes on. */
static void end_idle(struct rvemu *m)
{
    struct rvemu_event *event = NULL;

    if (m->s.idle && m->clock.s.now > m->s.idle_from)
        event = machine_event(m, RVEMU_EVENT_idle);
    if (event)
        event->idle = (struct rvemu_ev_idle){m->s.idle_from, m->clock.s.now};
    m->s.idle = 0;
}

/* Runs the hart, whose turn it is, for at most so many steps (not at all if
 * there are none); moves the clock along. */
static enum hart_exit run_slice(struct rvemu *m, struct hart *h, u64 steps)
{
    const struct clock_runner runner = {progress, cut, h};
    u64 before = hart_steps(h);
    enum hart_exit exit;
    u64 made;

    m->clock.runner = &runner;
    exit = hart_run(h, steps);
    m->clock.runner = NULL;
    made = hart_steps(h) - before;
    turn_count(&m->turn, made);
    m->s.steps += made;
    clock_advance(&m->clock, m->clock.s.now + clock_of_steps(&m->clock, made));
    trace_deliver(&m->trace);
    return exit;
}

/* The host may sleep until due, or until there is input. */
static void idle(struct rvemu *m, u64 now, u64 due)
{
    const struct rvemu_host *host = &m->config.host;

    if (machine_is_answered(m)) {
        answers_idle(m);
    } else if (host->idle) {
        m->idling = true;
        host->idle(host->self, now, due, input_ask_idle(&m->input, due));
        m->idling = false;
    }
}

/* When harts that all wait get on, with nothing to do until due. */
static u64 find_wake(struct rvemu *m, u64 due)
{
    struct input *input = &m->input;
    u64 now = m->clock.s.now;

    input->woken = due;
    if (input_is_at_hand(input))
        input->woken = now;
    else if (due > now)
        idle(m, now, due);
    return input_wake(input, now, due);
}

/* All harts wait: go to the next deadline, or wait for the host. */
static void wait_idle(struct rvemu *m)
{
    u64 due = least(clock_next(&m->clock), m->input.s.wish);
    u64 now;

    if (!m->s.idle)
        m->s.idle_from = m->clock.s.now;
    m->s.idle = 1;
    now = find_wake(m, due);
    m->s.looks++;
    look_now(m);
    if (now == CLOCK_NEVER) {
        machine_report_deadlock(m);
        stop(m, RVEMU_STOP_DEADLOCK);
        return;
    }
    clock_advance(&m->clock, now);
}

/* Asks the host, or the log in its place. False: the host wants an end. */
static bool ask(struct rvemu *m, u64 now, u64 *next)
{
    const struct rvemu_host *host = &m->config.host;
    struct log_entry entry;
    u64 ignored;

    if (machine_is_answered(m)) {
        if (m->log.watched && !m->again && host->poll &&
            !host->poll(host->self, now, RVEMU_ASK_NOTHING, &ignored))
            return false;
        answers_look(m, next);
        return true;
    }
    if (!host->poll)
        return true;
    if (!host->poll(host->self, now, input_ask(&m->input, now), next))
        return false;
    entry = answers_entry(m, LOG_NEXT);
    entry.value = *next;
    if (*next != CLOCK_NEVER)
        input_log_note(&m->log, &entry);
    return true;
}

/* Asks for input, hands over what is due, and settles when to look again. */
static bool look(struct rvemu *m)
{
    u64 now = m->clock.s.now, next = CLOCK_NEVER;

    if (!ask(m, now, &next))
        return false;
    input_serve(&m->input, now);
    m->s.looks++;
    next = least(next, input_next(&m->input, now));
    m->input.s.wish = next > now ? next : now + 1;
    m->input.s.look = least(m->input.s.wish,
                            now + clock_of_steps(&m->clock, CLOCK_SLICE_MAX));
    return true;
}

/* The interrupts that would get the hart on. */
static u64 helpful(const struct hart *h)
{
    return h->s.waiting ? h->s.csr.mie : interrupts_open(h);
}

/* Whether no hart can ever get on again: each that does not wait only repeats
 * a trap, and no interrupt is pending or can come from outside of them. */
static bool are_lost(const struct rvemu *m)
{
    const u64 timers = 1u << INT_MTI | 1u << INT_STI;
    const u64 software = 1u << INT_MSI | 1u << INT_SSI;
    bool due = clock_next(&m->clock) != CLOCK_NEVER;

    if (htif_is_waiting(&m->board.htif))
        return false;
    for (unsigned i = 0; i < m->harts.count; i++) {
        const struct hart *h = m->harts.hart[i];

        if (hart_can_run(h) && (!trap_is_looping(h) || interrupts_next(h)))
            return false;
        if (helpful(h) & ~(due ? software : timers | software))
            return false;
    }
    return true;
}

/* Moves the machine if it is time: move.h. One that cannot be moved stops. */
static void move(struct rvemu *m)
{
    struct rvemu_error error;

    if (!m->config.test_move || m->s.steps % m->config.test_move)
        return;
    if (machine_move(m, &error) < 0) {
        stop(m, RVEMU_STOP_BROKEN);
        snprintf(m->s.stop.text, sizeof(m->s.stop.text), "--test-move: %s",
                 error.text);
    }
}

/* Steps up to the next move. */
static u64 steps_to_move(const struct rvemu *m)
{
    u64 every = m->config.test_move;

    return every ? every - m->s.steps % every : UINT64_MAX;
}

/* Slices of one hart after the other until the clock, the host or the caller
 * has a say; the host has one, too, behind a cut. Returns whether all harts
 * wait. */
static bool run_turns(struct rvemu *m, u64 steps)
{
    u64 end = m->clock.s.now + clock_of_steps(&m->clock, steps);
    struct hart *h;

    while ((h = turn_take(&m->turn, &m->harts))) {
        u64 deadline = clock_next(&m->clock);
        u64 due = least(end, deadline);
        u64 room = least(clock_steps_to(&m->clock, due - m->clock.s.now),
                         least(m->turn.left, machine_steps_to_halt(m, h)));
        enum hart_exit exit;

        end_idle(m);
        if (machine_is_halted(m))
            return false;
        exit = run_slice(m, h, least(room, steps_to_move(m)));
        machine_has_run(m, h);
        if (!m->s.stopped && exit == HART_LOOPING && are_lost(m)) {
            machine_report_loop(m);
            stop(m, RVEMU_STOP_LOST);
        }
        if (!m->s.stopped)
            move(m);
        if (m->clock.s.now >= deadline)
            look_now(m);
        if (m->s.stopped || h->s.slice.ends == SLICE_CUT) {
            look_now(m);
            return false;
        }
        if (m->clock.s.now >= due || machine_is_halted(m))
            return !turn_is_possible(&m->turn, &m->harts);
    }
    return true;
}

/* Runs turns; where all harts wait in the end, so does the machine. */
static void advance(struct rvemu *m, u64 steps)
{
    u64 room = clock_steps_to(&m->clock, m->input.s.look - m->clock.s.now);

    if (run_turns(m, least(steps, room)))
        wait_idle(m);
}

/* What comes before a look: what the log has for this moment, and snapshots.
 */
static void pass(struct rvemu *m)
{
    do {
        if (m->history)
            history_pass(m);
    } while (answers_give(m));
}

/* Steps to the next place where there may be something to pass, at most so
 * many. */
static u64 room_for(const struct rvemu *m, u64 steps)
{
    u64 room = input_log_room(&m->log, machine_moment(m));

    if (m->time_end)
        room = least(room,
                     clock_steps_to(&m->clock, m->time_end - m->clock.s.now));
    return least(steps, m->history ? least(room, history_room(m)) : room);
}

static bool is_late(const struct rvemu *m)
{
    return m->time_end && m->clock.s.now >= m->time_end;
}

/* Goes on up to `end` steps, or a halt. False: the host wants an end. */
static bool go_on(struct rvemu *m, u64 end)
{
    bool goes_on = true;

    while (!m->s.stopped && !machine_is_halted(m) && m->s.steps < end &&
           goes_on && !is_late(m)) {
        pass(m);
        if (m->input.s.look <= m->clock.s.now)
            goes_on = look(m);
        if (goes_on)
            advance(m, room_for(m, end - m->s.steps));
    }
    if (m->history)
        history_arrive(m);
    return goes_on;
}

static void begin_run(struct rvemu *m)
{
    if (!m->s.stopped)
        m->s.stop = (struct rvemu_stop){.reason = RVEMU_STOP_STEPS};
    machine_halt_begin(m);
    clock_advance(&m->clock, m->clock.s.now);
}

void machine_run_to(struct rvemu *m, u64 end)
{
    begin_run(m);
    while (!m->s.stopped && m->s.steps < end && go_on(m, end))
        machine_halt_begin(m);
    if (!m->s.stopped)
        machine_report_loop(m);
}

void rvemu_run(rvemu *m, uint64_t steps, struct rvemu_stop *out)
{
    u64 end = steps > UINT64_MAX - m->s.steps ? UINT64_MAX : m->s.steps + steps;
    bool goes_on;

    begin_run(m);
    goes_on = go_on(m, end);
    if (!goes_on)
        m->s.stop.reason = RVEMU_STOP_HOST;
    if (!m->s.stopped)
        machine_report_loop(m);
    *out = m->s.stop;
    machine_halt_end(m, out);
}
