/*
 * orphan: a child sees its parent's number; when the parent is gone, it is
 * a child of process 1. The grandchild asks before and after its parent's
 * end and reports through a pipe to the grandparent, who is not its parent
 * and cannot wait for it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/gate.h"

struct report {
    pid_t parent_before;
    pid_t parent_after;
};

static void grandchild(int fd, const struct gate *ready)
{
    struct report report = {.parent_before = getppid()};

    gate_open(ready);
    while ((report.parent_after = getppid()) == report.parent_before)
        usleep(1000);
    _exit(write(fd, &report, sizeof(report)) == sizeof(report) ? EXIT_SUCCESS
                                                               : EXIT_FAILURE);
}

int main(void)
{
    struct report report;
    struct gate ready;
    int fds[2];
    pid_t pid, self = getpid();

    gate_init(&ready);
    if (pipe(fds) < 0)
        die("pipe");
    pid = fork_or_die();
    if (pid == 0) {
        if (getppid() != self || getpid() == self)
            _exit(EXIT_FAILURE);
        if (fork_or_die() == 0)
            grandchild(fds[1], &ready);
        gate_wait(&ready);
        _exit(EXIT_SUCCESS);
    }
    close(fds[1]);
    check(reap(pid) == 0, "the child knew its parent");
    if (read(fds[0], &report, sizeof(report)) != sizeof(report))
        die("read");
    check(report.parent_before == pid, "the grandchild knew its own");
    check(report.parent_after == 1, "and is now a child of process %d",
          report.parent_after);
    return check_verdict("orphan");
}
