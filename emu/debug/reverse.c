/*
 * A debugger's ways back; see rvemu/debug.h and engine.h.
 *
 * What is sought is the latest hit before the present. Nobody can run
 * backwards; so one goes to the latest snapshot before, runs to the present
 * from there and keeps the last hit on the way. Without one, the stretch before
 * that snapshot is next. Then one goes to the hit. So each step is made again
 * once, and those of one stretch twice.
 *
 * A hit of a step, a watch's or an event's, lies before that step: one comes to
 * stand where it is about to happen.
 */
#include <rvemu/history.h>

#include <string.h>

#include "base/bits.h"
#include "debug/engine.h"
#include "machine/machine.h"

bool rvemu_debug_can_reverse(const struct rvemu_debugger *d)
{
    uint64_t first, last;

    return rvemu_history_range(d->machine, &first, &last);
}

/* Goes there; no point and nobody who counts is told on the way. */
static int go_to(struct rvemu_debugger *d, u64 position,
                 struct rvemu_error *error)
{
    int failed;

    d->is_deaf = true;
    machine_halt_silently(d->machine, true);
    failed = rvemu_history_goto(d->machine, position, error);
    machine_halt_silently(d->machine, false);
    machine_meet_breakpoints(d->machine);
    d->is_deaf = d->is_told = false;
    debug_points_follow(d);
    return failed;
}

/* A way back that has come to its end, where the machine now is. */
static void arrive(struct rvemu_debugger *d, enum rvemu_why why,
                   struct rvemu_debug_stop *stop)
{
    bool has_hart = stop->hart < rvemu_harts(d->machine);

    stop->why = why;
    stop->is_backwards = true;
    stop->position = d->machine->s.steps;
    stop->time = rvemu_time(d->machine);
    if (!has_hart && why != RVEMU_WHY_POINT)
        stop->hart = rvemu_turn(d->machine);
    if (why != RVEMU_WHY_POINT) {
        stop->at = stop->position;
        stop->pc = rvemu_pc(d->machine, stop->hart);
    }
    d->has_stopped = why == RVEMU_WHY_DONE ||
                     (why == RVEMU_WHY_POINT && stop->at == stop->position);
    d->stopped_hart = stop->hart;
}

/* Goes to a position that there has to be, and says why. */
static void end_at(struct rvemu_debugger *d, u64 position, enum rvemu_why why,
                   struct rvemu_debug_stop *stop)
{
    struct rvemu_error error;

    if (go_to(d, position, &error) < 0) {
        debug_fail(stop, error.text);
        arrive(d, RVEMU_WHY_ERROR, stop);
    } else {
        arrive(d, why, stop);
    }
}

/* Where one comes to stand for a hit that was met here, forwards. */
static u64 landing(const struct rvemu_stop *run, u64 position)
{
    bool is_before = run->reason == RVEMU_STOP_BREAKPOINT;

    return is_before || !position ? position : position - 1;
}

enum scan { SCAN_NOTHING, SCAN_FOUND, SCAN_ENDED };

/* Whether a halt is a hit whose place lies before `before`; into *last. */
static bool is_hit(struct rvemu_debugger *d, const struct rvemu_stop *run,
                   u64 before, struct rvemu_debug_stop *last)
{
    struct rvemu_debug_stop seen = {.hart = RVEMU_NO_HART,
                                    .is_backwards = true};

    debug_stand(d, &seen);
    if (!debug_meets(d, run, false, &seen))
        return false;
    seen.position = landing(run, seen.at);
    if (seen.position >= before)
        return false;
    *last = seen;
    return true;
}

/* Runs from a snapshot, where the machine is, to `end`; the last hit before
 * `before` on the way. */
static enum scan scan(struct rvemu_debugger *d, u64 end, u64 before,
                      struct rvemu_debug_stop *last)
{
    enum scan found = SCAN_NOTHING;
    struct rvemu_stop run;

    while (d->machine->s.steps < end) {
        debug_run_machine(d, least(end - d->machine->s.steps, DEBUG_PATIENCE),
                          &run);
        if (is_hit(d, &run, before, last))
            found = SCAN_FOUND;
        debug_points_follow(d);
        if (run.reason != RVEMU_STOP_STEPS &&
            run.reason != RVEMU_STOP_BREAKPOINT &&
            run.reason != RVEMU_STOP_DEBUGGER)
            break;
        if (!debug_is_patient(d))
            return SCAN_ENDED;
    }
    return found;
}

/* Goes to where the latest hit was; or, with none, to `otherwise` or, if that
 * is UINT64_MAX, to where history begins. */
static void seek(struct rvemu_debugger *d, u64 otherwise,
                 struct rvemu_debug_stop *stop)
{
    u64 here = d->machine->s.steps, end = here, from, first = 0, last;
    enum scan found = SCAN_NOTHING;
    struct rvemu_error error;

