/*
 * Console: bytes between the host's descriptors and the guest's UART.
 *
 * Where input comes from decides how it is waited for:
 *
 *   file, pipe   Read only when the guest's receiver is ready and the wire
 *                free, and waited for: host scheduling cannot shift a byte.
 *                A pipe that stays silent for PIPE_PATIENCE_NS is taken for a
 *                conversation and handled like a terminal from then on.
 *   terminal     Looked at between slices, never waited for while the guest
 *                runs; while it idles, the host sleeps until a key or the
 *                guest's next deadline.
 *
 * Everything that blocks (waiting for input, a full output pipe) also wakes
 * up for signals. No output is lost: it is written out at the end of each
 * slice, when the buffer is full, and by console_close().
 */
#define _GNU_SOURCE /* ppoll */
#include "host/console.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PIPE_PATIENCE_NS 1000000000u
#define UART_CHAR_NS 86806u /* between two bytes on the guest's wire */
#define CTRL_A 0x01
#define NEVER UINT64_MAX

static const char help_text[] = "\r\nCtrl-A h       this help\r\n"
                                "Ctrl-A x       end emu\r\n"
                                "Ctrl-A Ctrl-A  send Ctrl-A\r\n";
static const char no_monitor_text[] =
    "\r\nCtrl-A c: there is no monitor yet\r\n";

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t host_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void take_signal(struct console *c)
{
    int number = terminal_signal(&c->terminal);

    if (number)
        c->signal = number;
}

/* Waits until fd has `events`, a signal comes, or ns have passed (NEVER: no
 * limit). Returns whether fd is what woke us. */
static bool wait_for(struct console *c, int fd, short events, uint64_t ns)
{
    struct pollfd fds[] = {{.fd = c->terminal.signals, .events = POLLIN},
                           {.fd = fd, .events = events}};
    struct timespec limit = {.tv_sec = (time_t)(ns / 1000000000u),
                             .tv_nsec = (long)(ns % 1000000000u)};
    int ready = ppoll(fds, 2, ns == NEVER ? NULL : &limit, NULL);

    if (ready > 0 && fds[0].revents)
        take_signal(c);
    return ready > 0 && fds[1].revents;
}

static uint64_t host_left(const struct console *c)
{
    uint64_t now;

    if (c->host_end == NEVER)
        return NEVER;
    now = host_now();
    return now < c->host_end ? c->host_end - now : 0;
}

/* How long the host may still be waited for. */
static uint64_t patience(const struct console *c)
{
    return c->signal ? 0 : host_left(c);
}

/* Writes until all is out or nobody is there to take it. */
void console_flush(struct console *c)
{
    size_t done = 0;

    while (done < c->out_count && !c->broken) {
        ssize_t n;

        if (!wait_for(c, c->config.out, POLLOUT, patience(c))) {
            if (patience(c) == 0)
                break;
            continue;
        }
        n = write(c->config.out, c->out + done, c->out_count - done);
        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
            c->broken = errno;
    }
    /* What a signal or a broken pipe left over is given up. */
    c->lost |= done < c->out_count;
    c->out_count = 0;
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
    c->line_open = byte != '\n';
    patterns_put(&c->patterns, byte);
    if (byte == '\n' && c->out_terminal)
        console_flush(c);
}

static void queue(struct console *c, uint8_t byte)
{
    if (c->in_count < CONSOLE_INPUT)
        c->in[(c->in_head + c->in_count++) % CONSOLE_INPUT] = byte;
}

static void run_escape(struct console *c, uint8_t byte)
{
    switch (byte) {
    case 'x': c->quit = true; break;
    case 'h':
    case '?': say(c, help_text); break;
    case 'c': say(c, no_monitor_text); break;
    case CTRL_A: queue(c, byte); break;
    default: break;
    }
}

static void type(struct console *c, uint8_t byte)
{
    if (c->escape) {
        c->escape = false;
        run_escape(c, byte);
    } else if (byte == CTRL_A && c->config.escapes && c->terminal.fd >= 0) {
        c->escape = true;
    } else {
        queue(c, byte);
    }
}

/* A pipe's end is told to the guest; a terminal that has gone away is not. */
static void end_input(struct console *c)
{
    c->ended = true;
    c->end_due = c->terminal.fd < 0;
}

/* Reads what is there, once: of a pipe what the queue has room for; of a
 * terminal all, since keys must get through to the escapes, losing what the
 * queue cannot take. */
static void read_input(struct console *c)
{
    uint8_t bytes[CONSOLE_INPUT];
    size_t room = CONSOLE_INPUT;
    ssize_t n;

    if (c->terminal.fd < 0)
        room -= c->in_count;
    if (room == 0)
        return;
    n = read(c->config.in, bytes, room);
    for (ssize_t i = 0; i < n; i++)
        type(c, bytes[i]);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        end_input(c);
}

