/*
 * fork-mode                        says what this process's forks do
 * fork-mode eager|cow COMMAND …    runs a command whose forks do that
 *
 * Two runs of `cow`, one in each mode, show side by side what copying on
 * write saves.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/check.h"
#include "uapi/fork.h"

static const char *const modes[] = {
    [FORK_EAGER] = "eager",
    [FORK_COW] = "cow",
};

enum { MODES = sizeof(modes) / sizeof(*modes), USAGE = 2 };

int main(int argc, char **argv)
{
    if (argc == 1) {
        int mode = prctl(PR_GET_FORK_MODE, 0);

        if (mode < 0 || mode >= MODES)
            die("fork mode");
        puts(modes[mode]);
        return 0;
    }
    for (int mode = 0; mode < MODES && argc > 2; mode++)
        if (strcmp(argv[1], modes[mode]) == 0) {
            if (prctl(PR_SET_FORK_MODE, mode) < 0)
                die("fork mode");
            execvp(argv[2], argv + 2);
            die(argv[2]);
        }
    fputs("usage: fork-mode [eager|cow COMMAND …]\n", stderr);
    return USAGE;
}
