/*
 * signals: what a process makes of a signal. A handler runs between two
 * instructions and leaves no trace, not even in floating-point registers; it
 * is masked while it runs; it ends a sleeping call or lets it go on. Handlers
 * are inherited by fork and dropped by exec, ignored signals stay ignored,
 * pending ones are not inherited. A group is reached as a whole. SIGKILL is
 * nobody's.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/gate.h"

#define SELF "/bin/signals"
#define BIT(number) (1ul << ((number)-1))

enum { SIGNALS = 20, GROUP = 3 };

static volatile int handled;
static volatile int depth;
static volatile int deepest;

/* Uses registers of every kind, so that a forgotten one shows. */
static void count(int number)
{
    volatile double x = number;

    handled++;
    x = x * 3.5 + handled;
}

static void nest(int number)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (handled++ == 0)
        raise(number);
    depth--;
}

static void set_handler(int number, sighandler_t handler, unsigned long flags)
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = flags};

    if (sigaction(number, &act, NULL) < 0)
        die("sigaction");
    handled = 0;
}

/* A sum that any disturbed register would spoil. */
static double compute(int least)
{
    double sum = 0, factor = 1;
    long terms = 0;

    while (handled < least || terms % 4096 != 0) {
        factor = -factor;
        sum += factor * (double)(terms++ % 64);
    }
    return sum;
}

static void leaves_no_trace(void)
{
    pid_t parent = getpid();
    pid_t pid;

    set_handler(SIGUSR1, count, SA_RESTART);
    pid = fork_or_die();
    if (pid == 0)
        for (;;) {
            usleep(500);
            kill(parent, SIGUSR1);
        }
    /* 4096 terms are 64 whole runs of 0 - 1 + 2 … - 63, each -32. */
    check((long)compute(SIGNALS) % 2048 == 0,
          "%d handlers disturbed no computation", SIGNALS);
    kill(pid, SIGKILL);
    reap(pid);
}

static void masks_itself(void)
{
    set_handler(SIGUSR1, nest, 0);
    deepest = 0;
    raise(SIGUSR1);
    check(handled == 2 && deepest == 1,
          "raised in its handler it comes afterwards");
}

/* A read that waits; a child sends a signal, then a byte. */
static ssize_t interrupted_read(unsigned long flags)
{
    struct gate gate;
    pid_t parent = getpid();
    char byte;
    ssize_t n;
    int error;
    pid_t pid;

    gate_init(&gate);
    set_handler(SIGUSR1, count, flags);
    pid = fork_or_die();
    if (pid == 0) {
        usleep(2000);
        kill(parent, SIGUSR1);
        usleep(2000);
        gate_open(&gate);
        _exit(EXIT_SUCCESS);
    }
    n = read(gate.fds[0], &byte, 1);
    error = errno;
    reap(pid);
    gate_destroy(&gate);
    return n < 0 ? -error : n;
}

static void sleeping_calls(void)
{
    struct timespec span = {.tv_sec = 5}, left = {0};
    pid_t parent = getpid();
    pid_t pid;
    int result;

    check(interrupted_read(0) == -EINTR && handled == 1,
          "a handler ends a read");
    check(interrupted_read(SA_RESTART) == 1 && handled == 1,
          "or lets it go on");
    set_handler(SIGUSR1, count, 0);
    pid = fork_or_die();
    if (pid == 0) {
        usleep(2000);
        kill(parent, SIGUSR1);
        _exit(EXIT_SUCCESS);
    }
    result = nanosleep(&span, &left);
    check(result == -1 && errno == EINTR && left.tv_sec == 4,
          "it ends a sleep, which tells what is left");
    reap(pid);
}

static void fork_and_exec(void)
{
    char *argv[] = {"signals", "look", NULL};
    unsigned long mask = BIT(SIGUSR1), none = 0;
    pid_t pid;
    int status;

    set_handler(SIGUSR1, count, 0);
    signal(SIGUSR2, SIG_IGN);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    raise(SIGUSR1);
    pid = fork_or_die();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, &none, NULL);
        if (handled != 0)
            _exit(EXIT_FAILURE);
        raise(SIGUSR1);
        _exit(handled == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    check(reap(pid) == 0, "the child has the handler, not what is pending");
    check(handled == 0, "a blocked signal waits");
    sigprocmask(SIG_SETMASK, &none, NULL);
    check(handled == 1, "until it is let in");
    pid = fork_or_die();
    if (pid == 0) {
        execve(SELF, argv, environ);
        die(SELF);
    }
    status = reap(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1,
          "exec drops handlers and keeps what is ignored");
    signal(SIGUSR2, SIG_DFL);
}

/* After exec: an ignored signal does nothing, a handled one is deadly. */
static int look(void)
{
    raise(SIGUSR2);
    raise(SIGUSR1);
    return EXIT_FAILURE;
}

static void groups(void)
{
    pid_t pids[GROUP];
    int ended = 0;

    for (int i = 0; i < GROUP; i++) {
        pids[i] = fork_or_die();
        if (pids[i] == 0)
            for (;;)
                sleep(1000);
        setpgid(pids[i], pids[0]);
    }
    check(kill(-pids[0], SIGTERM) == 0, "a group is sent SIGTERM");
    for (int i = 0; i < GROUP; i++) {
        int status = reap(pids[i]);

        ended += WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
    }
    check(ended == GROUP, "%d of %d have ended", ended, GROUP);
    check(kill(-pids[0], SIGTERM) == -1 && errno == ESRCH,
          "and nobody is left: %s", strerror(errno));
}

static void unstoppable(void)
{
    struct sigaction act = {.sa_handler = SIG_IGN};

    check(sigaction(SIGKILL, &act, NULL) == -1 && errno == EINVAL,
          "SIGKILL cannot be ignored: %s", strerror(errno));
    check(kill(getpid(), 0) == 0 && kill(getpid(), 200) == -1 &&
              errno == EINVAL,
          "there is no signal 200: %s", strerror(errno));
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "look") == 0)
        return look();
    leaves_no_trace();
    masks_itself();
    sleeping_calls();
    fork_and_exec();
    groups();
    unstoppable();
    return check_verdict("signals");
}
