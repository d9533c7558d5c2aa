/*
 * fork-limit: fork until it is refused, then take everything back.
 *
 * Against RLIMIT_NPROC and against the system's own limit: children are
 * made until fork fails with EAGAIN, all of them are reaped, and the next
 * fork succeeds. Then a process fills memory and finds no frames for a child:
 * ENOMEM, and its pages are as they were. In the end every frame is free
 * again. How many children there were depends on the machine's memory and
 * is not printed.
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

static void try_all(void)
{
    pid_t pid;

    try_limit("the system's limit", SYSTEM_TRIES);
    fflush(stdout);
    pid = fork_or_die();
    if (pid == 0)
        exit(exhaust_memory());
    check(reap(pid) == 0, "the process that filled memory is gone");
}

int main(void)
{
    struct rlimit old, new;
    struct counters before, after;
    bool counted = counters_read(&before);

    getrlimit(RLIMIT_NPROC, &old);
    new = old;
    new.rlim_cur = NPROC_LIMIT;
    if (setrlimit(RLIMIT_NPROC, &new) < 0)
        die("setrlimit");
    if (counted)
        try_limit("RLIMIT_NPROC", NPROC_TRIES);
    else
        climb(NPROC_TRIES);
    setrlimit(RLIMIT_NPROC, &old);
    if (counted) {
        /* The first climb grew the kernel's caches; measure the second. */
        climb(SYSTEM_TRIES);
        counters_read(&before);
        try_all();
        counters_read(&after);
        check(before.frames_free == after.frames_free,
              "frames that did not come back: %ld",
              before.frames_free - after.frames_free);
    }
    return check_verdict("fork-limit");
}
