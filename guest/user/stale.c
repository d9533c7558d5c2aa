/*
 * stale: what a forgotten fence lets through.
 *
 * The parent stores to a page, so that its writable translation is in the
 * TLB, and forks: the kernel makes the page read-only for both and must
 * fence. The parent then waits, the child runs and looks at the page, then
 * waits too: satp has changed twice. Now the parent stores. If its old
 * translation is still there, nothing faults, nothing is copied, and the
 * store lands in the frame that the child reads.
 *
 * The same would happen to the stack, and the child would run on its
 * parent's variables. So the parent goes from fork to its store on bare
 * system calls, with nothing stored in between.
 *
 * Exit status 0: the child still read the old value; 1: it read the
 * parent's.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../libc/syscall.h"
#include "lib/check.h"
#include "lib/gate.h"

enum { BEFORE = 111, AFTER = 999 };

static struct {
    volatile long value;
} __attribute__((aligned(4096))) page;

/* What the kernel fills in for the parent; the child never looks at it. */
static struct {
    char byte;
    int status;
} __attribute__((aligned(4096))) answers;

/* Returns 0 in the child; in the parent when the child is gone. */
static __attribute__((noinline)) long race(const struct gate *to_child,
                                           const struct gate *to_parent)
{
    long pid;

    page.value = BEFORE;
    pid = syscall6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (pid <= 0)
        return pid;
    syscall6(SYS_read, to_parent->fds[0], (long)&answers.byte, 1, 0, 0, 0);
    page.value = AFTER;
    syscall6(SYS_write, to_child->fds[1], (long)"", 1, 0, 0, 0);
    syscall6(SYS_wait4, pid, (long)&answers.status, 0, 0, 0, 0);
    return pid;
}

static int child(const struct gate *to_child, const struct gate *to_parent)
{
    long first = page.value, second;

    gate_open(to_parent);
    gate_wait(to_child);
    second = page.value;
    printf("child: read %ld, then %ld\n", first, second);
    return second == BEFORE ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(void)
{
    struct gate to_child, to_parent;
    long pid;

    gate_init(&to_child);
    gate_init(&to_parent);
    printf("parent: stores %d, forks, waits, stores %d\n", BEFORE, AFTER);
    answers.byte = 0;
    pid = race(&to_child, &to_parent);
    if (pid < 0)
        die("fork");
    if (pid == 0)
        return child(&to_child, &to_parent);
    printf(answers.status == 0
               ? "stale: isolated\n"
               : "stale: the parent's store reached the child\n");
    return answers.status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
