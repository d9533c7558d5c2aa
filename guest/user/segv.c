/*
 * segv: memory that a process may not touch that way. Each offence is
 * committed by a child, which must die of SIGSEGV, alone: its parent goes on
 * and finds its text, constants and data as they were.
 */
#include <alloca.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"

enum { PAGE = 4096 };

static const int constant = 7;
static int data[4];

/* The address as the compiler cannot see through it. */
static volatile int *hidden(const volatile void *va)
{
    __asm__("" : "+r"(va));
    return (volatile int *)va;
}

static __attribute__((noinline)) int offence_target(void)
{
    return 42;
}

static void store_to_text(void)
{
    *hidden((void *)offence_target) = 0;
}

static void store_to_rodata(void)
{
    *hidden(&constant) = 0;
}

static void load_from_null(void)
{
    (void)*hidden(NULL);
}

static void store_beyond_heap(void)
{
    char *end = sbrk(0);

    *(volatile char *)(end + 16 * PAGE) = 0;
}

static void load_from_kernel(void)
{
    (void)*hidden((void *)-4096l);
}

static void run_data(void)
{
    data[0] = 0x8082; /* ret */
    __asm__ volatile("fence.i" ::: "memory");
    ((void (*)(void))(void *)data)();
}

static void store_to_read_only_map(void)
{
    volatile char *map =
        mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (map[0] == 0)
        map[0] = 1;
}

static void load_from_unmapped(void)
{
    volatile char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    map[0] = 1;
    munmap((void *)map, PAGE);
    (void)map[0];
}

static void overflow_stack(void)
{
    for (;;)
        *(volatile char *)alloca(PAGE) = 0;
}

static const struct {
    const char *name;
    void (*commit)(void);
} offences[] = {
    {"a store to text", store_to_text},
    {"a store to a constant", store_to_rodata},
    {"a load from null", load_from_null},
    {"a store beyond the heap", store_beyond_heap},
    {"a load from the kernel", load_from_kernel},
    {"a jump into data", run_data},
    {"a store to a read-only map", store_to_read_only_map},
    {"a load from what was unmapped", load_from_unmapped},
    {"a stack without end", overflow_stack},
};

int main(void)
{
    for (size_t i = 0; i < sizeof(offences) / sizeof(*offences); i++) {
        pid_t pid = fork_or_die();
        int status;

        if (pid == 0) {
            offences[i].commit();
            _exit(EXIT_SUCCESS);
        }
        status = reap(pid);
        check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
              "%s ends the child with SIGSEGV", offences[i].name);
    }
    check(offence_target() == 42 && *hidden(&constant) == 7 && data[0] == 0,
          "the parent is untouched");
    return check_verdict("segv");
}
