/*
 * What a session and its machine say to each other: the console and all that is
 * put on it, notices, patterns that are waited for.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/monitor.h"
#include "cli/session_priv.h"

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
    if (s->verdict == CONSOLE_GO_ON && session_is_over(s))
        s->verdict = CONSOLE_QUIT;
    return s->verdict == CONSOLE_GO_ON && !observe_broken(s->observer) &&
           !tracing_broken(&s->tracing) && !control_wants(&s->control);
}

/* Of a pipe the guest asks for what is due. */
bool session_look_stopped(void *self)
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

    if (!s->options->replay)
        console_idle(&s->console, time, due, ask);
}

/* Told once in all boots. */
void session_notice(void *self, const char *text)
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

struct rvemu_host session_host(struct session *s)
{
    return (struct rvemu_host){
        .self = s,
        .console_put = host_put,
        .poll = host_poll,
        .idle = host_idle,
        .notice = session_notice,
        .semihosting_put = host_put_hosted,
    };
}

/* Ctrl-A e: self is the session. */
static void toggle_explain(void *self)
{
    struct session *s = self;

    observe_toggle(s->observer);
}

static void call_monitor(void *self, bool on)
{
    monitor_call(((struct session *)self)->control.monitor, on);
}

static void feed_monitor(void *self, int byte)
{
    monitor_feed(((struct session *)self)->control.monitor, byte);
}

/* A line of the console matches a --milestone: self is the session. */
static void reach(void *self, unsigned milestone)
{
    struct session *s = self;
    struct session_milestone *reached = &s->result->milestone[milestone];

    reached->is_reached = true;
    reached->boot = s->boot;
    reached->spent = session_spent(s);
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

int session_open_console(struct session *s, const struct session_config *run,
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
        .monitor =
            o->monitor_at == OPTIONS_MONITOR_SHARES ? call_monitor : NULL,
        .monitor_byte = feed_monitor,
        .self = s,
        .patterns = {.stop_on = o->stop_on,
                     .fail_on = o->fail_on,
                     .milestone = milestone,
                     .milestones = o->milestones,
                     .reached = reach,
                     .self = s,
                     .keeps_line = o->save.path[0] != '\0'},
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
    if (o->input || o->hosted == OPTIONS_HOSTED_ALONE || o->replay)
        config.in = -1;
    config.script = s->input;
    if (run->alarm)
        alarm_stop(run->alarm);
    loop_init(&s->loop, run->end);
    if (console_open(&s->console, &config, &s->loop, error) < 0)
        return -1;
    s->console_open = true;
    if (o->restored)
        return session_resume(s, error);
    console_attach(&s->console, s->machine);
    return 0;
}

int session_close_console(struct session *s, struct rvemu_error *error)
{
    if (!s->console_open)
        return 0;
    console_close(&s->console);
    errno = s->console.broken;
    return errno ? rvemu_error_set(error, "cannot write the console: %s",
                                   strerror(errno))
                 : 0;
}
