/*
 * Raw mode, and its end however the program ends.
 *
 * Signals that end or stop a program are blocked and read from a signalfd,
 * so that they are served between slices, where everything can be put in
 * order; the mode is restored before SIGTSTP stops us and set again on
 * SIGCONT. Crashes cannot wait: their handler restores the mode and hands over
 * to whoever handled them before. It is the reason for the one variable of file
 * scope here; a process has one controlling terminal.
 */
#include "host/terminal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
static const int crashes[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};

#define COLUMNS_UNKNOWN 80
#define CRASHES (sizeof(crashes) / sizeof(crashes[0]))

static struct {
    const struct terminal *terminal; /* in raw mode, or NULL */
    struct sigaction before[CRASHES];
} crash;

static bool in_foreground(const struct terminal *t)
{
    return tcgetpgrp(t->fd) == getpgrp();
}

/* A background process that sets modes is stopped, and would change them
 * under the shell's feet. */
static void restore_mode(const struct terminal *t)
{
    if (t->fd >= 0 && in_foreground(t))
        tcsetattr(t->fd, TCSADRAIN, &t->saved);
}

/* Bytes in as they are typed; output keeps its newline translation, for what
 * emu itself says. */
static void set_raw_mode(const struct terminal *t)
{
    struct termios raw = t->saved;

    if (t->fd < 0)
        return;
    raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
                               IGNCR | ICRNL | IXON);
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    if (!t->keyboard_signals)
        raw.c_lflag &= ~(tcflag_t)ISIG;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(t->fd, TCSADRAIN, &raw);
}

static void on_crash(int number)
{
    for (size_t i = 0; i < CRASHES; i++)
        if (crashes[i] == number)
            sigaction(number, &crash.before[i], NULL);
    if (crash.terminal)
        tcsetattr(crash.terminal->fd, TCSANOW, &crash.terminal->saved);
    raise(number);
}

static void watch_crashes(const struct terminal *t)
{
    struct sigaction action = {.sa_handler = on_crash};

    crash.terminal = t;
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i], &action, &crash.before[i]);
}

static void unwatch_crashes(void)
{
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i], &crash.before[i], NULL);
    crash.terminal = NULL;
}

static void stop_here(const struct terminal *t)
{
    restore_mode(t);
    raise(SIGSTOP);
    /* Somebody has continued us; SIGCONT is read next and sets the mode. */
}

static void resume(struct terminal *t)
{
    if (t->is_lent)
        t->is_resumed = true;
    else if (t->fd >= 0 && in_foreground(t))
        set_raw_mode(t);
}

/* Serves the signals that have come: self is the terminal. */
static void take_signals(void *self)
{
    struct terminal *t = self;
    struct signalfd_siginfo info;

    while (read(t->signals.fd, &info, sizeof(info)) == sizeof(info)) {
        switch (info.ssi_signo) {
        case SIGTSTP: stop_here(t); break;
        case SIGCONT: resume(t); break;
        case SIGINT:
            if (t->is_lent) {
                t->is_interrupted = true;
                break;
            }
            /* fall through */
        default: t->loop->signal = (int)info.ssi_signo; return;
        }
    }
}

static int open_signals(struct terminal *t, struct rvemu_error *error)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
        sigaddset(&set, ending[i]);
    sigaddset(&set, SIGTSTP);
    sigaddset(&set, SIGCONT);
    t->signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (t->signals.fd < 0)
        return rvemu_error_set(error, "cannot watch for signals: %s",
                               strerror(errno));
    sigprocmask(SIG_BLOCK, &set, &t->old_mask);
    loop_add(t->loop, &t->signals);
    return 0;
}

int terminal_open(struct terminal *t, int fd, bool keyboard_signals,
                  struct loop *loop, struct rvemu_error *error)
{
    *t = (struct terminal){
        .fd = -1,
        .keyboard_signals = keyboard_signals,
        .loop = loop,
        .signals = {.events = POLLIN, .ready = take_signals, .self = t},
    };
    if (open_signals(t, error) < 0)
        return -1;
    if (fd < 0 || tcgetattr(fd, &t->saved) < 0)
        return 0;
    t->fd = fd;
    watch_crashes(t);
    set_raw_mode(t);
    return 0;
}

void terminal_close(struct terminal *t)
{
    if (t->fd >= 0) {
        restore_mode(t);
        unwatch_crashes();
    }
    loop_remove(t->loop, &t->signals);
    close(t->signals.fd);
    sigprocmask(SIG_SETMASK, &t->old_mask, NULL);
}

void terminal_lend(struct terminal *t)
{
    if (!t->is_lent)
        restore_mode(t);
    t->is_lent = true;
    t->is_interrupted = t->is_resumed = false;
}

void terminal_reclaim(struct terminal *t)
{
    t->is_lent = false;
    resume(t);
}
