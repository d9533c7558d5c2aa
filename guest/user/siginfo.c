/*
 * siginfo: what is told with a signal. A fault says why and where, a child how
 * it ended, a process who it is and, if it wants, a value. Signals can be
 * waited for instead of handled; those from SIGRTMIN on are each kept, in
 * order, the others once. Who ignores its children has no zombies.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../libc/syscall.h"
#include "lib/check.h"

#define BIT(number) (1ul << ((number)-1))

enum { PAGE = 4096, KEPT = SIGRTMIN + 8, VALUES = 3 };

/* What a handler in a child was told, for its parent. */
static siginfo_t *told;
static char *place; /* of the fault */

static void tell(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    *told = *info;
    _exit(0);
}

static void set_handler(int number, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

    if (sigaction(number, &act, NULL) < 0)
        die("sigaction");
}

static void store(void)
{
    *(volatile char *)place = 1;
}

static void execute_nothing(void)
{
    __asm__ volatile(".word 0");
}

static void execute_ebreak(void)
{
    __asm__ volatile("ebreak");
}

static void kill_itself(void)
{
    kill(getpid(), SIGUSR1);
}

static void raise_it(void)
{
    raise(SIGUSR1);
}

/* What a child is told of the signal that it brings about. */
static const siginfo_t *in_child(int number, void (*act)(void))
{
    pid_t pid = fork_or_die();

    if (pid == 0) {
        set_handler(number, tell);
        act();
        _exit(1);
    }
    if (reap(pid) != 0)
        told->si_code = -1000;
    return told;
}

static void of_faults(void)
{
    place = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(in_child(SIGSEGV, store)->si_code == SEGV_ACCERR &&
              told->si_addr == place,
          "a store that is not allowed");
    munmap(place += PAGE, PAGE);
    check(in_child(SIGSEGV, store)->si_code == SEGV_MAPERR &&
              told->si_addr == place,
          "a store to nothing");
    check(in_child(SIGILL, execute_nothing)->si_code == ILL_ILLOPC &&
              told->si_addr == (char *)execute_nothing,
          "no instruction, and where");
    check(in_child(SIGTRAP, execute_ebreak)->si_code == TRAP_BRKPT,
          "a breakpoint");
}

static void of_senders(void)
{
    check(in_child(SIGUSR1, kill_itself)->si_code == SI_USER &&
              told->si_pid > getpid(),
          "kill, and by whom");
    check(in_child(SIGUSR1, raise_it)->si_code == SI_TKILL, "raise");
}

/* Waits for a signal of the set, for 5 s at most. */
static int take(unsigned long set, siginfo_t *info)
{
    struct timespec span = {.tv_sec = 5};

    return sigtimedwait(&set, info, &span);
}

static void of_children(void)
{
    siginfo_t info;
    unsigned long set = BIT(SIGCHLD);
    pid_t pid;

    sigprocmask(SIG_BLOCK, &set, NULL);
    pid = fork_or_die();
    if (pid == 0)
        _exit(7);
    check(take(set, &info) == SIGCHLD && info.si_pid == pid &&
              info.si_code == CLD_EXITED && info.si_status == 7,
          "a child that left with 7");
    reap(pid);
    pid = fork_or_die();
    if (pid == 0)
        for (;;)
            sleep(1);
    kill(pid, SIGKILL);
    check(take(set, &info) == SIGCHLD && info.si_pid == pid &&
              info.si_code == CLD_KILLED && info.si_status == SIGKILL,
          "a child that was killed");
    reap(pid);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void are_kept(void)
{
    unsigned long set = BIT(KEPT) | BIT(SIGUSR1);
    struct timespec moment = {.tv_nsec = 20000000};
    siginfo_t info;
    int right = 0;

    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < VALUES; i++) {
        sigqueue(getpid(), KEPT, (union sigval){.sival_int = i});
        kill(getpid(), SIGUSR1);
    }
    check(take(set, &info) == SIGUSR1, "the lower one comes first, once");
    for (int i = 0; i < VALUES; i++)
        right += take(set, &info) == KEPT && info.si_value.sival_int == i &&
                 info.si_code == SI_QUEUE;
    check(right == VALUES, "%d values in their order", right);
    check(sigtimedwait(&set, &info, &moment) < 0 && errno == EAGAIN,
          "then none, in time");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void nothing(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    (void)context;
}

static void end_calls(void)
{
    unsigned long set = BIT(SIGUSR2), none = 0;
    struct timespec span = {.tv_sec = 5};
    long result;

    set_handler(SIGUSR2, nothing);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGUSR2);
    result = syscall(SYS_ppoll, NULL, 0, &span, &none, sizeof(none));
    check(result < 0 && errno == EINTR, "a mask lent to ppoll lets one in");
    sigprocmask(SIG_BLOCK, &none, &none);
    check(none == set, "and is taken back");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void have_no_zombies(void)
{
    signal(SIGCHLD, SIG_IGN);
    if (fork_or_die() == 0)
        _exit(0);
    check(wait(NULL) < 0 && errno == ECHILD, "ignored children leave nothing");
    signal(SIGCHLD, SIG_DFL);
}

static void aborts(void)
{
    pid_t pid = fork_or_die();
    int status;

    if (pid == 0)
        abort();
    status = reap(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "abort");
}

int main(void)
{
    told = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    if (told == MAP_FAILED)
        die("mmap");
    of_faults();
    of_senders();
    of_children();
    are_kept();
    end_calls();
    have_no_zombies();
    aborts();
    return check_verdict("siginfo");
}
