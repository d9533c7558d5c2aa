/*
 * fork-limit [system]: fork until it is refused, then take everything back.
 *
 * Against RLIMIT_NPROC children are made until fork fails with EAGAIN; all of
 * them are reaped, and the next fork succeeds. Then a process fills memory
 * and finds no frames for a child: ENOMEM, and its pages are as they were. In
 * the end every frame is free again. With the argument the same is done
 * against the system's own limit of processes, which takes thousands.
 *
 * On a kernel without our counters only RLIMIT_NPROC is tried, and it may
 * not bind the super-user.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/counters.h"

enum {
    PAGE = 4096,
    NPROC_LIMIT = 12,
    NPROC_TRIES = 64,
    SYSTEM_TRIES = 100000,
    TABLE_REACH = 512, /* pages under one page table */
    FRAMES_LEFT = 8,   /* too few for a child */
    FRAMES_MARGIN = 64,
};

static void hold(const int fds[2])
{
    char byte;

    close(fds[1]);
    _exit(read(fds[0], &byte, 1) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* Forks until refused, reaps all; returns fork's error, or 0 if there was
 * none in so many tries. */
static int climb(int tries)
{
    int count = 0, left = 0, error = 0, status;
    int fds[2];

    if (pipe(fds) < 0)
        die("pipe");
    while (count < tries && error == 0) {
        pid_t pid = fork();

        if (pid == 0)
            hold(fds);
        if (pid < 0)
            error = errno;
        else
            count++;
    }
    close(fds[0]);
    close(fds[1]);
    while (wait(&status) > 0)
        left += status == 0;
    check(left == count, "every child was reaped");
    return error;
}

static void try_limit(const char *name, int tries)
{
    int error = climb(tries);
    pid_t pid;

    check(error == EAGAIN, "%s: %s", name, strerror(error));
    pid = fork_or_die();
    if (pid == 0)
        _exit(EXIT_SUCCESS);
    check(reap(pid) == 0, "the next fork succeeds");
}

/* Takes all frames but a few; returns the number of pages. */
static long fill_memory(volatile char *area)
{
    struct counters counters;
    long pages = 0, most;

    counters_read(&counters);
    most = counters.frames_free - counters.frames_free / TABLE_REACH -
           FRAMES_MARGIN;
    while (pages < most)
        area[pages++ * PAGE] = 1;
    for (;;) {
        counters_read(&counters);
        if (counters.frames_free <= FRAMES_LEFT)
            return pages;
        area[pages++ * PAGE] = 1;
    }
}

static int exhaust_memory(void)
{
    struct counters counters;
    volatile char *area;
    long pages, intact = 0;
    pid_t pid;

    counters_read(&counters);
    area = mmap(NULL, (size_t)counters.frames_free * PAGE,
                PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        die("mmap");
    pages = fill_memory(area);
    pid = fork();
    if (pid == 0)
        _exit(EXIT_SUCCESS);
    check(pid < 0 && errno == ENOMEM, "no memory: %s",
          pid < 0 ? strerror(errno) : "a child");
    for (long i = 0; i < pages; i++)
        intact += area[i * PAGE]++ == 1;
    check(intact == pages, "every page is intact and writable");
    return check_verdict("full memory");
}

static void fill_and_fork(void)
{
    pid_t pid = fork_or_die();

    if (pid == 0)
        exit(exhaust_memory());
    check(reap(pid) == 0, "the process that filled memory is gone");
}

static void limit_processes(unsigned long most)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NPROC, &limit);
    limit.rlim_cur = most;
    if (setrlimit(RLIMIT_NPROC, &limit) < 0)
        die("setrlimit");
}

int main(int argc, char **argv)
{
    bool system = argc > 1 && strcmp(argv[1], "system") == 0;
    int most = system ? SYSTEM_TRIES : NPROC_TRIES;
    struct counters before, after;

    if (!counters_read(&before)) {
        limit_processes(NPROC_LIMIT);
        climb(NPROC_TRIES);
        return check_verdict("fork-limit");
    }
    if (!system)
        limit_processes(NPROC_LIMIT);
    /* The first climb grew the kernel's caches; measure the second. */
    climb(most);
    counters_read(&before);
    try_limit(system ? "the system's limit" : "RLIMIT_NPROC", most);
    fill_and_fork();
    counters_read(&after);
    check(before.frames_free == after.frames_free,
          "frames that did not come back: %ld",
          before.frames_free - after.frames_free);
    return check_verdict("fork-limit");
}
