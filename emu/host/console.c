/*
 * Console: bytes between the host's descriptors and the machine.
 *
 * Where input comes from decides how it is waited for:
 *
 *   file, pipe   Read only when the machine wants a byte at once (the guest's
 *                receiver is ready and the wire free), and waited for: host
 *                scheduling cannot shift a byte.
 *                A pipe that stays silent for PIPE_PATIENCE_NS is taken for a
 *                conversation and handled like a terminal from then on.
 *                With Ctrl-A commands it is read ahead of the guest, too, and
 *                a command is obeyed where it stands, when what was piped
 *                before it has reached the guest; at once, where nothing was,
 *                or nothing for PIPE_PATIENCE_NS: somebody wants a guest that
 *                does not listen to end.
 *   terminal     Looked at between slices, never waited for while the guest
 *                runs; while it idles, the host sleeps until a key or the
 *                guest's next deadline. It is read ahead of the guest, since
 *                Ctrl-A has to be seen (backlog.h).
 *   script       What it waits for only the guest can bring about: nothing is
 *                waited for, and an idle guest's time jumps.
 *
 * Everything that blocks (waiting for input, a full output pipe) also wakes
 * up for signals. No output is lost: it is written out at the end of each
 * slice, when the buffer is full, and by console_close().
 */
#include "host/console.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define PIPE_PATIENCE_NS 1000000000u
#define FAIL_PATIENCE_NS 10000000u /* of machine time */
#define NAP_NS 1000000u            /* the host sleeps for no less at a time */
#define CTRL_A 0x01

static const char help_text[] = "\r\nCtrl-A h       this help\r\n"
                                "Ctrl-A x       end emu\r\n"
                                "Ctrl-A e       --explain off, and on again\r\n"
                                "Ctrl-A c       the monitor\r\n"
                                "Ctrl-A Ctrl-A  send Ctrl-A\r\n";
static const char no_explain_text[] =
    "\r\nCtrl-A e: emu was started without --explain\r\n";
static const char no_monitor_text[] =
    "\r\nCtrl-A c: emu was started without a monitor\r\n";

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The output can take bytes: self is the console. */
static void write_out(void *self)
{
    struct console *c = self;
    ssize_t n =
        write(c->config.out, c->out + c->out_done, c->out_count - c->out_done);

    if (n > 0)
        c->out_done += (size_t)n;
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        c->broken = errno;
}

/* Writes until all is out or nobody is there to take it. */
void console_flush(struct console *c)
{
    while (c->out_done < c->out_count && !c->broken) {
        size_t done = c->out_done;

        loop_wait_for(c->loop, &c->output, POLLOUT, loop_patience(c->loop));
        if (c->out_done == done && loop_patience(c->loop) == 0)
            break;
    }
    /* Bytes that a signal or a broken pipe left over are given up. */
    c->lost |= c->out_done < c->out_count;
    c->out_count = c->out_done = 0;
}

static void emit(struct console *c, uint8_t byte)
{
    if (c->out_count == CONSOLE_OUTPUT)
        console_flush(c);
    c->out[c->out_count++] = byte;
}

static void say(struct console *c, const char *text)
{
    for (; *text; text++)
        emit(c, (uint8_t)*text);
    console_flush(c);
}

void console_put(void *self, uint8_t byte)
{
    struct console *c = self;

    emit(c, byte);
    patterns_put(&c->patterns, byte);
    if (c->config.script)
        script_put(c->config.script, byte);
    if (byte == '\n' && c->out_terminal)
        console_flush(c);
}

static void turn_explain(struct console *c)
{
    console_flush(c);
    if (c->config.explain)
        c->config.explain(c->config.self);
    else
        say(c, no_explain_text);
}

void console_give_monitor(struct console *c, bool on)
{
    console_flush(c);
    c->is_monitors = on;
    if (c->piped)
        return;
    if (on)
        terminal_lend(&c->terminal);
    else
        terminal_reclaim(&c->terminal);
}

bool console_take_interrupt(struct console *c)
{
    bool was = c->terminal.is_interrupted;

    c->terminal.is_interrupted = false;
    return was;
}

