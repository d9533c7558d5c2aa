/*
 * cow-total: the kernel's own total of copies, told while both sides of the
 * only fork still live, so that whoever watches from outside can compare it
 * with what the page tables show at that moment.
 *
 * A parent fills PAGES pages and forks. The child stores to the first ones,
 * the parent to the last ones and to one that the child has had already (the
 * last owner: nothing is copied). The child then reads the counters, prints
 * them, and sleeps for a second, in which both sides can be looked at; run as
 * init, they hold nothing but this fork.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/counters.h"
#include "lib/gate.h"

enum { PAGES = 8, BY_CHILD = 3, BY_PARENT = 2 };

static struct {
    volatile long value;
} __attribute__((aligned(4096))) pages[PAGES];
static struct gate to_child;
static struct gate to_parent;

static int child(void)
{
    struct counters now;

    counters_settle();
    puts("child: stores"); /* touches what printing the result will */
    for (int i = 0; i < BY_CHILD; i++)
        pages[i].value = 200 + i;
    gate_open(&to_parent);
    gate_wait(&to_child);
    if (!counters_read(&now))
        return EXIT_FAILURE;
    printf("cow-total: %ld copied, %ld kept\n", now.cow_copies, now.cow_reuses);
    sleep(1);
    return EXIT_SUCCESS;
}

int main(void)
{
    pid_t pid;

    gate_init(&to_child);
    gate_init(&to_parent);
    for (int i = 0; i < PAGES; i++)
        pages[i].value = 100 + i;
    pid = fork_or_die();
    if (pid == 0)
        exit(child());
    gate_wait(&to_parent);
    counters_settle();
    for (int i = PAGES - BY_PARENT; i < PAGES; i++)
        pages[i].value = 300 + i;
    pages[0].value = 300;
    gate_open(&to_child);
    return reap(pid);
}
