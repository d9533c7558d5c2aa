/*
 * bomb [MILLISECONDS [LIMIT]]: a fork bomb. Every process forks as fast as it
 * can for so long (200 ms), under RLIMIT_NPROC (64 processes of the user), and
 * then leaves. The system must stay usable, and all must be reaped; ^C ends it
 * sooner. It goes off only on our own kernel: elsewhere the limit may not bind
 * the super-user.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/counters.h"

enum { MILLISECONDS = 200, LIMIT = 64 };

static long now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
    long end = now() + (argc > 1 ? atol(argv[1]) : MILLISECONDS);
    struct rlimit limit;
    pid_t first = getpid();
    struct counters counters;
    long refused = 0;

    if (!counters_read(&counters)) {
        printf("bomb: this kernel may not hold it\n");
        return EXIT_FAILURE;
    }
    getrlimit(RLIMIT_NPROC, &limit);
    limit.rlim_cur = argc > 2 ? (unsigned long)atol(argv[2]) : LIMIT;
    if (setrlimit(RLIMIT_NPROC, &limit) < 0)
        die("setrlimit");
    printf("bomb: at most %lu processes\n", limit.rlim_cur);
    while (now() < end)
        if (fork() < 0) {
            refused++;
            sched_yield();
        }
    while (wait(NULL) > 0)
        ;
    if (getpid() != first)
        _exit(EXIT_SUCCESS);
    check(refused > 0, "fork was refused in the end");
    return check_verdict("bomb");
}
