/*
 * Who types and what runs; see monitor.h. The monitor is served between runs:
 * it obeys what there is, and while the machine is stopped waits for more.
 *
 * On the console's terminal it is on or off: on, it has the terminal and the
 * machine is stopped, or makes what a command has ordered; `cont` turns it off.
 * Elsewhere its prompt is always there; what is typed while the guest runs is
 * obeyed at the next look, and the guest goes on.
 */
#include "cli/monitor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/monitor_priv.h"

#define LOOK_NS 50000000u /* how often the host is looked at, when stopped */
#define PROMPT "(emu) "
#define SCRIPT_MOST (16u << 20) /* bytes */

/* ---- what is said ---- */

static void flush_out(struct monitor *m)
{
    if (m->out.count)
        fwrite(m->out.text, 1, m->out.count, stdout);
    fflush(stdout);
    m->out.count = 0;
}

void monitor_tell(struct monitor *m)
{
    if (!m->out.count || m->is_guest)
        return;
    console_flush(m->config.console);
    flush_out(m);
}

static void greet(struct monitor *m)
{
    m->next.file = NULL;
    if (!m->has_met)
        monitor_say(m,
                    "emu %s monitor: help lists commands, cont lets the "
                    "guest go on\n",
                    RVEMU_VERSION);
    m->has_met = true;
    if (!m->is_told)
        monitor_say_hart(m, m->hart);
    m->is_told = true;
    flush_out(m);
}

/* ---- stopping and going on ---- */

/* Where there is somebody to type. */
static bool can_prompt(const struct monitor *m)
{
    return m->has_prompt && (m->is_on || m->is_apart);
}

static bool shares(const struct monitor *m)
{
    return m->config.options->monitor_at == OPTIONS_MONITOR_SHARES;
}

static void open_prompt(struct monitor *m)
{
    struct console *console = m->config.console;
    struct prompt_config config = {
        .loop = console->loop,
        .fd = m->is_apart || !console->piped ? STDIN_FILENO : -1,
        .text = PROMPT,
        .state = "history",
        .complete = monitor_complete,
        .self = m,
    };

    m->has_prompt = true;
    prompt_open(&m->prompt, &config);
}

static void close_prompt(struct monitor *m)
{
    if (m->has_prompt)
        prompt_close(&m->prompt);
    m->has_prompt = false;
}

static void turn_on(struct monitor *m)
{
    if (m->is_on)
        return;
    m->is_on = true;
    console_give_monitor(m->config.console, true);
    if (!m->has_prompt)
        open_prompt(m);
}

static void turn_off(struct monitor *m)
{
    if (!m->is_on)
        return;
    m->is_on = false;
    prompt_hide(&m->prompt);
    fflush(stdout);
    console_give_monitor(m->config.console, false);
}

int monitor_do_cont(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    if (monitor_nothing(text, error) < 0)
        return -1;
    monitor_note_position(m);
    m->is_stopped = m->config.begins = false;
    if (m->debugger && !m->config.debugger)
        rvemu_debug_order(m->debugger,
                          &(struct rvemu_order){.go = RVEMU_GO_ON});
    return 0;
}

int monitor_do_stop(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    if (monitor_nothing(text, error) < 0)
        return -1;
    if (!m->is_stopped && !m->is_guest)
        monitor_say_hart(m, m->hart);
    m->is_stopped = true;
    return 0;
}

int monitor_do_quit(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    if (monitor_nothing(text, error) < 0)
        return -1;
    m->is_ended = true;
    return 0;
}

/* ---- lines ---- */

static void remember(struct monitor *m, const struct monitor_row *row,
                     const char *line)
{
    m->last[0] = '\0';
    if (row && row->repeat == MONITOR_AGAIN)
        snprintf(m->last, sizeof(m->last), "%s", line);
    else if (row && row->repeat == MONITOR_FURTHER)
        snprintf(m->last, sizeof(m->last), "%s", row->name);
}

