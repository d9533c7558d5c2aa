/*
 * fuzz [ROUNDS [SEED]]: system calls with arguments at random, and programs
 * with damaged headers. A process that does either may end in any way; the
 * kernel may not, and must have every frame back afterwards.
 *
 * Left out are calls that could wait for ever or that reach beyond the
 * process: those on files that last, on other processes, and fork.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../libc/syscall.h"
#include "lib/check.h"
#include "lib/counters.h"

enum {
    ROUNDS = 60,
    CALLS = 400, /* of one process */
    HEADERS = 64 + 4 * 56,
    FILE_MOST = 64 << 10,
    PATIENCE = 20, /* milliseconds that a damaged program may run */
    REFUSED = 77,
};

static const char victim[] = "/bin/true";
static const char damaged[] = "/tmp/damaged";

/* As the table of calls in the kernel has them. */
static const short calls[] = {
    17,  23,  24,  25,  29,  46,  48,  49,  59,  61,  62,  67,  78,  79,
    80,  96,  98,  99,  113, 114, 124, 134, 135, 136, 139, 153, 155, 156,
    160, 166, 169, 172, 173, 174, 179, 214, 215, 221, 222, 226, 233, 278,
};

/* Edges: small, page-sized, signs, the ends of user space, the kernel. */
static const uint64_t edges[] = {
    0,
    1,
    8,
    4095,
    4096,
    0x7fffffff,
    0x10000,
    ~0ul,
    -4096ul,
    1ul << 63,
    0x3fffffe000,
    0x3fffffdff8,
    0x4000000000,
    0x3fffffefff,
    0xffffffc080200000,
};

static uint64_t state;
static char area[8192];
static char original[FILE_MOST];
static char copy[FILE_MOST];

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint64_t argument(void)
{
    switch (next() % 4) {
    case 0: return edges[next() % (sizeof(edges) / sizeof(*edges))];
    case 1: return (uintptr_t)area + next() % sizeof(area);
    case 2: return next() % 70;
    default: return next() >> next() % 64;
    }
}

static void close_terminal(void)
{
    for (int fd = 0; fd < 3; fd++)
        close(fd);
}

static void call_at_random(void)
{
    close_terminal();
    for (int i = 0; i < CALLS; i++) {
        long number = calls[next() % (sizeof(calls) / sizeof(*calls))];

        syscall(number, argument(), argument(), argument(), argument(),
                argument(), argument());
    }
    _exit(EXIT_SUCCESS);
}

static void damage(size_t length)
{
    memcpy(copy, original, length);
    for (unsigned n = 1 + next() % 4; n > 0; n--) {
        size_t at = next() % HEADERS;
        uint64_t word = argument();

        copy[at] = (char)next();
        if (next() % 2)
            memcpy(copy + at / 8 * 8, &word, sizeof(word));
    }
}

static void run_damaged(void)
{
    char *argv[] = {(char *)damaged, NULL};

    close_terminal();
    execve(damaged, argv, environ);
    _exit(REFUSED);
}

/* True if the kernel refused to run it. */
static bool outlive(pid_t pid)
{
    const struct timespec moment = {0, 1000000};
    int status;

    for (int i = 0; i < PATIENCE; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return status == REFUSED << 8;
        nanosleep(&moment, NULL);
    }
    kill(pid, SIGKILL);
    reap(pid);
    return false;
}

static void try_calls(int rounds)
{
    for (int i = 0; i < rounds; i++) {
        pid_t pid;

        next();
        pid = fork_or_die();
        if (pid == 0)
            call_at_random();
        outlive(pid);
    }
    check(true, "the kernel has survived calls at random");
}

static size_t read_victim(void)
{
    int fd = open(victim, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, original, sizeof(original));

    if (n < HEADERS)
        die(victim);
    close(fd);
    return (size_t)n;
}

static void try_programs(int rounds)
{
    size_t length = read_victim();
    int refused = 0;

    for (int i = 0; i < rounds; i++) {
        int fd = open(damaged, O_CREAT | O_TRUNC | O_WRONLY, 0755);
        pid_t pid;

        damage(length);
        if (fd < 0 || write(fd, copy, length) != (ssize_t)length)
            die(damaged);
        close(fd);
        pid = fork_or_die();
        if (pid == 0)
            run_damaged();
        refused += outlive(pid);
    }
    unlink(damaged);
    check(refused > 0 && refused < rounds,
          "some damaged programs were refused, some ran");
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
    struct counters before, after;
    bool counted;

    state = argc > 2 ? strtoul(argv[2], NULL, 10) : 0x9e3779b97f4a7c15;
    memset(copy, 0, sizeof(copy));
    memset(original, 0, sizeof(original));
    try_calls(1);
    try_programs(1 + rounds / 10);
    counted = counters_read(&before);
    try_calls(rounds);
    try_programs(rounds);
    if (counted && counters_read(&after))
        check(after.frames_free == before.frames_free,
              "frames that did not come back: %ld",
              before.frames_free - after.frames_free);
    return check_verdict("fuzz");
}
