/*
 * dump: the events, a line each, as emu -d prints them, or a JSON object each
 * with every field by its name (docs/emu-trace.md).
 *
 * With --insns those of every instruction, which need not be in the trace: the
 * machine that it carries makes them again.
 */
#include "trace/commands.h"

#include <rvemu/commits.h>
#include <rvemu/emt_machine.h>

#include "trace/json.h"
#include "trace/event_line.h"

#define AT_A_TIME 100000 /* steps */

/* What is dumped of a machine. */
struct again {
    const struct options *options;
    struct source *source;
    FILE *out;
    bool is_over;
};

static void put(struct again *again)
{
    struct source *s = again->source;

    if (again->options->explained.json) {
        json_event(again->out, s);
        fputc('\n', again->out);
    } else {
        event_line_put(again->out, s);
    }
}

static void take(void *arg, const struct rvemu_event *event)
{
    struct again *again = arg;
    const struct options *o = again->options;

    if (o->has_to && event->time > o->to.time)
        again->is_over = true;
    if (again->is_over || event->time < o->from.time ||
        (o->has_hart && !o->hart[event->hart]))
        return;
    again->source->event = *event;
    put(again);
    again->source->place.number++;
}

static int run_again(struct again *again, rvemu *m, struct rvemu_error *error)
{
    rvemu_event_set kinds = again->options->kinds;
    struct rvemu_stop stop = {.reason = RVEMU_STOP_STEPS};
    uint64_t left;

    if (rvemu_subscribe(m, kinds ? kinds : RVEMU_EVENTS_COMMIT, take, again) <
        0)
        return rvemu_error_set(error, "no room for the events of a machine");
    while (!again->is_over && !ferror(again->out) &&
           stop.reason == RVEMU_STOP_STEPS && (left = rvemu_emt_steps_left(m)))
        rvemu_run(m, left < AT_A_TIME ? left : AT_A_TIME, &stop);
    return 0;
}

static int dump_again(struct source *s, const struct options *o, FILE *out,
                      struct rvemu_error *error)
{
    struct again again = {o, s, out, false};
    rvemu *machine;
    int failed;

    if (o->has_to && o->to.boot != o->from.boot)
        return rvemu_error_set(error, "--insns is of one boot: --from and --to "
                                      "are of two");
    if (rvemu_emt_machine_at(s->trace, o->from.boot, o->from.time, NULL,
                             &machine, error) < 0)
        return -1;
    s->place = (struct rvemu_emt_place){.boot = o->from.boot};
    failed = run_again(&again, machine, error);
    rvemu_destroy(machine);
    return failed;
}

int command_dump(const struct options *o, FILE *out, struct rvemu_error *error)
{
    struct source s;

    if (source_open(&s, o, o->file[0], out, SOURCE_WANTED, 0, false, error) < 0)
        return -1;
    if (o->insns) {
        int failed = dump_again(&s, o, out, error);

        source_close(&s);
        return failed ? -1 : STATUS_OK;
    }
    while (source_next(&s)) {
        if (o->explained.json) {
            json_event(out, &s);
            fputc('\n', out);
        } else {
            event_line_put(out, &s);
        }
    }
    source_tell_losses(&s);
    source_close(&s);
    return STATUS_OK;
}
