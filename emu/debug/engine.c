/* A debugger's runs, forwards; see rvemu/debug.h and engine.h. */
#include "debug/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "isa/insn.h"
#include "machine/machine.h"

struct rvemu_debugger *rvemu_debugger_new(rvemu *machine)
{
    struct rvemu_debugger *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    d->machine = machine;
    d->decoder = decoder_new(machine->isa);
    if (d->decoder)
        return d;
    free(d);
    return NULL;
}

void rvemu_debugger_free(struct rvemu_debugger *d)
{
    if (!d)
        return;
    rvemu_debugger_leave(d);
    decoder_free(d->decoder);
    free(d->point);
    free(d->event);
    free(d);
}

void rvemu_debugger_leave(struct rvemu_debugger *d)
{
    if (!d->machine)
        return;
    debug_order_end(d);
    debug_points_unset(d);
    machine_halt_silently(d->machine, false);
    d->machine = NULL;
    d->has_stopped = d->is_told = false;
}

int rvemu_debugger_attach(struct rvemu_debugger *d, rvemu *machine)
{
    rvemu_debugger_leave(d);
    d->machine = machine;
    return debug_points_set(d) ? 0 : -1;
}

rvemu *rvemu_debugger_machine(const struct rvemu_debugger *d)
{
    return d->machine;
}

void rvemu_debug_set_places(struct rvemu_debugger *d,
                            rvemu_debug_place_fn *place, void *arg)
{
    d->place = place;
    d->place_arg = arg;
}

void rvemu_debug_set_patience(struct rvemu_debugger *d,
                              bool (*go_on)(void *arg), void *arg)
{
    d->go_on = go_on;
    d->go_on_arg = arg;
}

int rvemu_debug_hear(struct rvemu_debugger *d, rvemu_event_set kinds)
{
    rvemu_event_set before = d->heard;

    d->heard = kinds;
    if (debug_points_listen(d))
        return 0;
    d->heard = before;
    return -1;
}

void rvemu_debug_tell(struct rvemu_debugger *d, const char *text)
{
    if (d->is_deaf || d->is_told || !d->machine)
        return;
    snprintf(d->text, sizeof(d->text), "%s", text);
    d->is_told = true;
    d->machine->trace.halted = true;
}

void debug_run_machine(struct rvemu_debugger *d, u64 steps,
                       struct rvemu_stop *run)
{
    d->events = 0;
    rvemu_run(d->machine, steps, run);
    trace_deliver(&d->machine->trace);
}

void debug_stand(struct rvemu_debugger *d, struct rvemu_debug_stop *stop)
{
    stop->position = stop->at = d->machine->s.steps;
    stop->time = rvemu_time(d->machine);
}

void debug_fail(struct rvemu_debug_stop *stop, const char *text)
{
    stop->why = RVEMU_WHY_ERROR;
    snprintf(stop->text, sizeof(stop->text), "%s", text);
}

void rvemu_debug_order(struct rvemu_debugger *d,
                       const struct rvemu_order *order)
{
    const char *text = NULL;

    debug_order_end(d);
    d->order.is_on = false;
    if (order->go == RVEMU_GO_ON)
        return;
    if (!debug_order_begin(d, order, &text)) {
        d->order.is_on = true;
        d->order.failed = text;
    }
}

/* Whether a run that ended for this reason says that the machine cannot get on.
 */
static bool is_end(const struct rvemu_stop *run)
{
    return run->reason != RVEMU_STOP_STEPS && run->reason != RVEMU_STOP_HOST &&
           run->reason != RVEMU_STOP_BREAKPOINT &&
           run->reason != RVEMU_STOP_DEBUGGER;
}

/* A hart whose order is done: where it is. */
static void say_done(struct rvemu_debugger *d, struct rvemu_debug_stop *stop)
{
    stop->why = RVEMU_WHY_DONE;
    stop->hart = d->order.of.hart;
    stop->pc = rvemu_pc(d->machine, stop->hart);
}

static void say_host(struct rvemu_debugger *d, enum rvemu_why why,
                     struct rvemu_debug_stop *stop)
{
    stop->why = why;
    stop->hart = rvemu_turn(d->machine);
    stop->pc = rvemu_pc(d->machine, stop->hart);
}