/* Obeys a line that was typed, and says what there is to say. */
static void obey_typed(struct monitor *m, const char *line)
{
    const struct monitor_row *row;
    struct rvemu_error error;
    char again[PROMPT_LINE_MAX];

    m->is_again = !line[strspn(line, " \t")];
    if (m->is_again) {
        memcpy(again, m->last, sizeof(again));
        line = again;
    }
    if (monitor_obey_line(m, line, &row, &error) < 0)
        monitor_say(m, "%s\n", error.text);
    remember(m, row, line);
    flush_out(m);
}

/* The end of what is typed: on the console the guest goes on; elsewhere there
 * is nobody any more. */
static void take_end(struct monitor *m)
{
    bool is_terminal = m->prompt.is_terminal;

    m->is_ended = m->is_apart && is_terminal;
    m->is_stopped = false;
    turn_off(m);
    if (is_terminal)
        m->prompt.is_over = false;
    else
        close_prompt(m);
}

static void obey_next_typed(struct monitor *m)
{
    char *line = prompt_take(&m->prompt);

    if (line)
        obey_typed(m, line);
    else
        take_end(m);
    free(line);
}

/* Obeys the next line of the script; false: there is none. */
static bool obey_script(struct monitor *m)
{
    const struct monitor_row *row;
    struct rvemu_error error;
    size_t length;
    char *line = m->script, *end;

    if (!line || m->failed[0])
        return false;
    length = strcspn(line, "\n");
    end = line + length + (line[length] == '\n');
    line[length] = '\0';
    line[strcspn(line, "\r")] = '\0';
    m->line++;
    m->script = *end ? end : NULL;
    if (monitor_obey_line(m, line, &row, &error) < 0)
        snprintf(m->failed, sizeof(m->failed), "--script %s:%u: %.400s",
                 m->config.options->script, m->line, error.text);
    flush_out(m);
    return true;
}

char *monitor_obey(struct monitor *m, const char *line)
{
    const struct monitor_row *row;
    struct rvemu_error error;
    char *said;

    m->is_guest = true;
    if (monitor_obey_line(m, line, &row, &error) < 0)
        monitor_say(m, "%s\n", error.text);
    m->is_guest = false;
    said = strdup(m->out.count ? m->out.text : "");
    m->out.count = 0;
    return said;
}

/* ---- from outside ---- */

void monitor_call(struct monitor *m, bool on)
{
    if (on) {
        m->is_called = true;
        turn_on(m);
    } else {
        m->is_leaving = true;
    }
}

void monitor_feed(struct monitor *m, int byte)
{
    prompt_feed(&m->prompt, byte);
}

bool monitor_wants(const struct monitor *m)
{
    return m->is_called || m->is_leaving || m->is_ended ||
           m->config.console->terminal.is_interrupted ||
           (m->has_prompt && !m->is_ordered && prompt_has(&m->prompt));
}

bool monitor_has_ended(const struct monitor *m)
{
    return m->is_ended;
}

/* ---- serving ---- */

static void take_signals(struct monitor *m)
{
    struct terminal *terminal = &m->config.console->terminal;

    if (console_take_interrupt(m->config.console)) {
        if (m->is_stopped) {
            prompt_cancel(&m->prompt);
        } else {
            m->is_stopped = true;
            m->is_ordered = false;
            monitor_drop_until(m);
            prompt_hide(&m->prompt);
            putchar('\n');
            greet(m);
        }
    }
    if (terminal->is_resumed)
        prompt_resume(&m->prompt);
    terminal->is_resumed = false;
}

/* Ctrl-A c was typed on the console. */
static void take_calls(struct monitor *m)
{
    if (m->is_leaving)
        m->is_ordered = false;
    if (m->is_called)
        monitor_begin_history(m);
    if (m->is_called && !m->is_stopped) {
        putchar('\n');
        m->hart = rvemu_turn(m->machine);
        greet(m);
    }
    m->is_stopped |= m->is_called;
    m->is_called = false;
}

