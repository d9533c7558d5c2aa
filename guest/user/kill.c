/*
 * kill [-SIGNAL] PID …: sends a signal, SIGTERM unless told otherwise.
 * SIGNAL is a number or a name without its SIG; a negative PID is a group,
 * and needs a signal before it.
 */
#include <errno.h>
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    int number;
} signals[] = {
    {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"ILL", SIGILL},
    {"TRAP", SIGTRAP}, {"ABRT", SIGABRT}, {"BUS", SIGBUS},   {"FPE", SIGFPE},
    {"KILL", SIGKILL}, {"USR1", SIGUSR1}, {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},
    {"PIPE", SIGPIPE}, {"ALRM", SIGALRM}, {"TERM", SIGTERM}, {"CHLD", SIGCHLD},
    {"CONT", SIGCONT}, {"STOP", SIGSTOP},
};

static int number_of(const char *name)
{
    if (isdigit((unsigned char)name[0]))
        return atoi(name);
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        if (strcasecmp(name, signals[i].name) == 0)
            return signals[i].number;
    return -1;
}

int main(int argc, char **argv)
{
    int number = SIGTERM;
    int status = 0;
    int i = 1;

    if (i < argc && argv[i][0] == '-')
        number = number_of(argv[i++] + 1);
    if (number < 0 || i == argc) {
        fputs("usage: kill [-SIGNAL] PID …\n", stderr);
        return 2;
    }
    for (; i < argc; i++)
        if (kill(atoi(argv[i]), number) < 0) {
            fprintf(stderr, "kill: %s: %s\n", argv[i], strerror(errno));
            status = 1;
        }
    return status;
}
