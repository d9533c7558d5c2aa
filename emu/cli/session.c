/* One run of a guest; see session.h. */
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/console.h"
#include "host/outfile.h"
#include "host/wrap.h"
#include "cli/disks.h"
#include "cli/dump.h"
#include "cli/expect.h"
#include "cli/frames.h"
#include "cli/gdb.h"
#include "cli/image_symbols.h"
#include "cli/names.h"
#include "cli/observe.h"
#include "cli/recent.h"
#include "cli/serial.h"
#include "cli/signature.h"
#include "cli/tracing.h"
#include "cli/verdict.h"

#define NOTICES_MAX 16
#define NOTICE_LENGTH 520

struct session {
    const struct options *options;
    struct session_result *result;
    struct session_spent before; /* by the boots before this one */
    unsigned boot;
    struct serial serial;
    unsigned notices; /* what has been told of the guest (rvemu_host) */
    char notice[NOTICES_MAX][NOTICE_LENGTH];
    struct outfile signature;
    struct rvemu_expect *rules; /* NULL: none */
    struct script *input;       /* NULL: there is none */
    struct loop loop;
    struct console console;
    bool console_open;
    enum console_verdict verdict; /* of the last poll */
    rvemu *machine;
    struct gdb *gdb;    /* NULL: no debugger may come */
    struct disks disks; /* of all its boots */
    struct observer *observer;
    struct observe_end end;        /* what that one left */
    struct rvemu_symbols *symbols; /* for -d; NULL: none */
    struct names *names;           /* NULL: nobody wants them */
    struct frames_watch frames;    /* with --frames */
    struct tracing tracing;        /* with --trace or --on-fail */
    struct recent *recent;         /* for a report of the end; NULL: none */
    unsigned printed_by; /* the hart that ended the console's last line */
    uint64_t printed_time;
};

/* A byte for the console. */
static void put(struct session *s, uint8_t byte)
{
    observe_before_console(s->observer);
    if (s->rules)
        rvemu_expect_console(s->rules, byte,
                             s->before.time + rvemu_time(s->machine));
    console_put(&s->console, byte);
    serial_log(&s->serial, byte);
    if (byte == '\n') {
        console_flush(&s->console);
        s->printed_by = rvemu_turn(s->machine);
        s->printed_time = rvemu_time(s->machine);
    }
    observe_console(s->observer, byte);
}

static void host_put(void *self, uint8_t byte)
{
    struct session *s = self;

    if (s->options->hosted != OPTIONS_HOSTED_ALONE)
        put(s, byte);
}

static void host_put_hosted(void *self, uint8_t byte)
{
    struct session *s = self;

    if (s->options->hosted == OPTIONS_HOSTED_APART)
        serial_put_hosted(&s->serial, byte);
    else
        put(s, byte);
}

static bool host_poll(void *self, uint64_t time, enum rvemu_ask ask,
                      uint64_t *next)
{
    struct session *s = self;

    if (s->recent)
        recent_look(s->recent);
    s->verdict = console_poll(&s->console, ask);
    serial_flush(&s->serial);
    return s->verdict == CONSOLE_GO_ON && !observe_broken(s->observer) &&
           !tracing_broken(&s->tracing) && !(s->gdb && gdb_wants(s->gdb));
}

/* While a debugger has stopped the machine. Of a pipe the guest asks for what
 * is due. */
static bool look_for_gdb(void *self)
{
    struct session *s = self;
    bool live = s->console.terminal.fd >= 0;

    s->verdict =
        console_poll(&s->console, live ? RVEMU_ASK_IF_ANY : RVEMU_ASK_NOTHING);
    return s->verdict == CONSOLE_GO_ON;
}

static void host_idle(void *self, uint64_t time, uint64_t due,
                      enum rvemu_ask ask)
{
    struct session *s = self;

    console_idle(&s->console, time, due, ask);
}

/* Told once in all boots. */
static void host_notice(void *self, const char *text)
{
    struct session *s = self;
    char line[NOTICE_LENGTH];

    snprintf(line, sizeof(line), "emu: %s", text);
    for (unsigned i = 0; i < s->notices; i++)
        if (!strcmp(s->notice[i], line))
            return;
    if (s->notices < NOTICES_MAX)
        memcpy(s->notice[s->notices++], line, sizeof(line));
    observe_say(s->observer, line);
}

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
    config.host = (struct rvemu_host){s,         host_put,    host_poll,
                                      host_idle, host_notice, host_put_hosted};
    if (rvemu_create(&config, &s->machine, error) < 0)
        return -1;
    return rvemu_load(s->machine, guest, error);
}