    rvemu_history_range(d->machine, &first, &last);
    while (found == SCAN_NOTHING && end > first &&
           rvemu_history_before(d->machine, end - 1, &from)) {
        if (go_to(d, from, &error) < 0)
            break;
        found = scan(d, end, here, stop);
        end = from;
    }
    if (found == SCAN_FOUND)
        end_at(d, stop->position, RVEMU_WHY_POINT, stop);
    else if (found == SCAN_ENDED)
        end_at(d, here, RVEMU_WHY_HOST, stop);
    else
        end_at(d, otherwise == UINT64_MAX ? first : otherwise, RVEMU_WHY_FIRST,
               stop);
}

/* Where a way back begins; false: there is none, and *stop says so. */
static bool sets_out(struct rvemu_debugger *d, struct rvemu_debug_stop *stop)
{
    debug_order_end(d);
    *stop =
        (struct rvemu_debug_stop){.hart = RVEMU_NO_HART, .is_backwards = true};
    debug_stand(d, stop);
    if (rvemu_debug_can_reverse(d))
        return true;
    debug_fail(stop, "no history is kept to go back in");
    return false;
}

void rvemu_debug_reverse(struct rvemu_debugger *d,
                         struct rvemu_debug_stop *stop)
{
    if (sets_out(d, stop))
        seek(d, UINT64_MAX, stop);
}

void rvemu_debug_last(struct rvemu_debugger *d, const struct rvemu_point *point,
                      struct rvemu_debug_stop *stop)
{
    struct rvemu_point only = *point;
    struct rvemu_error error;

    if (!sets_out(d, stop))
        return;
    only.is_off = only.is_once = false;
    d->only = rvemu_point_add(d, &only, &error);
    if (d->only < 0) {
        d->only = 0;
        debug_fail(stop, error.text);
        return;
    }
    seek(d, d->machine->s.steps, stop);
    rvemu_point_remove(d, d->only);
    d->only = 0;
    stop->point = 0;
}

/* The position before the step by which the hart has made more than `steps`.
 * False: history does not reach back to it. The machine is anywhere. */
static bool find_step(struct rvemu_debugger *d, unsigned hart, u64 steps,
                      u64 *position)
{
    u64 end = d->machine->s.steps, from;
    struct rvemu_error error;
    struct rvemu_stop run;

    while (end && rvemu_history_before(d->machine, end - 1, &from)) {
        if (go_to(d, from, &error) < 0)
            return false;
        end = from;
        if (rvemu_steps(d->machine, hart) > steps)
            continue;
        machine_halt_silently(d->machine, true);
        machine_halt_hart(d->machine, hart, steps, true);
        debug_run_machine(d, UINT64_MAX, &run);
        machine_halt_silently(d->machine, false);
        *position = d->machine->s.steps;
        return run.reason == RVEMU_STOP_DEBUGGER;
    }
    return false;
}

void rvemu_debug_reverse_step(struct rvemu_debugger *d, unsigned hart,
                              uint64_t count, struct rvemu_debug_stop *stop)
{
    u64 here, first = 0, last, wanted, position;
    struct rvemu_error error;

    if (!sets_out(d, stop))
        return;
    here = d->machine->s.steps;
    count = count ? count : 1;
    rvemu_history_range(d->machine, &first, &last);
    stop->hart = hart;
    wanted = hart == RVEMU_NO_HART ? 0 : rvemu_steps(d->machine, hart);
    position = here - first >= count ? here - count : UINT64_MAX;
    if (hart != RVEMU_NO_HART && position != UINT64_MAX &&
        rvemu_harts(d->machine) > 1) {
        if (wanted < count || go_to(d, position, &error) < 0 ||
            (rvemu_steps(d->machine, hart) != wanted - count &&
             !find_step(d, hart, wanted - count, &position)))
            position = UINT64_MAX;
    }
    if (position == UINT64_MAX)
        end_at(d, first, RVEMU_WHY_FIRST, stop);
    else
        end_at(d, position, RVEMU_WHY_DONE, stop);
}

int rvemu_debug_goto(struct rvemu_debugger *d, uint64_t position,
                     struct rvemu_error *error)
{
    u64 first, last, here = d->machine->s.steps;
    struct rvemu_stop run = {.reason = RVEMU_STOP_STEPS};

    debug_order_end(d);
    d->has_stopped = false;
    if (rvemu_history_range(d->machine, &first, &last) && position <= last)
        return go_to(d, position, error);
    if (position < here)
        return rvemu_error_set(error, "no history is kept to go back in");
    d->is_deaf = true;
    machine_halt_silently(d->machine, true);
    while (d->machine->s.steps < position && run.reason == RVEMU_STOP_STEPS) {
        debug_run_machine(
            d, least(position - d->machine->s.steps, DEBUG_PATIENCE), &run);
        if (!debug_is_patient(d))
            break;
    }
    machine_halt_silently(d->machine, false);
    machine_meet_breakpoints(d->machine);
    d->is_deaf = d->is_told = false;
    debug_points_follow(d);
    if (d->machine->s.steps == position)
        return 0;
    return rvemu_error_set(error, "the machine stopped before that position");
}
