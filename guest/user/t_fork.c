/*
 * Two processes, one address, two values. Parent and child print the same
 * addresses; the child has tripled its variables, the parent's are as they
 * were. The parent waits, so that the child's line always comes first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int in_data = 111;

int main(void)
{
    int on_stack = 222;
    const char *who = "parent";
    pid_t child = fork();

    switch (child) {
    case -1: perror("fork"); return EXIT_FAILURE;
    case 0:
        who = "child";
        in_data *= 3;
        on_stack *= 3;
        break;
    default: wait(NULL); break;
    }
    printf("%s[PID %d] idata = %d and &idata = %p; "
           "istack = %d and &istack = %p\n",
           who, getpid(), in_data, (void *)&in_data, on_stack,
           (void *)&on_stack);
    return EXIT_SUCCESS;
}