static bool wants_color(const struct options *o)
{
    if (o->color != OPTIONS_COLOR_AUTO)
        return o->color == OPTIONS_COLOR_ON;
    return wrap_color(STDERR_FILENO);
}

/* Memory has to be looked at promptly for names, which costs: where a trace
 * alone asks, and there are none to be had, it is not. */
static void attach_names(struct session *s)
{
    names_attach(s->names, s->machine);
    if (!names_are_any(s->names) && !s->options->explain &&
        !s->options->frames && !s->options->explained.check_tlb && !s->rules)
        rvemu_set_prompt(s->machine, 0);
}

static int open_names(struct session *s, const struct session_config *config,
                      struct rvemu_error *error)
{
    const struct names_config names = {
        .options = s->options,
        .guest = &config->guest,
        .program = &config->program,
        .kernels = s->symbols,
        .say = host_notice,
        .self = s,
    };

    if (names_open(&s->names, &names, error) < 0)
        return -1;
    attach_names(s);
    return 0;
}

static int open_frames(struct session *s, struct observe_options *observe,
                       struct rvemu_error *error)
{
    if (!s->symbols)
        return rvemu_error_set(error, "no memory for the guest's symbols");
    observe->explained.frames = &s->frames.config;
    if (frames_open(&s->frames, s->options->frames, s->symbols, error) < 0)
        return -1;
    return frames_attach(&s->frames, s->machine, error);
}

static int open_tracing(struct session *s, const struct session_config *config,
                        struct rvemu_error *error)
{
    struct tracing_config tracing = {
        .options = s->options,
        .title = rvemu_title_text(config->what, RVEMU_LANG_EN),
        .resolve = s->symbols ? rvemu_symbols_find : NULL,
        .symbols = s->symbols,
    };

    if (!s->names && open_names(s, config, error) < 0)
        return -1;
    if (names_are_any(s->names))
        tracing.names = names_answers(s->names);
    return tracing_open(&s->tracing, &tracing, error);
}

static int start_observers(struct session *s,
                           const struct session_config *config,
                           struct rvemu_error *error)
{
    const struct options *o = s->options;
    struct observe_options observe = {
        .explain = o->explain,
        .explained = o->explained,
        .title = rvemu_title_text(config->what, RVEMU_LANG_EN),
        .path = o->log_file,
        .commits = o->log_commits,
        .commits_path = o->commits_file,
    };

    observe.explained.color = wants_color(o);
    if (observe_kinds("-d", o->log[0] ? o->log : NULL, &observe.kinds, error) <
            0 ||
        observe_kinds("--trace-hash", o->trace_hash, &observe.hashed, error) <
            0)
        return -1;
    if (observe.kinds || o->frames || tracing_is_wanted(o))
        s->symbols = image_symbols(&config->guest);
    /* --symbols is read, and refused, even if nothing asks for names. */
    if ((o->symbols_count || o->explain || o->frames ||
         o->explained.check_tlb || s->rules) &&
        open_names(s, config, error) < 0)
        return -1;
    if (s->rules && expect_check(s->rules, o, s->names, error) < 0)
        return -1;
    observe.explained.expect = s->rules;
    if (o->frames && open_frames(s, &observe, error) < 0)
        return -1;
    observe.explained.only_checks = !o->explain;
    if (tracing_is_wanted(o) && open_tracing(s, config, error) < 0)
        return -1;
    if (s->names)
        observe.explained.names = names_answers(s->names);
    if (tracing_names(&s->tracing))
        observe.explained.names = tracing_names(&s->tracing);
    if (s->symbols) {
        observe.resolve = rvemu_symbols_find;
        observe.symbols = s->symbols;
    }
    if (observe_start(s->machine, &observe, &s->observer, error) < 0)
        return -1;
    return tracing_attach(&s->tracing, s->machine, error);
}

/* What the harts have done together since the machine was made. */
static uint64_t sum(const struct session *s,
                    uint64_t (*of)(const rvemu *machine, unsigned hart))
{
    uint64_t all = 0;

    for (unsigned hart = 0; hart < rvemu_harts(s->machine); hart++)
        all += of(s->machine, hart);
    return all;
}

/* How many instructions the run has retired. */
static uint64_t retired(const struct session *s)
{
    return s->before.retired + sum(s, rvemu_retired);
}

