/*
 * A program for the viewer: a child stores to a variable that it shares with
 * its parent, and gets a page of its own.
 *
 *   riscv64-linux-gnu-gcc -g -static docs/examples/lab.c -o lab
 *   emu-view ./lab
 *
 * The variable has a page to itself, so that nothing that the C library does
 * copies it before the child's store; and it is read before the fork, so that
 * there is a page to share.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile struct {
    int value;
} __attribute__((aligned(4096))) counter = {7};

int main(void)
{
    int pid;

    printf("before: %d\n", counter.value);
    pid = fork();
    if (pid == 0) {
        printf("child:  %d\n", counter.value);
        counter.value = 42;
        printf("child:  %d\n", counter.value);
        return 0;
    }
    waitpid(pid, NULL, 0);
    printf("parent: %d\n", counter.value);
    return 0;
}
