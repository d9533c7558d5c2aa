/* One run of a guest; see session.h. */
#include "cli/session.h"

#include <stdio.h>
#include <string.h>

#include "cli/dump.h"
#include "cli/session_priv.h"
#include "cli/signature.h"
#include "cli/verdict.h"

static int make_machine(struct session *s, const struct rvemu_guest *guest,
                        struct rvemu_error *error)
{
    const struct options *o = s->options;
    char cpu[OPTIONS_CPU_MAX + 64];
    struct rvemu_config config = o->machine;

    snprintf(cpu, sizeof(cpu), "%s%s", o->cpu ? o->cpu : "rv64",
             o->svade ? ",svade=on,svadu=off" : "");
    config.cpu = cpu;
    disks_lend(&s->disks, o, &config.virtio);
    config.host = session_host(s);
    if (rvemu_create(&config, &s->machine, error) < 0)
        return -1;
    if (o->restored ? rvemu_snapshot_load(s->machine, o->restored, error)
                    : rvemu_load(s->machine, guest, error))
        return -1;
    return session_begin(s, error);
}

/* Runs until something ends it. A limit counts retired instructions, of which
 * there are at most as many as steps. A pattern that was printed ends the run
 * at its line, even if the guest has stopped by itself before the next poll. */
static void run(struct session *s, struct rvemu_stop *stop)
{
    uint64_t limit = s->options->max_insns ? s->options->max_insns : UINT64_MAX;

    do {
        uint64_t made = session_retired(s); /* or more, after --restore */
        uint64_t steps = session_steps(s, limit > made ? limit - made : 0);

        control_run(&s->control, s->machine, steps, stop);
    } while (session_look(s, stop) && stop->reason == RVEMU_STOP_STEPS &&
             session_retired(s) < limit);
    if (control_has_ended(&s->control))
        s->verdict = CONSOLE_QUIT;
    if (stop->reason == RVEMU_STOP_HOST)
        return;
    s->verdict = console_finish(&s->console);
    if (s->verdict != CONSOLE_GO_ON)
        stop->reason = RVEMU_STOP_HOST;
}

/* Ends the traces; `result` is NULL when nothing has run. */
static int close_tracing(struct session *s, const struct session_result *result,
                         struct rvemu_error *error)
{
    if (result) {
        const struct rvemu_emt_end end = {result->reason, result->text,
                                          result->status};

        tracing_ended(&s->tracing, &end);
    }
    return tracing_close(&s->tracing, result && result->status != STATUS_OK,
                         error);
}

/* Takes the session down after a run with this result, NULL: before one. Of
 * several errors the first is told. */
static int finish(struct session *s, struct session_result *result,
                  struct rvemu_error *error)
{
    struct rvemu_error second;
    int status = result ? result->status : STATUS_OK;
    int failed;

    control_close(&s->control);
    failed = session_close_console(s, error);
    outfile_drop(&s->signature);
    script_close(s->input);
    if (serial_close(&s->serial, failed ? &second : error) < 0)
        failed = -1;
    if (s->observer &&
        observe_finish(s->observer, &s->end, failed ? &second : error) < 0)
        failed = -1;
    if (result && !failed)
        verdict_judge_findings(s->options, &s->end, result);
    if (result && !failed && s->rules) {
        rvemu_expect_end(s->rules, status);
        verdict_judge_rules(s->rules, result);
    }
    if (close_tracing(s, result, failed ? &second : error) < 0)
        failed = -1;
    rvemu_recorder_free(s->saving.recorder);
    rvemu_destroy(s->machine);
    control_free(&s->control);
    disks_close(&s->disks);
    recent_free(s->recent);
    names_close(s->names);
    rvemu_symbols_free(s->symbols);
    return failed;
}

static int open_signature(struct session *s, struct rvemu_error *error)
{
    if (signature_check(s->machine, error) < 0)
        return -1;
    return outfile_open(&s->signature, s->options->signature,
                        OUTFILE_WHEN_WHOLE, error);
}

static int open_control(struct session *s, struct rvemu_error *error)
{
    const struct control_config config = {
        .options = s->options,
        .console = &s->console,
        .look = session_look_stopped,
        .names = session_find_names,
        .symbols = session_find_symbols,
        .save = session_save,
        .program = &s->config->program,
        .self = s,
    };

    return control_open(&s->control, &config, s->machine, error);
}

static int prepare(struct session *s, const struct session_config *config,
                   struct rvemu_error *error)
{
    if (disks_open(&s->disks, s->options, error) < 0 ||
        make_machine(s, &config->guest, error) < 0)
        return -1;
    if (s->options->dump_dtb[0])
        return dump_device_tree(s->machine, s->options->dump_dtb, error);
    if (s->options->signature && open_signature(s, error) < 0)
        return -1;
    if (session_watch(s, config, error) < 0 || session_record(s, error) < 0)
        return -1;
    observe_begin(s->observer);
    if (session_open_console(s, config, error) < 0)
        return -1;
    return open_control(s, error);
}

