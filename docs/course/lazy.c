/*
 * The program that docs/course/lazy.rules grades a kernel by: memory that was
 * asked for is given page by page, as it is touched.
 *
 * Each function is one thing that a rule speaks of by its name. None is put
 * inline, and none touches a page of the area before it says so.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALONE __attribute__((noinline))

enum { PAGE = 4096, PAGES = 64, TOUCHED = 16, READ_INTO = 40 };

static volatile char *area;
static const char *wrong; /* the first that went wrong */

static void check(int holds, const char *what)
{
    if (!holds && !wrong)
        wrong = what;
}

/* 16 pages of 64, each for the first time. */
ALONE static void lazy(void)
{
    for (int i = 0; i < TOUCHED; i++)
        area[i * PAGE] = (char)i;
}

/* The same pages: they are there. */
ALONE static int again(void)
{
    int sum = 0;

    for (int i = 0; i < TOUCHED; i++)
        sum += area[i * PAGE];
    return sum;
}

/* A new page holds zeros, to its last byte. */
ALONE static int is_zero(int page)
{
    int sum = 0;

    for (int i = 0; i < PAGE; i++)
        sum |= area[page * PAGE + i];
    return sum == 0;
}

/* The kernel is the first to touch these two pages, in a system call. */
ALONE static void by_kernel(void)
{
    char *into = (char *)area + READ_INTO * PAGE + PAGE - 2;
    char text[] = "lazy", got[4] = "";
    int pipes[2];

    if (pipe(pipes) != 0 || write(pipes[1], text, sizeof(got)) != sizeof(got)) {
        check(0, "the pipe");
        return;
    }
    check(read(pipes[0], into, sizeof(got)) == sizeof(got),
          "a read into pages that nobody has touched");
    memcpy(got, into, sizeof(got));
    check(memcmp(text, got, sizeof(got)) == 0, "what was read");
    close(pipes[0]);
    close(pipes[1]);
}

/* Behind the end of the area there is nothing. */
ALONE static void beyond(void)
{
    area[PAGES * PAGE] = 1;
}

static void in_child(void)
{
    int status = 0;
    int pid = fork();

    if (pid == 0) {
        beyond();
        _exit(0);
    }
    check(pid > 0 && waitpid(pid, &status, 0) == pid, "the child");
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
          "a store behind the end");
}

int main(void)
{
    /* Room behind the end that stays empty, and so do tables. */
    char *room = mmap(NULL, 2 * PAGES * PAGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    check(room != MAP_FAILED && munmap(room + PAGES * PAGE, PAGES * PAGE) == 0,
          "mmap");
    area = room;
    lazy();
    check(again() == TOUCHED * (TOUCHED - 1) / 2, "what was stored");
    check(is_zero(TOUCHED), "zeros in a new page");
    by_kernel();
    in_child();
    check(munmap(room, PAGES * PAGE) == 0, "munmap");
    printf("lazy: %s\n", wrong ? wrong : "PASS");
    return wrong != NULL;
}
