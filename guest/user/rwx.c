/*
 * rwx: every permission against every access. A page gets each of the eight
 * combinations, once when it is mapped and once afterwards, when it has been
 * stored to. A child loads from it, stores to it, or jumps to it, and dies of
 * SIGSEGV or not; the page holds zeros, so that a jump that is allowed ends
 * in SIGILL. On RISC-V what can be written can be read; nothing else implies
 * anything.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"

enum { PAGE = 4096, PROTECTIONS = 8, ACCESSES = 3 };

static void load(volatile int *page)
{
    (void)page[0];
}

static void store(volatile int *page)
{
    page[0] = 0;
}

static void fetch(volatile int *page)
{
    ((void (*)(void))(void *)page)();
}

static const struct {
    void (*run)(volatile int *page);
    int needs; /* any of these */
    int end;   /* the child's status when it is allowed */
} accesses[ACCESSES] = {
    {load, PROT_READ | PROT_WRITE, 0},
    {store, PROT_WRITE, 0},
    {fetch, PROT_EXEC, SIGILL},
};

static bool behaves(int access, int prot, volatile int *page)
{
    bool allowed = (prot & accesses[access].needs) != 0;
    pid_t pid = fork_or_die();

    if (pid == 0) {
        accesses[access].run(page);
        _exit(EXIT_SUCCESS);
    }
    return reap(pid) == (allowed ? accesses[access].end : SIGSEGV);
}

static void try_all(const char *how, int prot, volatile int *page)
{
    bool right = true;

    for (int access = 0; access < ACCESSES; access++)
        right = behaves(access, prot, page) && right;
    check(right, "%s %c%c%c: it allows what it says", how,
          prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ? 'w' : '-',
          prot & PROT_EXEC ? 'x' : '-');
    munmap((void *)page, PAGE);
}

static volatile int *map(int prot)
{
    int *page = mmap(NULL, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        die("mmap");
    return page;
}

int main(void)
{
    for (int prot = 0; prot < PROTECTIONS; prot++)
        try_all("mapped", prot, map(prot));
    for (int prot = 0; prot < PROTECTIONS; prot++) {
        volatile int *page = map(PROT_READ | PROT_WRITE);

        page[0] = 0;
        if (mprotect((void *)page, PAGE, prot) < 0)
            die("mprotect");
        try_all("changed to", prot, page);
    }
    return check_verdict("rwx");
}
