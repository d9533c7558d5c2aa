/*
 * Processes: making, replacing, ending and waiting for them; their limits,
 * their signals, and the clocks they sleep by. Thin coats over system calls:
 * a function without a comment is the call of its name.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "syscall.h"

pid_t fork(void)
{
    return (pid_t)syscall(SYS_clone, SIGCHLD);
}

int execve(const char *path, char *const argv[], char *const envp[])
{
    return (int)syscall(SYS_execve, path, argv, envp);
}

int execvp(const char *name, char *const argv[])
{
    const char *dir = getenv("PATH");
    char path[256];

    if (strchr(name, '/') != NULL)
        return execve(name, argv, environ);
    if (dir == NULL)
        dir = "/bin";
    errno = ENOENT;
    while (*dir != '\0') {
        size_t length = strcspn(dir, ":");
        int n = snprintf(path, sizeof(path), "%.*s/%s", (int)length, dir, name);

        if (n < (int)sizeof(path))
            execve(path, argv, environ);
        if (errno != ENOENT && errno != ENOTDIR)
            return -1;
        dir += length + (dir[length] == ':');
    }
    return -1;
}

void _exit(int status)
{
    for (;;)
        syscall(SYS_exit_group, status);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    return (pid_t)syscall(SYS_wait4, pid, status, options, NULL);
}

pid_t wait(int *status)
{
    return waitpid(-1, status, 0);
}

pid_t getpid(void)
{
    return (pid_t)syscall(SYS_getpid);
}

pid_t getppid(void)
{
    return (pid_t)syscall(SYS_getppid);
}

uid_t getuid(void)
{
    return (uid_t)syscall(SYS_getuid);
}

int setpgid(pid_t pid, pid_t group)
{
    return (int)syscall(SYS_setpgid, pid, group);
}

pid_t getpgid(pid_t pid)
{
    return (pid_t)syscall(SYS_getpgid, pid);
}

int sched_yield(void)
{
    return (int)syscall(SYS_sched_yield);
}

int getrlimit(int resource, struct rlimit *out)
{
    return (int)syscall(SYS_prlimit64, 0, resource, NULL, out);
}

int setrlimit(int resource, const struct rlimit *limit)
{
    return (int)syscall(SYS_prlimit64, 0, resource, limit, NULL);
}

int prctl(int option, unsigned long argument)
{
    return (int)syscall(SYS_prctl, option, argument);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    return (int)syscall(SYS_clock_gettime, clock, now);
}

int nanosleep(const struct timespec *span, struct timespec *left)
{
    return (int)syscall(SYS_nanosleep, span, left);
}

unsigned sleep(unsigned seconds)
{
    struct timespec span = {.tv_sec = seconds};

    if (nanosleep(&span, &span) == 0)
        return 0;
    return (unsigned)span.tv_sec + (span.tv_nsec > 0);
}

int usleep(unsigned microseconds)
{
    struct timespec span = {
        .tv_sec = microseconds / 1000000,
        .tv_nsec = microseconds % 1000000 * 1000,
    };

    return nanosleep(&span, NULL);
}

int sigaction(int number, const struct sigaction *act, struct sigaction *old)
{
    return (int)syscall(SYS_rt_sigaction, number, act, old,
                        sizeof(act->sa_mask));
}

int sigprocmask(int how, const unsigned long *set, unsigned long *old)
{
    return (int)syscall(SYS_rt_sigprocmask, how, set, old, sizeof(*set));
}

sighandler_t signal(int number, sighandler_t handler)
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct sigaction old;

    return sigaction(number, &act, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int kill(pid_t pid, int number)
{
    return (int)syscall(SYS_kill, pid, number);
}

int raise(int number)
{
    return (int)syscall(SYS_tgkill, getpid(), getpid(), number);
}

int sigqueue(pid_t pid, int number, union sigval value)
{
    siginfo_t info = {.si_signo = number,
                      .si_code = SI_QUEUE,
                      .si_pid = getpid(),
                      .si_uid = getuid(),
                      .si_value = value};

    return (int)syscall(SYS_rt_sigqueueinfo, pid, number, &info);
}

int sigtimedwait(const unsigned long *set, siginfo_t *info,
                 const struct timespec *timeout)
{
    return (int)syscall(SYS_rt_sigtimedwait, set, info, timeout, sizeof(*set));
}
