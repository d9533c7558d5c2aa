/*
 * Checks and verdicts of the test programs. Owns the count of failures.
 */
#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;

bool check(bool holds, const char *fact, ...)
{
    va_list args;

    printf(holds ? "ok: " : "NOT OK: ");
    va_start(args, fact);
    vprintf(fact, args);
    va_end(args);
    putchar('\n');
    if (!holds)
        failures++;
    return holds;
}

int check_verdict(const char *name)
{
    printf("%s: %s\n", name, failures == 0 ? "PASS" : "FAIL");
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

void die(const char *what)
{
    printf("%s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

int fork_or_die(void)
{
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    return pid;
}

int reap(int pid)
{
    int status = 0;

    if (waitpid(pid, &status, 0) != pid)
        die("waitpid");
    return status;
}