/* Adds up what the machine counts of its TLBs, if it does. */
static void count_tlbs(struct session *s)
{
    if (s->options->machine.hart.tlb.counts)
        tlb_counts_add(&s->result->tlb, s->machine);
}

/* A new machine in the place of the old one, from its reset on. */
static int reboot(struct session *s, const struct session_config *config,
                  struct rvemu_error *error)
{
    rvemu *old = s->machine;

    s->before = session_spent(s);
    count_tlbs(s);
    s->boot++;
    s->machine = NULL;
    if (make_machine(s, &config->guest, error) < 0) {
        rvemu_destroy(s->machine);
        s->machine = old; /* which all that watch are still at */
        return -1;
    }
    console_attach(&s->console, s->machine);
    control_attach(&s->control, s->machine);
    observe_detach(s->observer);
    tracing_detach(&s->tracing);
    if (s->names)
        session_attach_names(s);
    rvemu_destroy(old);
    if (s->options->frames && frames_attach(&s->frames, s->machine, error) < 0)
        return -1;
    if (observe_attach(s->observer, s->machine, error) < 0 ||
        tracing_attach(&s->tracing, s->machine, error) < 0)
        return -1;
    return session_record(s, error);
}

/* Says more about an end that the guest did not want. */
static void report(struct session *s, const struct session_config *config,
                   const struct rvemu_stop *stop, struct session_result *result)
{
    struct mortem_case what = {
        .printed_by = s->printed_by,
        .printed_time = s->printed_time,
        .explained = s->options->explain,
        .finding = s->observer ? observe_finding(s->observer) : "",
    };
    struct scene scene = {.machine = s->machine, .recent = s->recent};
    struct rvemu_error ignored;

    if (!verdict_is_reported(stop, s->verdict, &what.end) ||
        (!s->names && session_open_names(s, config, &ignored) < 0))
        return;
    scene.names = names_answers(s->names);
    mortem_write(&result->report, &scene, &what);
    result->place = result->report.place;
    result->has_place = true;
}

/* Says for programs where the hart whose turn it was is. */
static void place(struct session *s, const struct session_config *config,
                  struct session_result *result)
{
    struct scene scene = {.machine = s->machine};
    struct rvemu_error ignored;

    if (!s->options->exit_json || result->has_place ||
        (!s->names && session_open_names(s, config, &ignored) < 0))
        return;
    scene.names = names_answers(s->names);
    mortem_find_hart(&result->place, &scene, rvemu_turn(s->machine));
    result->has_place = true;
}

static void judge(const struct session *s, const struct rvemu_stop *stop,
                  struct session_result *result)
{
    const struct verdict_case what = {
        .options = s->options,
        .stop = stop,
        .console = s->verdict,
        .failed = patterns_failed(&s->console.patterns),
        .signal = s->loop.signal,
        .retired = session_retired(s),
        .input = s->input,
    };

    verdict_judge(&what, result);
}

static int run_to_the_end(struct session *s,
                          const struct session_config *config,
                          struct session_result *result,
                          struct rvemu_error *error)
{
    struct rvemu_stop stop;

    for (;;) {
        run(s, &stop);
        if (stop.reason != RVEMU_STOP_RESET || s->options->no_reboot ||
            s->options->restored)
            break;
        if (reboot(s, config, error) < 0)
            return -1;
    }
    if (stop.reason == RVEMU_STOP_BROKEN)
        return rvemu_error_set(error, "%s", stop.text);
    if (s->saving.diverged)
        return rvemu_error_set(error, "--replay: %s", s->saving.error.text);
    judge(s, &stop, result);
    report(s, config, &stop, result);
    place(s, config, result);
    result->spent = session_spent(s);
    count_tlbs(s);
    return 0;
}

/* The files that are written at the end. */
static int leave(struct session *s, struct session_result *result,
                 struct rvemu_error *error)
{
    const struct options *o = s->options;
    struct rvemu_error second;
    int failed = session_save_last(s, error);

    if (o->signature && !failed)
        failed = signature_write(s->machine, &s->signature, o->signature_line,
                                 error);
    return finish(s, result, failed ? &second : error) < 0 || failed ? -1 : 0;
}

int session_run(const struct session_config *config,
                struct session_result *result, struct rvemu_error *error)
{
    struct session s = {.config = config,
                        .options = config->options,
                        .result = result,
                        .what = config->what,
                        .rules = config->rules,
                        .serial = SERIAL_CLOSED};
    struct rvemu_error ignored;
    int failed;

    *result = (struct session_result){0};
    if (prepare(&s, config, error) < 0) {
        tracing_drop(&s.tracing);
        finish(&s, NULL, &ignored);
        return -1;
    }
    if (s.options->dump_dtb[0]) {
        tracing_drop(&s.tracing);
        return finish(&s, NULL, error);
    }
    if (run_to_the_end(&s, config, result, error) < 0) {
        finish(&s, NULL, &ignored);
        return -1;
    }
    failed = leave(&s, result, error);
    result->in_line = s.end.in_line;
    if (!failed)
        return 0;
    result->status = STATUS_USAGE;
    result->reason = "output";
    return -1;
}