/* Obeys what there is. True: it was something. */
static bool obey_one(struct monitor *m)
{
    if (m->is_ordered && !m->is_stopped)
        return false;
    if (m->is_stopped && obey_script(m))
        return true;
    if (m->has_prompt && prompt_has(&m->prompt)) {
        obey_next_typed(m);
        return true;
    }
    if (!m->is_leaving)
        return false;
    m->is_leaving = m->is_stopped = false;
    turn_off(m);
    return true;
}

/* A script is over, and nobody is there to be told of its points. */
static void let_go(struct monitor *m)
{
    int number;

    while (m->debugger && !m->config.debugger &&
           (number = rvemu_point_next(m->debugger, 0)) != 0)
        rvemu_point_remove(m->debugger, number);
    m->is_stopped = false;
}

/* The machine is stopped, and waits for somebody to say more; where there is
 * nobody it goes on, unless nobody has ever said that it may (-S). */
static void find_somebody(struct monitor *m)
{
    if (!can_prompt(m) && shares(m) && m->config.console->terminal.fd >= 0) {
        turn_on(m);
        greet(m);
    }
    if (can_prompt(m))
        prompt_show(&m->prompt);
    else if (!m->config.begins)
        let_go(m);
}

/* Returns whether the machine may run now; false: the run is to end. */
static bool serve(struct monitor *m)
{
    for (;;) {
        take_signals(m);
        take_calls(m);
        if (m->is_ended || m->failed[0])
            return false;
        if (obey_one(m))
            continue;
        if (!m->is_stopped)
            break;
        find_somebody(m);
        if (!m->is_stopped)
            break;
        if (!m->config.look(m->config.self))
            return false;
        loop_wait(m->config.console->loop, LOOK_NS);
    }
    if (rvemu_history_is_past(m->machine)) { /* where no poll asks the host */
        loop_wait(m->config.console->loop, 0);
        if (!m->config.look(m->config.self))
            return false;
    }
    /* Behind `cont` the console has the terminal. */
    if (shares(m) && m->prompt.is_terminal && !m->is_ordered)
        turn_off(m);
    else if (can_prompt(m))
        prompt_show(&m->prompt);
    return true;
}

/* Whether somebody who has ordered steps, or set points, can be asked. */
static bool can_ask(const struct monitor *m)
{
    if (!m->is_on && !rvemu_point_next(m->debugger, 0))
        return false;
    return can_prompt(m) || (shares(m) && m->config.console->terminal.fd >= 0);
}

/* An end of the machine that somebody may still want to ask about. */
static bool is_asked_about(const struct monitor *m,
                           const struct rvemu_stop *stop)
{
    return stop->reason != RVEMU_STOP_STEPS &&
           stop->reason != RVEMU_STOP_HOST &&
           stop->reason != RVEMU_STOP_BREAKPOINT &&
           stop->reason != RVEMU_STOP_RESET &&
           stop->reason != RVEMU_STOP_BROKEN &&
           (m->script || (m->debugger && can_ask(m)));
}

/* What a stop has left to be said. */
static void say_stop(struct monitor *m)
{
    if (!m->out.count)
        return;
    console_flush(m->config.console);
    if (!m->is_on && shares(m) && !m->script_text)
        putchar('\n');
    flush_out(m);
}

