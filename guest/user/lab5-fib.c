/*
 * lab5-fib: one array of Fibonacci numbers over several pages, begun by the
 * parent and ended twice. The fork falls in the middle of a page: both sides
 * read the numbers before it from shared pages and store those after it to
 * pages of their own, taking turns. Both arrays must be right from end to
 * end, with the child's numbers reduced by another modulus so that no page
 * of one can pass for the other's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/gate.h"

enum {
    COUNT = 2048, /* four pages of 512 */
    FORK_AT = 1100,
    STEP = 316, /* numbers to a turn */
    SHOWN = 10,
    PARENT_MODULUS = 1000003,
    CHILD_MODULUS = 999983,
};

static long fib[COUNT] __attribute__((aligned(4096)));

static void extend(int from, int to, long modulus)
{
    for (int i = from; i < to; i++)
        fib[i] = i < 2 ? i : (fib[i - 1] + fib[i - 2]) % modulus;
}

static bool is_right(long modulus)
{
    bool right = fib[0] == 0 && fib[1] == 1;

    for (int i = 2; i < COUNT; i++)
        right = right && fib[i] == (fib[i - 1] + fib[i - 2]) %
                                       (i < FORK_AT ? PARENT_MODULUS : modulus);
    return right;
}

/* Stores a share, then lets the other side store the same indices. */
static void take_turns(const char *who, long modulus, const struct gate *mine,
                       const struct gate *other)
{
    for (int from = FORK_AT; from < COUNT; from += STEP) {
        int to = from + STEP < COUNT ? from + STEP : COUNT;

        gate_wait(mine);
        extend(from, to, modulus);
        printf("%s: fib[%d] = %ld\n", who, to - 1, fib[to - 1]);
        gate_open(other);
    }
}

int main(void)
{
    struct gate to_parent, to_child;
    pid_t pid;

    gate_init(&to_parent);
    gate_init(&to_child);
    extend(0, FORK_AT, PARENT_MODULUS);
    printf("parent: first numbers");
    for (int i = 0; i < SHOWN; i++)
        printf(" %ld", fib[i]);
    putchar('\n');
    pid = fork_or_die();
    if (pid == 0) {
        take_turns("child", CHILD_MODULUS, &to_child, &to_parent);
        gate_wait(&to_child);
        return is_right(CHILD_MODULUS) ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    gate_open(&to_child);
    take_turns("parent", PARENT_MODULUS, &to_parent, &to_child);
    check(reap(pid) == 0, "the child's %d numbers are right", COUNT);
    check(is_right(PARENT_MODULUS), "the parent's %d numbers are right", COUNT);
    return check_verdict("lab5-fib");
}
