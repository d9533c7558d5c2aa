/*
 * cow-count [N]: counts copies exactly. N pages of heap and one each of data
 * and stack are written before a fork. The child then stores to all of them:
 * one copy a page, none for a second store. Then the parent stores, the last
 * owner now: no copy. Then the child is gone and its frames are free again.
 *
 * Before the count starts both sides settle, so that looking at the counters
 * copies nothing; gates leave the order of all this to nobody. A first, silent
 * round fills the kernel's own caches. A kernel that copies at fork must count
 * nothing at all.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/counters.h"
#include "lib/gate.h"

enum { PAGE = 4096, DEFAULT_PAGES = 16 };

struct areas {
    volatile char *heap;
    int heap_pages;
    volatile char *stack;
};

static volatile char data[PAGE] __attribute__((aligned(PAGE)));
static struct gate to_child;
static struct gate to_parent;
static bool counted;

static void store_all(const struct areas *areas, char value)
{
    for (int i = 0; i < areas->heap_pages; i++)
        areas->heap[(long)i * PAGE] = value;
    data[0] = value;
    areas->stack[0] = value;
}

static bool all_are(const struct areas *areas, char value)
{
    bool same = data[0] == value && areas->stack[0] == value;

    for (int i = 0; i < areas->heap_pages; i++)
        same = same && areas->heap[(long)i * PAGE] == value;
    return same;
}

/* What the stores since `before` have caused. */
static struct counters since(const struct counters *before)
{
    struct counters now;

    counters_read(&now);
    now.cow_copies -= before->cow_copies;
    now.cow_reuses -= before->cow_reuses;
    return now;
}

static bool child(const struct areas *areas, long expected, bool report)
{
    struct counters start, first, both;
    bool good = true;

    counters_settle();
    gate_open(&to_parent);
    gate_wait(&to_child);
    counters_read(&start);
    store_all(areas, 'b');
    first = since(&start);
    store_all(areas, 'c');
    both = since(&start);
    if (report && counted) {
        good &= check(first.cow_copies == expected && first.cow_reuses == 0,
                      "the child's stores copied %ld pages", first.cow_copies);
        good &= check(both.cow_copies == expected && both.cow_reuses == 0,
                      "storing again copied %ld",
                      both.cow_copies - first.cow_copies);
    }
    gate_open(&to_parent);
    gate_wait(&to_child);
    return good && all_are(areas, 'c');
}

static void last_owner(const struct areas *areas, long expected, bool report)
{
    struct counters start, result;

    counters_read(&start);
    store_all(areas, 'q');
    result = since(&start);
    if (report && counted)
        check(result.cow_copies == 0 && result.cow_reuses == expected,
              "the last owner's stores copied %ld pages and kept %ld",
              result.cow_copies, result.cow_reuses);
}

static void round_trip(const struct areas *areas, bool report)
{
    long expected = fork_is_eager() ? 0 : areas->heap_pages + 2;
    bool apart, child_good;
    pid_t pid;

    store_all(areas, 'p');
    pid = fork_or_die();
    if (pid == 0)
        exit(child(areas, expected, report) ? EXIT_SUCCESS : EXIT_FAILURE);
    gate_wait(&to_parent);
    counters_settle();
    gate_open(&to_child);
    gate_wait(&to_parent);
    apart = all_are(areas, 'p');
    last_owner(areas, expected, report);
    gate_open(&to_child);
    child_good = reap(pid) == 0 && all_are(areas, 'q');
    if (report) {
        check(apart, "the parent did not see the child's stores");
        check(child_good, "the child did not see the parent's");
    }
}

int main(int argc, char **argv)
{
    char stack[2 * PAGE];
    struct areas areas = {
        .heap_pages = argc > 1 ? atoi(argv[1]) : DEFAULT_PAGES,
        .stack = (char *)(((uintptr_t)stack + PAGE - 1) & -(uintptr_t)PAGE),
    };
    char *heap = sbrk((long)(areas.heap_pages + 1) * PAGE);
    struct counters before, after;

    if (heap == (char *)-1)
        die("sbrk");
    areas.heap = (char *)(((uintptr_t)heap + PAGE - 1) & -(uintptr_t)PAGE);
    gate_init(&to_child);
    gate_init(&to_parent);
    counted = counters_read(&before);
    round_trip(&areas, false);
    counters_read(&before);
    round_trip(&areas, true);
    counters_read(&after);
    if (counted)
        check(after.frames_free == before.frames_free,
              "frames that did not come back: %ld",
              before.frames_free - after.frames_free);
    return check_verdict("cow-count");
}