void monitor_run(struct monitor *m, uint64_t steps, monitor_run_fn *run,
                 void *arg, struct rvemu_stop *stop)
{
    *stop = (struct rvemu_stop){.reason = RVEMU_STOP_HOST};
    if (!m->has_end) {
        uint64_t at = rvemu_position(m->machine);

        if (!serve(m))
            goto out;
        if (rvemu_position(m->machine) != at) {
            stop->reason = RVEMU_STOP_STEPS; /* `steps` was for another place */
            return;
        }
        m->is_told = false;
        if (m->debugger && !m->config.debugger)
            monitor_run_debugger(m, steps, stop);
        else
            run(arg, steps, stop);
        say_stop(m);
        if (stop->reason == RVEMU_STOP_HOST && monitor_wants(m))
            stop->reason = RVEMU_STOP_STEPS;
        if (!is_asked_about(m, stop))
            return;
        m->end = *stop;
        m->has_end = m->is_stopped = true;
        if (!m->script)
            monitor_say(m, "the guest has ended: back and goto go back\n");
        say_stop(m);
    }
    if (!serve(m))
        goto out;
    if (m->has_end)
        *stop = m->end;
    else
        stop->reason = RVEMU_STOP_STEPS;
out:
    if (!m->failed[0])
        return;
    stop->reason = RVEMU_STOP_BROKEN;
    snprintf(stop->text, sizeof(stop->text), "%s", m->failed);
}

/* ---- opening ---- */

/* Somebody will ask about a machine that has not run yet. */
static void watch(struct monitor *m)
{
    monitor_begin_scene(m);
    monitor_begin_history(m);
}

static int read_script(struct monitor *m, const char *path,
                       struct rvemu_error *error)
{
    FILE *in = fopen(path, "r");
    size_t count;
    char *text;

    if (!in)
        return rvemu_error_set(error, "cannot read %s: %s", path,
                               strerror(errno));
    text = malloc(SCRIPT_MOST + 1);
    count = text ? fread(text, 1, SCRIPT_MOST + 1, in) : 0;
    if (!text || ferror(in) || count > SCRIPT_MOST || memchr(text, 0, count)) {
        fclose(in);
        free(text);
        return rvemu_error_set(error, "--script %s: no file of commands", path);
    }
    fclose(in);
    text[count] = '\0';
    m->script_text = text;
    m->script = count ? text : NULL;
    return 0;
}

int monitor_open(struct monitor **monitor, const struct monitor_config *config,
                 rvemu *machine, struct rvemu_error *error)
{
    const struct options *o = config->options;
    struct monitor *m = calloc(1, sizeof(*m));

    *monitor = NULL;
    if (!m)
        return rvemu_error_set(error, "no memory for the monitor");
    m->config = *config;
    m->machine = machine;
    m->next.format = 'x';
    m->next.size = 4;
    if (o->script && read_script(m, o->script, error) < 0) {
        free(m);
        return -1;
    }
    m->is_stopped = m->script || config->begins;
    m->is_apart = o->monitor_at == OPTIONS_MONITOR_STDIO;
    *monitor = m;
    if (m->is_apart && isatty(STDIN_FILENO))
        terminal_lend(&config->console->terminal);
    if (m->is_apart)
        open_prompt(m);
    if (m->is_apart || m->is_stopped)
        watch(m);
    return 0;
}

void monitor_close(struct monitor *m)
{
    if (!m)
        return;
    close_prompt(m);
    monitor_leave_scene(m);
    monitor_free_points(m);
}

void monitor_free(struct monitor *m)
{
    if (!m)
        return;
    monitor_free_scene(m);
    rvemu_symbols_free(m->program);
    rvemu_disasm_free(m->disasm);
    free(m->script_text);
    free(m->out.text);
    free(m);
}

void monitor_attach(struct monitor *m, rvemu *machine)
{
    if (m->debugger && !m->config.debugger &&
        rvemu_debugger_attach(m->debugger, machine) < 0)
        monitor_free_points(m);
    m->machine = machine;
    m->undos = 0;
    m->trace = 0;
    if (m->scene) {
        monitor_leave_scene(m);
        watch(m);
    } else if (m->has_met) {
        monitor_begin_history(m);
    }
    if (m->hart >= rvemu_harts(machine))
        m->hart = 0;
}