static void turn_monitor(struct console *c)
{
    if (!c->config.monitor)
        say(c, no_monitor_text);
    else
        c->config.monitor(c->config.self, !c->is_monitors);
}

static void run_escape(struct console *c, uint8_t byte)
{
    switch (byte) {
    case 'x': c->quit = true; break;
    case 'h':
    case '?': say(c, help_text); break;
    case 'e': turn_explain(c); break;
    case 'c': turn_monitor(c); break;
    case CTRL_A: backlog_put(&c->backlog, byte); break;
    default: break;
    }
}

static void type(struct console *c, uint8_t byte)
{
    if (c->escape) {
        c->escape = false;
        run_escape(c, byte);
    } else if (byte == CTRL_A && c->config.escapes &&
               (c->terminal.fd >= 0 || c->piped)) {
        c->escape = true;
    } else if (c->is_monitors) {
        c->config.monitor_byte(c->config.self, byte);
    } else {
        backlog_put(&c->backlog, byte);
        c->come = true;
    }
}

/* Types piped bytes, up to a command; behind it, if the first one is due. */
static void type_held(struct console *c, bool is_due)
{
    while (c->held < c->held_end && !c->quit) {
        bool is_command = c->escape && c->hold[c->held] != CTRL_A;

        if (is_command && c->come && !is_due && !c->is_monitors)
            return;
        is_due = c->live || (is_due && !is_command);
        type(c, c->hold[c->held++]);
    }
}

static void tell(struct console *c, enum rvemu_input_kind kind)
{
    rvemu_input(c->machine, &(struct rvemu_input){.kind = kind});
}

static void give_bytes(struct console *c, const uint8_t *bytes, size_t count)
{
    rvemu_input(c->machine, &(struct rvemu_input){.kind = RVEMU_INPUT_BYTES,
                                                  .bytes = bytes,
                                                  .count = count});
}

/* Gives the machine what it has room for. Returns whether that was anything. */
static bool give_backlog(struct console *c)
{
    size_t count =
        least(backlog_count(&c->backlog), rvemu_input_room(c->machine));

    if (count) {
        give_bytes(c, backlog_bytes(&c->backlog), count);
        backlog_take(&c->backlog, count);
    }
    if (!c->gone || backlog_count(&c->backlog))
        return count;
    tell(c, c->piped ? RVEMU_INPUT_END : RVEMU_INPUT_GONE);
    c->gone = false;
    c->told_end = c->piped;
    return true;
}

/* The same, of a script. */
static bool give_script(struct console *c)
{
    const uint8_t *bytes;
    bool any = false;
    size_t count;

    while ((count = least(script_next(c->config.script, &bytes),
                          rvemu_input_room(c->machine)))) {
        give_bytes(c, bytes, count);
        script_take(c->config.script, count);
        any = true;
    }
    if (!script_is_done(c->config.script) || c->told_end)
        return any;
    tell(c, RVEMU_INPUT_END);
    c->told_end = true;
    return true;
}

static bool give(struct console *c)
{
    return c->config.script ? give_script(c) : give_backlog(c);
}

/* How many bytes to read: of a pipe what the machine has room for; of a
 * terminal more, since keys must get through to the escapes. Where these are
 * piped, some is read ahead. */
static size_t read_room(struct console *c)
{
    if (c->piped && (c->told_end || c->held < c->held_end ||
                     (!c->live && backlog_count(&c->backlog) >= CONSOLE_INPUT)))
        return 0;
    size_t room = c->terminal.fd < 0 && !c->piped ? rvemu_input_room(c->machine)
                                                  : CONSOLE_INPUT;

    room = least(room, CONSOLE_INPUT);
    return backlog_reserve(&c->backlog, room) == 0 ? room : 0;
}

/* Takes what was read, n bytes, or the end. */
static void take_piped(struct console *c, const uint8_t *bytes, ssize_t n)
{
    uint64_t now = loop_now();
    bool is_due = c->live || now - c->last >= PIPE_PATIENCE_NS;

    c->last = now;
    c->gone = n <= 0;
    c->held = 0;
    c->held_end = n > 0 ? (size_t)n : 0;
    if (n > 0)
        memcpy(c->hold, bytes, c->held_end);
    type_held(c, is_due);
    if (c->gone && c->is_monitors)
        c->config.monitor_byte(c->config.self, -1);
    if (c->live)
        give_backlog(c);
}

