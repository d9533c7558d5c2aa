/*
 * no-memory: what happens when a page is needed and no frame is left. A
 * process that touches more than there is ends with SIGKILL, alone; a system
 * call that would have to fill such a page gives EFAULT and the process goes
 * on. Both times every frame comes back.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/counters.h"

enum { PAGE = 4096, FRAMES_MARGIN = 200 };

static const size_t GIGABYTE = 1ul << 30;

static volatile char *map(void)
{
    void *area = mmap(NULL, GIGABYTE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (area == MAP_FAILED)
        die("mmap");
    return area;
}

static void touch(volatile char *area, size_t from, size_t to)
{
    for (size_t at = from; at < to; at += PAGE)
        area[at] = 1;
}

static void touch_too_much(void)
{
    touch(map(), 0, GIGABYTE);
}

/* Fills memory but for a few frames; the kernel's stores take the rest. */
static void read_too_much(void)
{
    struct counters counters;
    volatile char *area = map();
    size_t at;
    int fds[2];

    if (pipe(fds) < 0)
        die("pipe");
    counters_read(&counters);
    at = (size_t)(counters.frames_free - FRAMES_MARGIN) * PAGE;
    touch(area, 0, at);
    for (; at < GIGABYTE; at += PAGE)
        if (write(fds[1], "x", 1) != 1 ||
            read(fds[0], (void *)(area + at), 1) != 1)
            break;
    _exit(errno == EFAULT && at < GIGABYTE ? EXIT_SUCCESS : EXIT_FAILURE);
}

static int run(void (*greedy)(void))
{
    pid_t pid = fork_or_die();

    if (pid == 0) {
        greedy();
        _exit(EXIT_FAILURE);
    }
    return reap(pid);
}

int main(void)
{
    struct counters before, after;
    int status;

    if (!counters_read(&before)) {
        puts("no-memory: only a kernel of a few hundred MiB is safe to try");
        return EXIT_FAILURE;
    }
    run(read_too_much); /* grows the kernel's caches */
    counters_read(&before);
    status = run(touch_too_much);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
          "who touches too much: %s", strsignal(WTERMSIG(status)));
    check(run(read_too_much) == 0, "a call that finds no frame: %s",
          strerror(EFAULT));
    counters_read(&after);
    check(before.frames_free == after.frames_free,
          "frames that did not come back: %ld",
          before.frames_free - after.frames_free);
    return check_verdict("no-memory");
}