/* Ctrl-A e: self is the session. */
static void toggle_explain(void *self)
{
    struct session *s = self;

    observe_toggle(s->observer);
}

static struct session_spent spent(const struct session *s)
{
    return (struct session_spent){
        .steps = s->before.steps + sum(s, rvemu_steps),
        .retired = retired(s),
        .time = s->before.time + rvemu_time(s->machine),
    };
}

/* A line of the console matches a --milestone: self is the session. */
static void reach(void *self, unsigned milestone)
{
    struct session *s = self;
    struct session_milestone *reached = &s->result->milestone[milestone];

    reached->is_reached = true;
    reached->boot = s->boot;
    reached->spent = spent(s);
}

static void name_milestones(struct session *s,
                            const char *pattern[OPTIONS_MILESTONES_MAX])
{
    const struct options *o = s->options;

    s->result->milestones = o->milestones;
    for (unsigned i = 0; i < o->milestones; i++) {
        pattern[i] = o->milestone[i].pattern;
        s->result->milestone[i].name = o->milestone[i].name;
    }
}

static int open_console(struct session *s, const struct session_config *run,
                        struct rvemu_error *error)
{
    const struct options *o = s->options;
    const char *milestone[OPTIONS_MILESTONES_MAX];
    struct console_config config = {
        .in = STDIN_FILENO,
        .out = STDOUT_FILENO,
        .escapes = o->serial.kind == OPTIONS_MON_STDIO,
        .piped_escapes = o->piped_escapes && run->what != RVEMU_TITLE_PROGRAM &&
                         run->what != RVEMU_TITLE_PROGRAM_GIVEN,
        .explain = o->explain ? toggle_explain : NULL,
        .self = s,
        .patterns = {.stop_on = o->stop_on,
                     .fail_on = o->fail_on,
                     .milestone = milestone,
                     .milestones = o->milestones,
                     .reached = reach,
                     .self = s},
    };

    name_milestones(s, milestone);
    if (serial_open(&s->serial, o, error) < 0)
        return -1;
    if (o->serial.kind != OPTIONS_MON_STDIO &&
        o->serial.kind != OPTIONS_STDIO) {
        config.in = s->serial.console.in;
        config.out = s->serial.console.out;
    }
    if (o->input && script_open(&s->input, o->input, error) < 0)
        return -1;
    if (o->input || o->hosted == OPTIONS_HOSTED_ALONE)
        config.in = -1;
    config.script = s->input;
    if (run->alarm)
        alarm_stop(run->alarm);
    loop_init(&s->loop, run->end);
    if (console_open(&s->console, &config, &s->loop, error) < 0)
        return -1;
    s->console_open = true;
    console_attach(&s->console, s->machine);
    return 0;
}

/* Runs until something ends it. A limit counts retired instructions, of which
 * there are at most as many as steps. A pattern that was printed ends the run
 * at its line, even if the guest has stopped by itself before the next poll. */
static void run(struct session *s, struct rvemu_stop *stop)
{
    uint64_t limit = s->options->max_insns ? s->options->max_insns : UINT64_MAX;

    do {
        if (s->gdb)
            gdb_run(s->gdb, limit - retired(s), stop);
        else
            rvemu_run(s->machine, limit - retired(s), stop);
    } while (stop->reason == RVEMU_STOP_STEPS && retired(s) < limit);
    if (s->gdb && gdb_has_ended(s->gdb))
        s->verdict = CONSOLE_QUIT;
    if (stop->reason == RVEMU_STOP_HOST)
        return;
    s->verdict = console_finish(&s->console);
    if (s->verdict != CONSOLE_GO_ON)
        stop->reason = RVEMU_STOP_HOST;
}

static int close_console(struct session *s, struct rvemu_error *error)
{
    if (!s->console_open)
        return 0;
    console_close(&s->console);
    errno = s->console.broken;
    return errno ? rvemu_error_set(error, "cannot write the console: %s",
                                   strerror(errno))
                 : 0;
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

    gdb_close(s->gdb);
    failed = close_console(s, error);
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
    rvemu_destroy(s->machine);
    disks_close(&s->disks);
    recent_free(s->recent);
    names_close(s->names);
    rvemu_symbols_free(s->symbols);
    return failed;
}

/* Who sets a limit, or knows what a failure looks like, may ask why: what
 * happens of late is kept. It costs a run without such an option nothing. */
