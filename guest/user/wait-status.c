/*
 * wait-status: what a parent learns of its children's ends, and when.
 * Exit statuses (the low eight bits), death by a signal from outside and by
 * the child's own fault; WNOHANG; the zombie that stands in /proc until it
 * is waited for; and ECHILD when there is nobody left.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/gate.h"

static void exits_with(int status, int seen)
{
    pid_t pid = fork_or_die();

    if (pid == 0)
        _exit(status);
    status = reap(pid);
    check(WIFEXITED(status) && WEXITSTATUS(status) == seen,
          "a child that left with %d", WEXITSTATUS(status));
}

static void dies_of(int number)
{
    pid_t pid = fork_or_die();
    int status;

    if (pid == 0)
        for (;;)
            ;
    kill(pid, number);
    status = reap(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == number,
          "a child that was ended: %s", strsignal(WTERMSIG(status)));
}

static void faults(void)
{
    pid_t pid = fork_or_die();
    int status;

    if (pid == 0) {
        __asm__ volatile("sb zero, (zero)");
        _exit(EXIT_SUCCESS);
    }
    status = reap(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
          "a child that stored to 0: %s", strsignal(WTERMSIG(status)));
}

static void executes(unsigned instruction, int number)
{
    pid_t pid = fork_or_die();
    int status;

    if (pid == 0) {
        if (instruction == 0)
            __asm__ volatile(".half 0");
        else
            __asm__ volatile("ebreak");
        _exit(EXIT_SUCCESS);
    }
    status = reap(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == number,
          "a child that met %s: %s",
          instruction == 0 ? "no instruction" : "a breakpoint",
          strsignal(WTERMSIG(status)));
}

/* The letter of the process's state, 0 if it is not there. */
static char state_of(pid_t pid)
{
    char path[32], text[256];
    char *end;
    int fd;
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    fd = open(path, O_RDONLY);
    if (fd < 0)
        return 0;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    end = strrchr(text, ')');
    return end != NULL && end[1] == ' ' ? end[2] : '?';
}

static void zombie(void)
{
    struct gate gate;
    int status;
    pid_t pid;

    gate_init(&gate);
    pid = fork_or_die();
    if (pid == 0) {
        gate_wait(&gate);
        _exit(5);
    }
    check(waitpid(pid, &status, WNOHANG) == 0, "WNOHANG: still running");
    gate_open(&gate);
    while (state_of(pid) != 'Z')
        usleep(1000);
    check(true, "it has ended and is a zombie");
    check(waitpid(pid, &status, WNOHANG) == pid && WEXITSTATUS(status) == 5,
          "WNOHANG: it left with 5");
    check(state_of(pid) == 0, "and is gone from /proc");
    gate_destroy(&gate);
}

int main(void)
{
    int status;

    exits_with(0, 0);
    exits_with(42, 42);
    exits_with(256 + 7, 7);
    dies_of(SIGKILL);
    dies_of(SIGTERM);
    faults();
    executes(0, SIGILL);
    executes(1, SIGTRAP);
    zombie();
    check(wait(&status) == -1 && errno == ECHILD, "nobody left: %s",
          strerror(errno));
    check(waitpid(getpid(), &status, 0) == -1 && errno == ECHILD,
          "not one's own child: %s", strerror(errno));
    return check_verdict("wait-status");
}
