/*
 * mappings: what a mapping may cost and what it may spoil. One that fails has
 * removed nothing; a large one costs what is touched of it; many of them cost
 * as much each as a few.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"

enum { PAGE = 4096, GIB = 1 << 30 };

static char *map(void *at, size_t bytes, int flags)
{
    return mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1,
                0);
}

static void fails_for_nothing(void)
{
    char *at = map((void *)(64l * GIB), PAGE, MAP_PRIVATE | MAP_FIXED);
    void *result;

    at[0] = 'a';
    result = map(at, 100l * GIB, MAP_SHARED | MAP_FIXED);
    check(result == MAP_FAILED && errno == ENOMEM && at[0] == 'a',
          "one that fails leaves what was there");
    result = map(at, PAGE, MAP_PRIVATE | MAP_FIXED);
    check(result == at && at[0] == 0, "one that does not replaces it");
    munmap(at, PAGE);
}

static void costs_what_is_touched(void)
{
    volatile char *at = map(NULL, 3l * GIB, MAP_SHARED);
    pid_t pid;

    if (at == MAP_FAILED)
        die("3 GiB");
    pid = fork_or_die();
    if (pid == 0) {
        at[2l * GIB] = 'b';
        _exit(0);
    }
    check(reap(pid) == 0 && at[2l * GIB] == 'b',
          "a page of 3 GiB that are shared");
    munmap((void *)at, 3l * GIB);
}

/* Areas side by side that cannot be one: each takes a look-up, each later one
 * would walk by all those before. */
static long cost(int count)
{
    long before, after;

    __asm__ volatile("rdinstret %0" : "=r"(before));
    for (int i = 0; i < count; i++) {
        if (mmap(NULL, PAGE, i % 2 ? PROT_READ : PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
            die("mmap");
    }
    __asm__ volatile("rdinstret %0" : "=r"(after));
    return (after - before) / count;
}

static void costs_as_before(void)
{
    long few = cost(100), many = cost(3000);

    if (!check(many < 2 * few, "the last of many costs what the first did"))
        printf("%ld, and %ld\n", few, many);
}

int main(void)
{
    costs_as_before();
    fails_for_nothing();
    costs_what_is_touched();
    return check_verdict("mappings");
}