static int start_record(struct session *s, struct rvemu_error *error)
{
    const struct options *o = s->options;

    if (!o->max_insns && !o->timeout_ns && !o->fail_on)
        return 0;
    if (!s->recent)
        s->recent = recent_new();
    if (!s->recent || recent_attach(s->recent, s->machine) < 0)
        return rvemu_error_set(error, "no memory for what happens of late");
    return 0;
}

static int open_signature(struct session *s, struct rvemu_error *error)
{
    if (signature_check(s->machine, error) < 0)
        return -1;
    return outfile_open(&s->signature, s->options->signature,
                        OUTFILE_WHEN_WHOLE, error);
}

static int open_gdb(struct session *s, struct rvemu_error *error)
{
    const struct options_gdb *o = &s->options->gdb;
    const struct gdb_config config = {
        .host = o->is_given ? o->host : NULL,
        .port = o->port,
        .waits = o->waits,
        .loop = &s->loop,
        .look = look_for_gdb,
        .self = s,
    };

    if (!o->is_given && !o->waits)
        return 0;
    return gdb_open(&s->gdb, &config, s->machine, error);
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
    if (start_observers(s, config, error) < 0 || start_record(s, error) < 0)
        return -1;
    observe_begin(s->observer);
    if (open_console(s, config, error) < 0)
        return -1;
    return open_gdb(s, error);
}

/* What the old machine's guest has not got is the new one's. */
static void pass_input(const rvemu *from, rvemu *to)
{
    struct rvemu_input left[RVEMU_INPUT_LEFT_MAX];
    unsigned count = rvemu_input_left(from, left);

    for (unsigned i = 0; i < count; i++)
        rvemu_input(to, &left[i]);
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
    int failed;

    s->before = spent(s);
    count_tlbs(s);
    s->boot++;
    failed = make_machine(s, &config->guest, error);
    if (!failed) {
        console_attach(&s->console, s->machine);
        pass_input(old, s->machine);
        if (s->gdb)
            gdb_attach(s->gdb, s->machine);
        observe_detach(s->observer);
        tracing_detach(&s->tracing);
        if (s->names)
            attach_names(s);
    }
    rvemu_destroy(old);
    if (failed || (s->options->frames &&
                   frames_attach(&s->frames, s->machine, error) < 0))
        return -1;
    if (observe_attach(s->observer, s->machine, error) < 0 ||
        tracing_attach(&s->tracing, s->machine, error) < 0)
        return -1;
    return start_record(s, error);
}

/* Whether this is an end to be reported, and which. */
static bool is_reported(const struct session *s, const struct rvemu_stop *stop,
                        enum mortem_end *end)
{
    switch (stop->reason) {
    case RVEMU_STOP_STEPS: *end = MORTEM_LIMIT; return true;
    case RVEMU_STOP_LOST: *end = MORTEM_LOST; return true;
    case RVEMU_STOP_DEADLOCK: *end = MORTEM_DEADLOCK; return true;
    case RVEMU_STOP_HOST:
        *end = s->verdict == CONSOLE_FAIL_ON ? MORTEM_FAIL_ON : MORTEM_LIMIT;
        return s->verdict == CONSOLE_FAIL_ON || s->verdict == CONSOLE_TIMEOUT;
    default: return false;
    }
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

    if (!is_reported(s, stop, &what.end) ||
        (!s->names && open_names(s, config, &ignored) < 0))
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
        (!s->names && open_names(s, config, &ignored) < 0))
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
        .retired = retired(s),
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
        if (stop.reason != RVEMU_STOP_RESET || s->options->no_reboot)
            break;
        if (reboot(s, config, error) < 0)
            return -1;
    }
    if (stop.reason == RVEMU_STOP_BROKEN)
        return rvemu_error_set(error, "%s", stop.text);
    judge(s, &stop, result);
    report(s, config, &stop, result);
    place(s, config, result);
    result->spent = spent(s);
    count_tlbs(s);
    return 0;
}

/* The files that are written at the end. */
static int leave(struct session *s, struct session_result *result,
                 struct rvemu_error *error)
{
    const struct options *o = s->options;
    struct rvemu_error second;
    int failed = 0;

    if (o->signature)
        failed = signature_write(s->machine, &s->signature, o->signature_line,
                                 error);
    return finish(s, result, failed ? &second : error) < 0 || failed ? -1 : 0;
}

int session_run(const struct session_config *config,
                struct session_result *result, struct rvemu_error *error)
{
    struct session s = {.options = config->options,
                        .result = result,
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
