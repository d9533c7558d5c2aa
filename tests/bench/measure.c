/*
 * measure REPORT COMMAND [ARGUMENT …]: runs the command and writes one line
 * to REPORT: wall time and CPU time (user and system) in nanoseconds, the
 * largest resident set in KiB, and the exit status (128 + signal if it was
 * killed).
 *
 * A program of its own because a process inherits the largest resident set
 * of what it was before exec: started from Python, everything is as large as
 * Python.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static long long cpu(const struct rusage *usage)
{
    long long seconds = usage->ru_utime.tv_sec + usage->ru_stime.tv_sec;
    long long micros = usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;

    return seconds * 1000000000ll + micros * 1000ll;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    long long start = nanoseconds(), end;
    FILE *report;
    int status;
    pid_t pid;

    if (argc < 3)
        return 125;
    pid = vfork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        _exit(125);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
        return 125;
    end = nanoseconds();
    report = fopen(argv[1], "w");
    if (!report)
        return 125;
    fprintf(report, "%lld %lld %ld %d\n", end - start, cpu(&usage),
            usage.ru_maxrss,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return fclose(report) ? 125 : 0;
}
