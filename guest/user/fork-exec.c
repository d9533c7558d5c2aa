/*
 * fork-exec: a program replaced by another, and not.
 *
 * A child runs this very program with the argument `echo`, which prints its
 * arguments and environment. Then execve is refused in every way there is,
 * and each time the caller must find itself as it was: its memory, its
 * descriptors, its number. A descriptor stays open across exec unless it
 * was marked otherwise.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"

#define SELF "/bin/fork-exec"
#define PLAIN_FILE "/tmp/not-a-program"

enum { HUGE_ARGUMENT = 4 << 20, ECHO_STATUS = 23 };

static long canary = 0x5eed;

/* What runs after exec: argv[2] and argv[3] are descriptors. */
static int echo(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("argv[%d] = %s\n", i, argv[i]);
    for (int i = 0; environ[i] != NULL; i++)
        printf("envp[%d] = %s\n", i, environ[i]);
    printf("descriptor kept: %s\n",
           fcntl(atoi(argv[2]), F_GETFD) >= 0 ? "open" : "closed");
    printf("descriptor marked: %s\n",
           fcntl(atoi(argv[3]), F_GETFD) >= 0 ? "open" : "closed");
    printf("data starts afresh: %lx\n", canary);
    return ECHO_STATUS;
}

static void run_echo(void)
{
    int fds[2];
    char kept[12], marked[12];
    char *argv[] = {"fork-exec", "echo", kept, marked, "two words", "", NULL};
    char *envp[] = {"FIRST=1", "SECOND=a b", NULL};
    pid_t pid;

    if (pipe(fds) < 0 || fcntl(fds[1], F_SETFD, FD_CLOEXEC) < 0)
        die("pipe");
    snprintf(kept, sizeof(kept), "%d", fds[0]);
    snprintf(marked, sizeof(marked), "%d", fds[1]);
    pid = fork_or_die();
    if (pid == 0) {
        canary = 0;
        execve(SELF, argv, envp);
        die(SELF);
    }
    check(WEXITSTATUS(reap(pid)) == ECHO_STATUS, "the new program's status");
    close(fds[0]);
    close(fds[1]);
}

static void refused(const char *path, char *argument, int error,
                    const char *name)
{
    char *argv[] = {"fork-exec", argument, NULL};
    char *envp[] = {NULL};
    char on_stack[] = "stack";
    pid_t pid = getpid();
    int result = execve(path, argv, envp);

    check(result == -1 && errno == error, "%s: %s", name, strerror(errno));
    check(canary == 0x5eed && strcmp(on_stack, "stack") == 0 &&
              getpid() == pid && fcntl(STDOUT_FILENO, F_GETFD) == 0,
          "and the caller is intact");
}

static void refuse_all(void)
{
    char *huge = malloc(HUGE_ARGUMENT);
    int fd = open(PLAIN_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0755);

    if (fd < 0 || write(fd, "just some text\n", 15) != 15)
        die(PLAIN_FILE);
    close(fd);
    if (huge == NULL)
        die("malloc");
    memset(huge, 'x', HUGE_ARGUMENT - 1);
    huge[HUGE_ARGUMENT - 1] = '\0';
    refused("/bin/no-such-program", NULL, ENOENT, "no such file");
    refused(SELF "/below", NULL, ENOTDIR, "a file in the path");
    refused("/bin", NULL, EACCES, "a directory");
    refused(PLAIN_FILE, NULL, ENOEXEC, "not a program");
    refused(SELF, huge, E2BIG, "4 MiB of argument");
    refused((char *)8, NULL, EFAULT, "a bad path");
    refused(SELF, (char *)8, EFAULT, "a bad argument");
    unlink(PLAIN_FILE);
    free(huge);
}

int main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[1], "echo") == 0)
        return echo(argc, argv);
    run_echo();
    refuse_all();
    run_echo();
    return check_verdict("fork-exec");
}
