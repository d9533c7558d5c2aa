/*
 * emu: options → what to run → a session → an exit status.
 *
 * Whatever goes wrong on the way is one line on stderr; only main() turns it
 * into a status (session.h lists them).
 */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/alarm.h"
#include "host/loop.h"
#include "host/outfile.h"
#include "cli/choice.h"
#include "cli/exit_json.h"
#include "cli/expect.h"
#include "cli/options.h"
#include "cli/outputs.h"
#include "cli/restore.h"
#include "cli/session.h"

static int complain(const char *text)
{
    fprintf(stderr, "emu: %s\n", text);
    return STATUS_USAGE;
}

/* Says what could not be done, and why (errno). */
static int complain_of(const char *what)
{
    fprintf(stderr, "emu: %s: %s\n", what, strerror(errno));
    return STATUS_USAGE;
}

/* Ends what the console has left of a line, before something is said. */
static void begin_line(struct session_result *result)
{
    if (result->in_line)
        fputc('\n', stderr);
    result->in_line = false;
}

/* What is written behind a run. */
struct outputs {
    struct outfile json;
    struct expect expect;
};

static void give_up(struct outputs *outputs)
{
    outfile_drop(&outputs->json);
    expect_close(&outputs->expect);
}

/* What became of the rules: in text, and in files. */
static int report_rules(struct expect *expect,
                        const struct session_result *result,
                        struct rvemu_error *error)
{
    if (!result->rules.passed && !result->rules.failed)
        return 0;
    fprintf(stderr, "emu: rules of %s\n", expect->path);
    rvemu_expect_print(expect->rules, stderr);
    return expect_write(expect, result, error);
}

static int report(struct outputs *outputs, const struct options *o,
                  struct session_result *result)
{
    struct outfile *json = &outputs->json;
    struct rvemu_error error;
    int failed;

    if (result->text[0] || result->report.lines || o->tlb_stats ||
        outputs->expect.rules)
        begin_line(result);
    if (result->text[0])
        fprintf(stderr, "emu: %s\n", result->text);
    for (unsigned i = 0; i < result->report.lines; i++)
        fprintf(stderr, "%s\n", result->report.line[i]);
    if (o->tlb_stats)
        tlb_counts_print(stderr, &result->tlb);
    failed = report_rules(&outputs->expect, result, &error);
    if (json->file)
        exit_json_write(json->file, result);
    if (!failed)
        failed = outfile_close(json, &error);
    give_up(outputs);
    if (!failed)
        return result->status;
    begin_line(result);
    return complain(error.text);
}

/* Says how it ended: with `failed`, by an error, which is the host's if there
 * is no reason yet; a file that could not be opened in time is the limit's. */
static int end(struct outputs *outputs, const struct session_config *config,
               struct session_result *result, bool failed,
               const struct rvemu_error *error)
{
    if (!failed)
        return report(outputs, config->options, result);
    if (!result->reason && loop_now() >= config->end) {
        result->status = STATUS_LIMIT;
        result->reason = "timeout";
        snprintf(result->text, sizeof(result->text),
                 "stopped by --timeout before the guest ran: %s", error->text);
        return report(outputs, config->options, result);
    }
    if (result->reason)
        report(outputs, config->options, result);
    give_up(outputs);
    begin_line(result);
    return complain(error->text);
}

/* Says what of the command line is not as one may think. */
static void tell(const struct options *o)
{
    char date[64];
    time_t epoch = (time_t)o->machine.epoch;
    struct tm tm;

    if (o->log_empty[0])
        fprintf(stderr,
                "emu: -d %s: there are no such events; -d help lists "
                "those there are\n",
                o->log_empty);
    if (!o->host_clock || !gmtime_r(&epoch, &tm) ||
        !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm))
        return;
    fprintf(stderr,
            "emu: the clock starts at the host's time; "
            "-rtc base=%s makes this run again\n",
            date);
}

static int write_pid(const char *path, struct rvemu_error *error)
{
    FILE *out = fopen(path, "w");

    if (out && fprintf(out, "%ld\n", (long)getpid()) > 0 && fclose(out) == 0)
        return 0;
    return rvemu_error_set(error, "cannot write %s: %s", path, strerror(errno));
}

static int run(const struct options *o)
{
    struct choice choice = {0};
    struct outputs outputs = {0};
    struct session_config config = {.options = o,
                                    .end = loop_deadline(o->timeout_ns)};
    struct session_result result = {0};
    struct rvemu_error error;
    struct alarm alarm;
    int failed;

    /* An output whose reader has gone, or that has reached a limit, is an error
     * of write(). */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (outputs_check(o, &error) < 0)
        return complain(error.text);
    alarm_start(&alarm, o->timeout_ns);
    config.alarm = &alarm;
    failed = expect_open(&outputs.expect, o, &error);
    config.rules = outputs.expect.rules;
    if (!failed && o->exit_json)
        failed =
            outfile_open(&outputs.json, o->exit_json, OUTFILE_AT_ONCE, &error);
    choice.what = RVEMU_TITLE_LOADED;
    if (o->restored)
        session_restores(o->restored, &choice.what);
    if (!failed)
        failed = choose(o, &choice, &error);
    if (!failed)
        tell(o);
    if (!failed && o->pidfile)
        failed = write_pid(o->pidfile, &error);
    config.guest = choice.guest;
    config.program = choice.program;
    config.what = choice.what;
    if (!failed)
        failed = session_run(&config, &result, &error);
    if (o->pidfile)
        unlink(o->pidfile);
    choice_close(&choice);
    restore_close(o);
    return end(&outputs, &config, &result, failed, &error);
}

/* No file of ours may take the place of a standard stream that was closed: a
 * descriptor that can be neither read nor written takes it, so that using the
 * stream stays the error that it was. */
static int hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH) < 0)
            return -1;
    return 0;
}

/* Prints what was asked for instead of a run: help, version, CPUs. */
static int print(void (*what)(FILE *out))
{
    what(stdout);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return STATUS_OK;
    return complain_of("cannot write stdout");
}

int main(int argc, char **argv)
{
    struct options options;
    struct rvemu_error error;

    if (hold_streams() < 0)
        return complain_of("cannot open /");
    if (options_parse(&options, argc, argv, &error) < 0)
        return complain(error.text);
    if (options.action == OPTIONS_RUN &&
        restore_options(&options, argc, argv, &error) < 0)
        return complain(error.text);
    switch (options.action) {
    case OPTIONS_HELP: return print(options_print_help);
    case OPTIONS_VERSION: return print(options_print_version);
    case OPTIONS_CPUS: return print(options_print_cpus);
    case OPTIONS_DEVICES: return print(options_print_devices);
    case OPTIONS_MACHINES: return print(options_print_machines);
    case OPTIONS_EVENTS: return print(options_print_events);
    default: return run(&options);
    }
}