/* Reads what is there, once. A pipe's end is told to the guest; a terminal that
 * has gone away is not. */
static void read_input(void *self)
{
    struct console *c = self;
    uint8_t bytes[CONSOLE_INPUT];
    size_t room = read_room(c);
    ssize_t n;

    if (room == 0)
        return;
    n = read(c->config.in, bytes, room);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (c->piped) {
        take_piped(c, bytes, n);
        return;
    }
    for (ssize_t i = 0; i < n; i++)
        type(c, bytes[i]);
    c->gone = n <= 0 && c->terminal.fd >= 0;
    give_backlog(c);
    if (n <= 0 && c->terminal.fd < 0)
        tell(c, RVEMU_INPUT_END);
    c->answered = true;
}

/* Has what the guest is ready for: the next byte, its end, or a command that
 * stands before these. False: it is still to come. */
static bool give_piped(struct console *c)
{
    if (!backlog_count(&c->backlog))
        type_held(c, true);
    return give_backlog(c) || c->quit || c->told_end;
}

/* A file or pipe is asked for the byte that is due now. */
static void demand_input(struct console *c)
{
    uint64_t end = loop_now() + PIPE_PATIENCE_NS;

    c->answered = c->piped && give_piped(c);
    while (!c->answered && loop_patience(c->loop) > 0) {
        uint64_t now = loop_now();

        if (now >= end) {
            tell(c, RVEMU_INPUT_LIVE);
            return;
        }
        loop_wait_for(c->loop, &c->input, POLLIN,
                      least(end - now, loop_patience(c->loop)));
        c->answered |= c->piped && give_piped(c);
    }
}

/* The line that matches --fail-on may end: what is wrong stands behind the
 * "panic:". A guest that does not get on with it is not waited for. */
static bool may_end_line(struct console *c)
{
    uint64_t now = rvemu_time(c->machine);

    if (!patterns_is_open(&c->patterns))
        return false;
    if (!c->fail_end)
        c->fail_end = now + FAIL_PATIENCE_NS;
    return now < c->fail_end;
}

static enum console_verdict look_for_patterns(struct console *c)
{
    static const enum console_verdict verdicts[] = {
        [PATTERNS_NOTHING] = CONSOLE_GO_ON,
        [PATTERNS_STOP] = CONSOLE_STOP_ON,
        [PATTERNS_FAIL] = CONSOLE_FAIL_ON,
    };

    return verdicts[patterns_check(&c->patterns)];
}

static bool can_read(struct console *c)
{
    return c->config.in >= 0 && !c->gone && (c->piped || !c->is_monitors) &&
           read_room(c) > 0;
}

/* Whoever is to answer must see the question: output first. */
enum console_verdict console_poll(struct console *c, enum rvemu_ask ask)
{
    enum console_verdict found = look_for_patterns(c);
    bool reads;

    if (found == CONSOLE_FAIL_ON && may_end_line(c))
        found = CONSOLE_GO_ON;
    c->live = ask == RVEMU_ASK_IF_ANY;
    reads = (c->live || c->piped) && found == CONSOLE_GO_ON && can_read(c);
    if (c->piped && !reads)
        c->last = loop_now();
    if (c->live || !c->piped)
        give(c);
    loop_wait_for(c->loop, &c->input, reads ? POLLIN : 0, 0);
    console_flush(c);
    if (ask == RVEMU_ASK_NOW && found == CONSOLE_GO_ON)
        demand_input(c);
    if (c->loop->signal)
        return CONSOLE_SIGNAL;
    if (found != CONSOLE_GO_ON)
        return found;
    if (c->quit)
        return CONSOLE_QUIT;
    if (c->broken)
        return CONSOLE_BROKEN;
    return loop_left(c->loop) == 0 ? CONSOLE_TIMEOUT : CONSOLE_GO_ON;
}

void console_idle(struct console *c, uint64_t now, uint64_t due,
                  enum rvemu_ask ask)
{
    struct rvemu_input until = {.kind = RVEMU_INPUT_UNTIL};
    uint64_t start;

