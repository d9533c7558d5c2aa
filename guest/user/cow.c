/*
 * cow: what copy-on-write does, one store at a time.
 *
 * A parent fills four pages and forks. Then child and parent take turns to
 * store, each store announced by a line before it happens:
 *
 *   page 0   the child stores first            a copy for the child
 *   page 1   the child stores, then the parent a copy, then nothing: the
 *                                              parent is the last owner
 *   page 2   the parent stores first           a copy for the parent
 *   page 3   the parent, when the child is     nothing: the last owner
 *            gone
 *
 * At the end each side has read its own values at the same addresses, and
 * the kernel's counters say three copies and two reuses (a kernel that
 * copies at fork says none of either).
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/counters.h"
#include "lib/gate.h"

enum { PAGES = 4, COPIES = 3, REUSES = 2 };

struct page {
    volatile long value;
} __attribute__((aligned(4096)));

static struct page pages[PAGES];
static struct gate to_child;
static struct gate to_parent;

static void store(const char *who, int page, long value)
{
    printf("%s %d stores %ld to page %d\n", who, getpid(), value, page);
    pages[page].value = value;
}

static bool read_all(const char *who, const long expected[PAGES])
{
    bool same = true;

    printf("%s %d reads", who, getpid());
    for (int i = 0; i < PAGES; i++) {
        printf(" %ld", pages[i].value);
        same = same && pages[i].value == expected[i];
    }
    putchar('\n');
    return same;
}

/*
 * Right after fork each side stores to its stack and to the page that holds
 * stdio's buffers, which copies those. Doing it at once keeps it out of what
 * follows.
 */
static void settle(const char *who)
{
    printf("%s %d writes its stack and its stdio buffer\n", who, getpid());
    counters_settle();
}

static int child(void)
{
    static const long expected[PAGES] = {200, 201, 102, 103};

    settle("child ");
    gate_open(&to_parent);
    gate_wait(&to_child);
    store("child ", 0, 200);
    store("child ", 1, 201);
    gate_open(&to_parent);
    gate_wait(&to_child);
    return read_all("child ", expected) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void parent(pid_t pid)
{
    static const long expected[PAGES] = {100, 301, 302, 303};
    struct counters before, after;
    bool counted;

    gate_wait(&to_parent);
    settle("parent");
    counted = counters_read(&before);
    gate_open(&to_child);
    gate_wait(&to_parent);
    store("parent", 1, 301);
    store("parent", 2, 302);
    gate_open(&to_child);
    check(reap(pid) == 0, "the child saw its own values and nothing else");
    store("parent", 3, 303);
    check(read_all("parent", expected), "so did the parent");
    if (!counted || !counters_read(&after))
        return;
    after.cow_copies -= before.cow_copies;
    after.cow_reuses -= before.cow_reuses;
    if (fork_is_eager())
        check(after.cow_copies == 0 && after.cow_reuses == 0,
              "all was copied at fork: no store copied anything");
    else
        check(after.cow_copies == COPIES && after.cow_reuses == REUSES,
              "pages copied: %ld, kept by their last owner: %ld",
              after.cow_copies, after.cow_reuses);
}

int main(void)
{
    pid_t pid;

    gate_init(&to_child);
    gate_init(&to_parent);
    printf("parent %d fills %d pages, from %p on\n", getpid(), PAGES,
           (void *)pages);
    for (int i = 0; i < PAGES; i++)
        pages[i].value = 100 + i;
    printf("parent %d forks\n", getpid());
    pid = fork_or_die();
    if (pid == 0)
        return child();
    parent(pid);
    return check_verdict("cow");
}
