/*
 * lab5-cow: variables in data, heap and on the stack, shared after a fork
 * until one side stores. Each side reads what was there before the fork,
 * stores something of its own, lets the other do the same, and still reads
 * its own. A grandchild, forked while its parent shares pages with its own
 * parent, shares them a third time and disturbs neither.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/gate.h"

static char in_data[32] = "data before the fork";
static struct gate to_parent;
static struct gate to_child;

static void show(const char *who, const char *heap, const char *stack)
{
    printf("%s: %s | %s | %s\n", who, in_data, heap, stack);
}

static void rewrite(const char *who, char *heap, char *stack)
{
    snprintf(in_data, sizeof(in_data), "data of the %s", who);
    snprintf(heap, sizeof(in_data), "heap of the %s", who);
    snprintf(stack, sizeof(in_data), "stack of the %s", who);
}

static bool is_own(const char *who, const char *heap, const char *stack)
{
    char text[sizeof(in_data)];
    bool same;

    snprintf(text, sizeof(text), "data of the %s", who);
    same = strcmp(in_data, text) == 0;
    snprintf(text, sizeof(text), "heap of the %s", who);
    same = same && strcmp(heap, text) == 0;
    snprintf(text, sizeof(text), "stack of the %s", who);
    return same && strcmp(stack, text) == 0;
}

static int grandchild(char *heap, char *stack)
{
    show("grandchild", heap, stack);
    rewrite("grandchild", heap, stack);
    show("grandchild", heap, stack);
    return is_own("grandchild", heap, stack) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int child(char *heap, char *stack)
{
    bool good;
    pid_t pid;

    show("child", heap, stack);
    pid = fork_or_die();
    if (pid == 0)
        exit(grandchild(heap, stack));
    good = reap(pid) == 0;
    show("child", heap, stack);
    rewrite("child", heap, stack);
    show("child", heap, stack);
    gate_open(&to_parent);
    gate_wait(&to_child);
    show("child", heap, stack);
    return good && is_own("child", heap, stack) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(void)
{
    char on_stack[sizeof(in_data)] = "stack before the fork";
    char *in_heap = malloc(sizeof(in_data));
    pid_t pid;

    if (in_heap == NULL)
        die("malloc");
    strcpy(in_heap, "heap before the fork");
    gate_init(&to_parent);
    gate_init(&to_child);
    pid = fork_or_die();
    if (pid == 0)
        return child(in_heap, on_stack);
    gate_wait(&to_parent);
    show("parent", in_heap, on_stack);
    rewrite("parent", in_heap, on_stack);
    gate_open(&to_child);
    check(reap(pid) == 0, "child and grandchild kept their own");
    show("parent", in_heap, on_stack);
    check(is_own("parent", in_heap, on_stack), "so did the parent");
    return check_verdict("lab5-cow");
}
