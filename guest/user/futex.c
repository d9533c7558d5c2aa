/*
 * futex: sleeping on a word until another process has changed it. Processes
 * that share the word meet at it, by whatever address each of them knows it;
 * those that only have equal copies do not. A wake-up wakes as many as it says,
 * a sleep ends in time or for a signal, and who ends wakes who waits for that.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../libc/syscall.h"
#include "lib/check.h"

enum {
    WAIT = 0,
    WAKE = 1,
    CMP_REQUEUE = 4,
    WAIT_BITSET = 9,
    WAKE_BITSET = 10,
    PRIVATE = 128,
    PAGE = 4096,
    SLEEPERS = 3,
    TIRED = 20000000, /* ns of a sleep that nobody is to end */
};

#define CLONE_VM 0x100ul
#define CLONE_CHILD_SETTID 0x1000000ul
#define CLONE_CHILD_CLEARTID 0x200000ul

struct shared {
    uint32_t word;
    uint32_t other;
    int tid;
};

static struct shared *shared;
static uint32_t own; /* a copy in each process */

static long wake(uint32_t *word, int count)
{
    return syscall(SYS_futex, word, WAKE, count, 0, 0, 0);
}

/* Wakes until as many have come: they may not sleep yet. */
static long wake_all(uint32_t *word, int count)
{
    long woken = 0;

    for (int tries = 0; woken < count && tries < 200; tries++) {
        woken += wake(word, count);
        usleep(1000);
    }
    return woken;
}

/* A child that sleeps on a word while that is 0; leaves with errno. */
static pid_t sleeper(uint32_t *word, int operation, uint32_t bitset)
{
    pid_t pid = fork_or_die();

    if (pid == 0)
        _exit(syscall(SYS_futex, word, operation, 0, NULL, NULL, bitset) < 0
                  ? errno
                  : 0);
    return pid;
}

static int left_with(pid_t pid)
{
    int status = reap(pid);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void meet(void)
{
    int fd = open("/tmp/futex", O_RDWR | O_CREAT, 0600);
    uint32_t *here, *there;
    pid_t pid;

    ftruncate(fd, PAGE);
    here = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    there = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid = sleeper(&shared->word, WAIT, 0);
    check(wake_all(&shared->word, 1) == 1 && left_with(pid) == 0,
          "shared memory without a name");
    pid = sleeper(here, WAIT, 0);
    check(wake_all(there, 1) == 1 && left_with(pid) == 0,
          "a file at two addresses");
    munmap(here, PAGE);
    munmap(there, PAGE);
    close(fd);
    unlink("/tmp/futex");
}

/* How a sleep of at most TIRED ns on a word ends. */
static int doze(uint32_t *word, int operation, uint32_t value)
{
    struct timespec span = {.tv_nsec = TIRED}, now;

    if (operation == WAIT_BITSET) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        span.tv_nsec += now.tv_nsec;
        span.tv_sec = now.tv_sec + span.tv_nsec / 1000000000;
        span.tv_nsec %= 1000000000;
    }
    return syscall(SYS_futex, word, operation, value, &span, NULL, 1) < 0
               ? errno
               : 0;
}

static void do_not_meet(void)
{
    pid_t pid = fork_or_die();

    if (pid == 0)
        _exit(doze(&own, WAIT, 0));
    usleep(TIRED / 4000);
    check(wake(&own, 1) == 0 && left_with(pid) == ETIMEDOUT,
          "copies of a word are two");
}

static void end_in_time(void)
{
    check(doze(&own, WAIT | PRIVATE, 0) == ETIMEDOUT, "after so long");
    check(doze(&own, WAIT_BITSET | PRIVATE, 0) == ETIMEDOUT, "at a moment");
    check(doze(&own, WAIT, 1) == EAGAIN, "at once: another value");
}

static void nothing(int number)
{
    (void)number;
}

static void end_by_signal(void)
{
    struct sigaction act = {.sa_handler = nothing};
    pid_t parent = getpid(), pid;
    long result;

    sigaction(SIGUSR1, &act, NULL);
    pid = fork_or_die();
    if (pid == 0) {
        usleep(2000);
        kill(parent, SIGUSR1);
        _exit(0);
    }
    result = syscall(SYS_futex, &own, WAIT, 0, NULL, NULL, 0);
    check(result < 0 && errno == EINTR, "by a handler");
    reap(pid);
}

static void are_counted(void)
{
    pid_t pids[SLEEPERS];
    long moved = 0;
    int right = 0;

    for (int i = 0; i < SLEEPERS; i++)
        pids[i] = sleeper(&shared->word, WAIT, 0);
    usleep(20000);
    moved = syscall(SYS_futex, &shared->word, CMP_REQUEUE, 1, SLEEPERS,
                    &shared->other, 1);
    check(moved < 0 && errno == EAGAIN, "not moved: another value");
    moved = syscall(SYS_futex, &shared->word, CMP_REQUEUE, 1, SLEEPERS,
                    &shared->other, 0);
    check(moved == SLEEPERS, "one woken, the others moved");
    check(wake(&shared->word, SLEEPERS) == 0 &&
              wake(&shared->other, SLEEPERS) == SLEEPERS - 1,
          "and found where they are now");
    for (int i = 0; i < SLEEPERS; i++)
        right += left_with(pids[i]) == 0;
    check(right == SLEEPERS, "%d have been woken", right);
}

static void are_chosen(void)
{
    pid_t one = sleeper(&shared->word, WAIT_BITSET, 1);
    pid_t two = sleeper(&shared->word, WAIT_BITSET, 2);
    long woken;

    usleep(20000);
    woken = syscall(SYS_futex, &shared->word, WAKE_BITSET, SLEEPERS, 0, 0, 2);
    check(woken == 1 && left_with(two) == 0, "by a bit");
    wake(&shared->word, 1);
    check(left_with(one) == 0, "or by any");
}

/* The child of a clone that shares memory, on a stack of its own. */
static void thread(void)
{
    usleep(2000);
    _exit(0);
}

long start_thread(unsigned long flags, void *stack, int *tid,
                  void (*run)(void));

__asm__(".text\n"
        "start_thread:\n"
        "   mv a5, a3\n"
        "   mv a4, a2\n"
        "   li a2, 0\n"
        "   li a3, 0\n"
        "   li a7, 220\n"
        "   ecall\n"
        "   bnez a0, 1f\n"
        "   jr a5\n"
        "1: ret\n");

static void wakes_at_end(void)
{
    static char stack[2 * PAGE] __attribute__((aligned(16)));
    long pid;
    int tid;

    shared->tid = -1;
    pid = start_thread(CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID |
                           SIGCHLD,
                       stack + sizeof(stack), &shared->tid, thread);
    if (pid < 0)
        return; /* an emulator of Linux without such a clone */
    while ((tid = *(volatile int *)&shared->tid) != 0)
        syscall(SYS_futex, &shared->tid, WAIT, tid, NULL, NULL, 0);
    check(tid == 0, "who ends wakes who waits for that");
    reap((int)pid);
}

int main(void)
{
    shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        die("mmap");
    meet();
    do_not_meet();
    end_in_time();
    end_by_signal();
    are_counted();
    are_chosen();
    wakes_at_end();
    return check_verdict("futex");
}