/* Waits up to ns for input and reads it. False: none came. */
static bool await_input(struct console *c, uint64_t ns)
{
    if (c->ended || !wait_for(c, c->config.in, POLLIN, ns))
        return false;
    read_input(c);
    return true;
}

static bool has_input(const struct console *c)
{
    return c->in_count > 0 || c->end_due;
}

/* A file or pipe is asked for the byte that is due now. */
static void demand_input(struct console *c)
{
    uint64_t end = host_now() + PIPE_PATIENCE_NS;

    while (!has_input(c) && !c->ended && patience(c) > 0) {
        uint64_t now = host_now();

        if (now >= end) {
            c->live = true;
            return;
        }
        await_input(c, least(end - now, patience(c)));
    }
}

static void send_input(struct console *c, uint64_t now)
{
    uint8_t byte = CONSOLE_END_OF_INPUT;

    if (c->in_count > 0)
        byte = c->in[c->in_head];
    if (!c->guest.send(c->guest.self, byte))
        return;
    c->next = now + UART_CHAR_NS;
    if (c->in_count > 0) {
        c->in_head = (c->in_head + 1) % CONSOLE_INPUT;
        c->in_count--;
        c->in_line = byte != '\n' && byte != '\r';
    } else {
        c->end_due = c->in_line;
        c->in_line = false;
    }
}

static void serve_input(struct console *c, uint64_t now)
{
    if (c->live)
        await_input(c, 0);
    if (now < c->next || !c->guest.ready(c->guest.self))
        return;
    if (!c->live && !has_input(c)) {
        console_flush(c); /* whoever is to answer must see the question */
        demand_input(c);
    }
    if (has_input(c))
        send_input(c, now);
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

enum console_verdict console_poll(struct console *c, uint64_t now)
{
    enum console_verdict watched = look_for_patterns(c);

    take_signal(c);
    console_flush(c);
    if (watched == CONSOLE_GO_ON)
        serve_input(c, now);
    if (c->signal)
        return CONSOLE_SIGNAL;
    if (watched != CONSOLE_GO_ON)
        return watched;
    if (c->quit)
        return CONSOLE_QUIT;
    if (c->broken)
        return CONSOLE_BROKEN;
    return host_left(c) == 0 ? CONSOLE_TIMEOUT : CONSOLE_GO_ON;
}

/* Whether a byte can be had without waiting for somebody to type it. */
static bool input_at_hand(const struct console *c)
{
    return has_input(c) || (!c->live && !c->ended);
}

uint64_t console_next(const struct console *c, uint64_t now)
{
    /* With the wire free the guest was not ready: it is asked again when it
     * idles, or a slice later. */
    return input_at_hand(c) && c->next > now ? c->next : NEVER;
}

uint64_t console_idle(struct console *c, uint64_t now, uint64_t due)
{
    uint64_t start, woken;

    console_flush(c);
    if (due <= now || (due == NEVER && !c->guest.ready(c->guest.self)))
        return due; /* in the latter case no input could wake the guest */
    if (input_at_hand(c) && c->guest.ready(c->guest.self))
        return least(due, most(now, c->next));
    if (!c->live || c->ended)
        return due;

    start = host_now();
    await_input(c, least(due - now, patience(c)));
    woken = now + (host_now() - start);
    return least(due, has_input(c) ? most(woken, c->next) : woken);
}

int console_open(struct console *c, const struct console_config *config,
                 struct rvemu_error *error)
{
    *c = (struct console){.config = *config, .ended = config->in < 0};
    c->host_end =
        config->host_limit_ns ? host_now() + config->host_limit_ns : NEVER;
    c->out_terminal = isatty(config->out);
    if (patterns_open(&c->patterns, config->stop_on, config->fail_on, error) <
        0)
        return -1;
    if (terminal_open(&c->terminal, config->in, !config->escapes, error) < 0) {
        patterns_close(&c->patterns);
        return -1;
    }
    c->live = c->terminal.fd >= 0;
    return 0;
}

void console_attach(struct console *c, const struct console_guest *guest)
{
    c->guest = *guest;
    c->next = 0;
}

enum console_verdict console_finish(struct console *c)
{
    enum console_verdict watched = look_for_patterns(c);

    console_flush(c);
    if (watched != CONSOLE_GO_ON || !c->lost || c->broken)
        return watched;
    return c->signal ? CONSOLE_SIGNAL : CONSOLE_TIMEOUT;
}

void console_close(struct console *c)
{
    console_flush(c);
    terminal_close(&c->terminal);
    patterns_close(&c->patterns);
}
