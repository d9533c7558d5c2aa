/*
 * all: runs every test program in turn, each in a process of its own, and
 * says of each whether it succeeded:
 *
 *   all: 21 tests
 *   ok t_fork
 *   not ok pipes (status 1)
 *   …
 *   all: 20 of 21
 *
 * A program's own output stands above its line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"

static const char *const tests[] = {
    "t_fork",     "cow",         "cow-count", "segv",      "lab4",
    "lab5-cow",   "lab5-fib",    "lab5-fork", "fork-exec", "wait-status",
    "orphan",     "fork-fd",     "pipes",     "user-copy", "rwx",
    "vma",        "signals",     "no-memory", "stale",     "bomb",
    "fork-limit", "reservation", "file-map",  "siginfo",   "dirs",
    "mappings",   "refuse",
};

enum { COUNT = sizeof(tests) / sizeof(*tests) };

static int run(const char *name)
{
    char path[64];
    char *argv[] = {(char *)name, NULL};
    pid_t pid;

    snprintf(path, sizeof(path), "/bin/%s", name);
    pid = fork_or_die();
    if (pid == 0) {
        execve(path, argv, environ);
        die(path);
    }
    return reap(pid);
}

int main(void)
{
    int good = 0;

    printf("all: %d tests\n", COUNT);
    for (int i = 0; i < COUNT; i++) {
        int status = run(tests[i]);

        if (status == 0)
            printf("ok %s\n", tests[i]);
        else if (WIFEXITED(status))
            printf("not ok %s (status %d)\n", tests[i], WEXITSTATUS(status));
        else
            printf("not ok %s (signal %d)\n", tests[i], WTERMSIG(status));
        good += status == 0;
    }
    printf("all: %d of %d\n", good, COUNT);
    return good == COUNT ? EXIT_SUCCESS : EXIT_FAILURE;
}
