/*
 * many [N]: what a process costs while there are many. N processes, then four
 * times as many, wait in three ways, are ended and reaped. Each may cost a
 * little more in the second round; not twice as much. Who waits does nothing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../libc/syscall.h"
#include "lib/check.h"
#include "lib/counters.h"

enum { DEFAULT = 200, TIMES = 4, MOST = 1200, POLLIN = 1 };

struct pollfd {
    int fd;
    short events, revents;
};

static pid_t pids[MOST];
static long switches; /* between tasks, while all wait */

static long instructions(void)
{
    long count;

    __asm__ volatile("rdinstret %0" : "=r"(count));
    return count;
}

/* For a signal, for a pipe that stays empty, for a time far away. */
static void wait_for_ever(int way, int pipe_end)
{
    struct pollfd set = {.fd = pipe_end, .events = POLLIN};

    for (;;) {
        if (way == 0)
            syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
        else if (way == 1)
            syscall(SYS_ppoll, &set, 1, NULL, NULL, 0);
        else
            sleep(1000);
    }
}

/* Instructions for each of n processes, in a quarter of a second. */
static long cost(int n)
{
    long before = instructions();
    struct counters start, end;
    int ends[2];

    if (pipe(ends) < 0)
        die("pipe");
    for (int i = 0; i < n; i++) {
        pids[i] = fork_or_die();
        if (pids[i] == 0)
            wait_for_ever(i % 3, ends[0]);
    }
    usleep(50000);
    counters_read(&start);
    usleep(200000);
    counters_read(&end);
    switches = end.switches - start.switches;
    for (int i = 0; i < n; i++)
        kill(pids[i], SIGKILL);
    for (int i = 0; i < n; i++)
        reap(pids[i]);
    close(ends[0]);
    close(ends[1]);
    return (instructions() - before) / n;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : DEFAULT;
    long few, many;

    if (n < 1 || n > MOST / TIMES)
        n = DEFAULT;
    few = cost(n);
    many = cost(TIMES * n);
    if (!check(many < 2 * few, "many cost each what a few do"))
        printf("%ld, and %ld\n", few, many);
    if (!check(switches < TIMES * n, "and none runs while it waits"))
        printf("%ld\n", switches);
    return check_verdict("many");
}