    console_flush(c);
    if (ask == RVEMU_ASK_NOTHING || c->fail_end)
        return;
    until.until = now;
    if (!give(c)) {
        if (c->config.script)
            return;
        c->owed += least(due - now, NAP_NS);
        if (c->owed < NAP_NS)
            return;
        start = loop_now();
        loop_wait_for(c->loop, &c->input, can_read(c) ? POLLIN : 0,
                      least(most(due - now, c->owed), loop_patience(c->loop)));
        c->owed = 0;
        until.until += loop_now() - start;
    }
    rvemu_input(c->machine, &until);
}

int console_open(struct console *c, const struct console_config *config,
                 struct loop *loop, struct rvemu_error *error)
{
    *c = (struct console){
        .config = *config,
        .loop = loop,
        .input = {.fd = config->in, .ready = read_input, .self = c},
        .output = {.fd = config->out, .ready = write_out, .self = c},
        .out_terminal = isatty(config->out),
        .last = loop_now(),
    };
    if (patterns_open(&c->patterns, &config->patterns, error) < 0)
        return -1;
    if (terminal_open(&c->terminal, config->in, !config->escapes, loop, error) <
        0) {
        patterns_close(&c->patterns);
        return -1;
    }
    c->piped = config->piped_escapes && config->in >= 0 && c->terminal.fd < 0;
    loop_add(loop, &c->input);
    loop_add(loop, &c->output);
    return 0;
}

/* What the old machine's guest has not got is the new one's. */
static void pass_input(const rvemu *from, rvemu *to)
{
    struct rvemu_input left[RVEMU_INPUT_LEFT_MAX];
    unsigned count = rvemu_input_left(from, left);

    for (unsigned i = 0; i < count; i++)
        rvemu_input(to, &left[i]);
}

void console_attach(struct console *c, rvemu *machine)
{
    const rvemu *old = c->machine;

    c->machine = machine;
    if (c->terminal.fd >= 0 || c->config.script)
        tell(c, RVEMU_INPUT_LIVE);
    else if (c->config.in >= 0)
        tell(c, RVEMU_INPUT_FILE);
    if (old)
        pass_input(old, machine);
}

/* What the machine knows of where its input comes from. */
static enum rvemu_input_kind told_last(const rvemu *machine)
{
    struct rvemu_input left[RVEMU_INPUT_LEFT_MAX];

    return left[rvemu_input_left(machine, left) - 1].kind;
}

/* Reads on behind an end. */
static void begin_again(struct console *c)
{
    struct pollfd ready = {.fd = c->config.in, .events = POLLIN};
    uint8_t bytes[CONSOLE_INPUT];
    ssize_t n;

    if (poll(&ready, 1, PIPE_PATIENCE_NS / 1000000) <= 0)
        return;
    n = read(c->config.in, bytes,
             least(sizeof(bytes), rvemu_input_room(c->machine)));
    if (n <= 0)
        return;
    tell(c, RVEMU_INPUT_FILE);
    give_bytes(c, bytes, (size_t)n);
}

void console_resume(struct console *c, rvemu *machine)
{
    enum rvemu_input_kind told = told_last(machine);
    bool has_ended = told == RVEMU_INPUT_END || told == RVEMU_INPUT_GONE;

    c->machine = machine;
    if (c->config.script && has_ended && script_is_done(c->config.script))
        c->told_end = true;
    else if (c->terminal.fd >= 0 || c->config.script) {
        if (told != RVEMU_INPUT_LIVE)
            tell(c, RVEMU_INPUT_LIVE);
    } else if (c->config.in >= 0 && has_ended) {
        begin_again(c);
    }
}

enum console_verdict console_finish(struct console *c)
{
    enum console_verdict found = look_for_patterns(c);

    console_flush(c);
    if (found != CONSOLE_GO_ON || !c->lost || c->broken)
        return found;
    return c->loop->signal ? CONSOLE_SIGNAL : CONSOLE_TIMEOUT;
}

void console_close(struct console *c)
{
    console_flush(c);
    loop_remove(c->loop, &c->input);
    loop_remove(c->loop, &c->output);
    terminal_close(&c->terminal);
    patterns_close(&c->patterns);
    backlog_free(&c->backlog);
}