static void say_told(struct rvemu_debugger *d, struct rvemu_debug_stop *stop)
{
    say_host(d, RVEMU_WHY_TOLD, stop);
    memcpy(stop->text, d->text, sizeof(stop->text));
}

/* Whether a run ends here, and why. */
static bool stops(struct rvemu_debugger *d, const struct rvemu_stop *run,
                  struct rvemu_debug_stop *stop)
{
    *stop = (struct rvemu_debug_stop){.hart = RVEMU_NO_HART, .machine = *run};
    debug_stand(d, stop);
    if (debug_meets(d, run, true, stop)) {
        stop->machine = *run;
    } else if (d->is_told) {
        say_told(d, stop);
    } else if (is_end(run)) {
        say_host(d, RVEMU_WHY_END, stop);
    } else if (debug_order_check(d, run)) {
        say_done(d, stop);
    } else if (run->reason == RVEMU_STOP_HOST) {
        say_host(d, RVEMU_WHY_HOST, stop);
    } else {
        return false;
    }
    return true;
}

/* Whoever stands where it has stopped goes on from there. */
static void set_out(struct rvemu_debugger *d)
{
    if (d->has_stopped && d->stopped_hart < rvemu_harts(d->machine))
        machine_pass_breakpoint(d->machine, d->stopped_hart);
    d->has_stopped = false;
}

static void settle(struct rvemu_debugger *d,
                   const struct rvemu_debug_stop *stop)
{
    const struct debug_point *p = debug_point_find(d, stop->point);

    d->has_stopped = stop->why == RVEMU_WHY_DONE;
    d->stopped_hart = stop->hart;
    d->is_told &= stop->why != RVEMU_WHY_TOLD;
    debug_order_end(d);
    if (p && p->of.is_once)
        rvemu_point_remove(d, p->id);
}

bool debug_is_patient(struct rvemu_debugger *d)
{
    u64 now = d->machine->s.steps, since = now - d->asked_at;

    if (!d->go_on || (since < DEBUG_PATIENCE && ++d->runs % DEBUG_RUNS))
        return true;
    d->asked_at = now;
    return d->go_on(d->go_on_arg);
}

/* Runs on, up to a position at most. False: it has stopped. */
static bool run_on(struct rvemu_debugger *d, u64 end,
                   struct rvemu_debug_stop *stop)
{
    struct rvemu_stop run;
    bool ends;

    if (d->order.is_on && !d->order.failed)
        debug_order_prepare(d);
    debug_run_machine(d, least(end - d->machine->s.steps, DEBUG_PATIENCE),
                      &run);
    ends = stops(d, &run, stop);
    debug_points_follow(d);
    if (!ends && d->order.failed) {
        debug_fail(stop, d->order.failed);
        ends = true;
    } else if (!ends && !debug_is_patient(d)) {
        say_host(d, RVEMU_WHY_HOST, stop);
        ends = true;
    }
    if (ends)
        settle(d, stop);
    return !ends;
}

void rvemu_debug_run(struct rvemu_debugger *d, uint64_t steps,
                     struct rvemu_debug_stop *stop)
{
    u64 end = d->machine->s.steps + steps;

    if (end < steps)
        end = UINT64_MAX;
    *stop = (struct rvemu_debug_stop){.hart = RVEMU_NO_HART};
    debug_stand(d, stop);
    if (d->order.failed) {
        debug_fail(stop, d->order.failed);
        debug_order_end(d);
        return;
    }
    if (d->is_told) {
        say_told(d, stop);
        settle(d, stop);
        return;
    }
    set_out(d);
    do {
        if (!run_on(d, end, stop))
            return;
    } while (d->machine->s.steps < end);
    say_host(d, RVEMU_WHY_STEPS, stop);
}

void rvemu_debug_until(struct rvemu_debugger *d,
                       const struct rvemu_point *point, uint64_t steps,
                       struct rvemu_debug_stop *stop)
{
    struct rvemu_error error;
    int id = rvemu_point_add(d, point, &error);

    if (id < 0) {
        *stop = (struct rvemu_debug_stop){.hart = RVEMU_NO_HART};
        debug_stand(d, stop);
        debug_fail(stop, error.text);
        return;
    }
    rvemu_debug_run(d, steps, stop);
    rvemu_point_remove(d, id);
}
