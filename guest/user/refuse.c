/*
 * refuse: a call that means nothing here is answered with an error. Yes, and
 * then nothing done, is the one answer that a program cannot live with: it goes
 * by what it was told.
 *
 * The first table is what any Linux answers. In the second are answers of Linux
 * that an emulation of it in user mode may not give, then what this kernel has
 * not got though Linux has.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../libc/syscall.h"
#include "lib/check.h"
#include "uapi/fork.h"

enum { PAGE = 4096, ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS };

struct call {
    const char *what;
    int error;
    short number;
    long a[6];
};

static char area[3 * PAGE] __attribute__((aligned(PAGE)));
static const long minus_one[2] = {-1, 0};

#define AREA (long)area
#define TMP (long)"/tmp/refuse"

static const struct call linux_refuses[] = {
    {"dup3: a flag", EINVAL, 24, {1, 9, 1}},
    {"pipe2: a flag", EINVAL, 59, {AREA, 1}},
    {"unlinkat: a flag", EINVAL, 35, {-100, TMP, 1}},
    {"faccessat: a mode", EINVAL, 48, {-100, TMP, 8}},
    {"faccessat2: a flag", EINVAL, 439, {-100, TMP, 0, 1}},
    {"newfstatat: a flag", EINVAL, 79, {-100, TMP, AREA, 1}},
    {"lseek: from where", EINVAL, 62, {3, 0, 9}},
    {"pread: an offset of -1", EINVAL, 67, {3, AREA, 1, -1}},
    {"ftruncate: a size of -1", EINVAL, 46, {3, -1}},
    {"clock_gettime: a clock", EINVAL, 113, {999, AREA}},
    {"clock_getres: a clock", EINVAL, 114, {999, AREA}},
    {"clock_nanosleep: a clock", EINVAL, 115, {999, 0, AREA, 0}},
    {"ppoll: a time of -1", EINVAL, 73, {0, 0, (long)minus_one, 0, 8}},
    {"wait4: an option", EINVAL, 260, {-1, 0, 0x10, 0}},
    {"mmap: neither shared nor private",
     EINVAL,
     222,
     {0, PAGE, 3, MAP_ANONYMOUS, -1, 0}},
    {"mmap: an offset of -1", EINVAL, 222, {0, PAGE, 1, MAP_PRIVATE, 3, -1}},
    {"mmap: an offset that has no end",
     EOVERFLOW,
     222,
     {0, PAGE, 1, MAP_PRIVATE, 3, -PAGE}},
    {"mprotect: a protection", EINVAL, 226, {AREA, PAGE, 0x100}},
    {"madvise: an odd address", EINVAL, 233, {AREA + 1, PAGE, 4}},
    {"prlimit: a resource", EINVAL, 261, {0, 16, 0, AREA}},
    {"getrandom: a flag", EINVAL, 278, {AREA, 1, 8}},
    {"sigprocmask: a size", EINVAL, 135, {0, 0, AREA, 4}},
    {"sigaction: a size", EINVAL, 134, {SIGUSR1, 0, AREA, 4}},
    {"clone: handlers alone", EINVAL, 220, {0x800 | SIGCHLD}},
    {"kill: a signal", EINVAL, 129, {0, 65}},
    {"tgkill: nobody", EINVAL, 131, {0, 0, SIGUSR1}},
    {"openat: a directory to write", EISDIR, 56, {-100, (long)"/tmp", O_CREAT}},
};

static const struct call we_refuse[] = {
    {"mmap: where something is",
     EEXIST,
     222,
     {AREA, PAGE, 3, ANONYMOUS | 0x100000, -1, 0}},
    {"madvise: an advice", EINVAL, 233, {AREA, PAGE, 12345}},
    {"madvise: a hole", ENOMEM, 233, {AREA, 3 * PAGE, 4}},
    {"madvise: DONTFORK", EINVAL, 233, {AREA, PAGE, 10}},
    {"mmap: GROWSDOWN", EINVAL, 222, {0, PAGE, 3, ANONYMOUS | 0x100, -1, 0}},
    {"mmap: a flag", EINVAL, 222, {0, PAGE, 3, ANONYMOUS | 1 << 30, -1, 0}},
    {"openat: O_PATH", EINVAL, 56, {-100, TMP, 010000000}},
    {"prlimit: a file's size", EINVAL, 261, {0, 1, (long)minus_one, 0}},
    {"set_robust_list", ENOSYS, 99, {AREA, 24}},
    {"futex: LOCK_PI", ENOSYS, 98, {AREA, 6}},
    {"clone: a thread", EINVAL, 220, {0x10900}},
};

static void refuses(const struct call *calls, size_t count)
{
    for (const struct call *c = calls; c < calls + count; c++) {
        long result = syscall(c->number, c->a[0], c->a[1], c->a[2], c->a[3],
                              c->a[4], c->a[5]);

        check(result < 0 && errno == c->error, "%s", c->what);
    }
}

/* What is granted is also kept. */
static void keeps_limit(void)
{
    struct rlimit limit;
    int fds[8], opened = 0;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 6;
    setrlimit(RLIMIT_NOFILE, &limit);
    while (opened < 8 && (fds[opened] = dup(0)) >= 0)
        opened++;
    check(opened == 2 && errno == EMFILE, "six files, and no more");
    while (opened > 0)
        close(fds[--opened]);
}

static long ms_of_cpu(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void keeps_clock(void)
{
    long before = ms_of_cpu();

    usleep(100000);
    check(ms_of_cpu() - before < 50, "CPU time does not go on in sleep");
}

int main(void)
{
    close(3);
    if (open("/tmp/refuse", O_RDWR | O_CREAT, 0600) != 3)
        die("open");
    munmap(area + PAGE, PAGE);
    refuses(linux_refuses, sizeof(linux_refuses) / sizeof(*linux_refuses));
    keeps_limit();
    keeps_clock();
    if (prctl(PR_GET_FORK_MODE, 0) >= 0)
        refuses(we_refuse, sizeof(we_refuse) / sizeof(*we_refuse));
    unlink("/tmp/refuse");
    return check_verdict("refuse");
}
